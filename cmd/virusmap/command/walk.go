package command

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// found is a path to submit, or why it is not.
type found struct {
	path string
	size int64
	// url is the canonical text of a path that is a URL.
	url string
	// skip says why a path inside a directory is left out; that is no failure.
	skip string
	err  error
}

// find lists the URLs and the files under the arguments in a stable order. Arguments may be
// symbolic links; inside directories links are left out, so that there are no loops
// and nothing outside is sent. Directories need recursive.
func find(ctx context.Context, arguments []string, recursive bool) ([]found, error) {
	var all []found
	for _, argument := range arguments {
		if isURL(argument) {
			url, err := weburl.Canonical(argument)
			all = append(all, found{path: argument, size: int64(len(url)), url: url, err: err})
			continue
		}
		info, err := os.Stat(argument)
		switch {
		case err != nil:
			all = append(all, found{path: argument, err: err})
		case info.Mode().IsRegular():
			all = append(all, found{path: argument, size: info.Size()})
		case !info.IsDir():
			all = append(all, found{path: argument, err: fmt.Errorf("%s is a %s, not a file", argument, kindOf(info.Mode()))})
		case !recursive:
			return nil, usagef("%s is a directory; add --recursive to submit the files in it", argument)
		default:
			// The trailing separator makes WalkDir enter a link to a directory.
			err := filepath.WalkDir(filepath.Clean(argument)+string(filepath.Separator), func(path string, entry fs.DirEntry, err error) error {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				if item, ok := look(path, entry, err); ok {
					all = append(all, item)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// look decides about one entry of a directory; directories themselves are not listed.
func look(path string, entry fs.DirEntry, err error) (found, bool) {
	switch {
	case err != nil:
		return found{path: path, err: err}, true
	case entry.IsDir():
		return found{}, false
	case !entry.Type().IsRegular():
		return found{path: path, skip: kindOf(entry.Type())}, true
	}
	info, err := entry.Info()
	if err != nil {
		return found{path: path, err: err}, true
	}
	return found{path: path, size: info.Size()}, true
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "symbolic link"
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	case mode.IsDir():
		return "directory"
	default:
		return "special file"
	}
}
