// Package engines carries the signatures, rules and scripts that come with
// VirusMap, so that a single binary can set them up.
package engines

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed README.md clamav yara blocklist urlrules
var shipped embed.FS

// Install writes the shipped files below dir, readable for everybody because
// engines run as another user, and leaves files alone that are there already.
func Install(dir string) error {
	return fs.WalkDir(shipped, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := shipped.ReadFile(path)
		if err != nil {
			return err
		}
		return writeNew(target, content)
	})
}

func writeNew(path string, content []byte) error {
	mode := fs.FileMode(0o644)
	if filepath.Ext(path) == ".sh" {
		mode = 0o755
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Close(), os.Remove(path))
	}
	return file.Close()
}
