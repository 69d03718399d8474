// Package signatures identifies the signature set that an engine uses.
package signatures

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxFiles bounds a signature set.
const maxFiles = 100_000

// Set is the identity of a signature set.
type Set struct {
	// Digest is SHA-256 over, for each file in ascending order of its base name:
	// the name's length in 4 bytes and the content's in 8, both big-endian, the
	// name, and the content.
	Digest [sha256.Size]byte
	// Time is the newest modification time.
	Time time.Time
	// Files is their number.
	Files int
}

// Digester remembers the set until a file changes in size or modification time.
// The zero value is ready.
type Digester struct {
	// Match tells which base names count; nil means all.
	Match func(name string) bool

	mu    sync.Mutex
	state string
	set   Set
}

type file struct {
	path string
	info fs.FileInfo
}

// Of returns the set of all files at and directly in the paths.
func (d *Digester) Of(paths []string) (Set, error) {
	files, err := d.list(paths)
	if err != nil {
		return Set{}, err
	}
	var state strings.Builder
	fmt.Fprintf(&state, "%d files\n", len(files))
	for _, f := range files {
		fmt.Fprintf(&state, "%q %d %d\n", f.path, f.info.Size(), f.info.ModTime().UnixNano())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.state == state.String() {
		return d.set, nil
	}
	set, err := hash(files)
	if err != nil {
		return Set{}, err
	}
	d.state, d.set = state.String(), set
	return set, nil
}

func (d *Digester) list(paths []string) ([]file, error) {
	var files []file
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("signature set: %w", err)
		}
		if !info.IsDir() {
			files = append(files, file{path, info})
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, fmt.Errorf("signature set: %w", err)
		}
		for _, entry := range entries {
			info, err := os.Stat(filepath.Join(path, entry.Name()))
			if err != nil {
				return nil, fmt.Errorf("signature set: %w", err)
			}
			if info.Mode().IsRegular() && (d.Match == nil || d.Match(entry.Name())) {
				files = append(files, file{filepath.Join(path, entry.Name()), info})
			}
		}
	}
	if len(files) > maxFiles {
		return nil, fmt.Errorf("signature set has %d files, at most %d", len(files), maxFiles)
	}
	slices.SortStableFunc(files, func(a, b file) int { return strings.Compare(filepath.Base(a.path), filepath.Base(b.path)) })
	return files, nil
}

func hash(files []file) (Set, error) {
	set := Set{Files: len(files)}
	sum := sha256.New()
	for _, f := range files {
		name := filepath.Base(f.path)
		header := binary.BigEndian.AppendUint32(nil, uint32(len(name)))
		header = binary.BigEndian.AppendUint64(header, uint64(f.info.Size()))
		sum.Write(append(header, name...))
		if err := copyExactly(sum, f); err != nil {
			return Set{}, fmt.Errorf("signature set: %w", err)
		}
		if f.info.ModTime().After(set.Time) {
			set.Time = f.info.ModTime()
		}
	}
	set.Digest = [sha256.Size]byte(sum.Sum(nil))
	return set, nil
}

// copyExactly notices a file that changes while it is read.
func copyExactly(w io.Writer, f file) error {
	opened, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer opened.Close()
	size, err := io.Copy(w, opened)
	if err != nil {
		return err
	}
	if size != f.info.Size() {
		return fmt.Errorf("%s changed while it was read", f.path)
	}
	return nil
}
