package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"syscall"
)

var hashPattern = regexp.MustCompile(`^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$`)

// openRegular opens a regular file, and does not hang on a pipe that took its place.
func openRegular(path string) (*os.File, os.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is a %s, not a file", path, kindOf(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// hashFile returns the SHA-256 in hex and the size in bytes.
func hashFile(ctx context.Context, path string) (string, int64, error) {
	file, _, err := openRegular(path)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, &cancelled{ctx, file})
	return hex.EncodeToString(hash.Sum(nil)), size, err
}

// cancelled stops reading when its context ends.
type cancelled struct {
	ctx context.Context
	io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}

// resolve turns a HASH or FILE argument into a hash in lower case.
func resolve(ctx context.Context, argument string) (string, error) {
	if hashPattern.MatchString(argument) {
		return strings.ToLower(argument), nil
	}
	hash, _, err := hashFile(ctx, argument)
	if errors.Is(err, os.ErrNotExist) {
		return "", usagef("%q is neither a file nor an MD5, SHA-1 or SHA-256 in hex", argument)
	}
	return hash, err
}
