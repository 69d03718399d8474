package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSecretFile bounds what is read as a key file; real ones have a few KB.
const maxSecretFile = 64 << 10

// readSecret reads a key file, refusing one that others may read.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode(); !mode.IsRegular() || mode.Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %s, want a regular file with 0600", path, mode)
	}
	if info.Size() > maxSecretFile {
		return nil, fmt.Errorf("%s has %d bytes, limit %d", path, info.Size(), maxSecretFile)
	}
	return os.ReadFile(path)
}

// LoadOrCreateSecret reads the key file at path, which nobody else may read, or makes it
// with generate. The file appears whole or not at all, and of two processes that make it
// at once both get the one that won.
func LoadOrCreateSecret(path string, generate func() ([]byte, error)) ([]byte, error) {
	if data, err := readSecret(path); !errors.Is(err, fs.ErrNotExist) {
		return data, err
	}
	data, err := generate()
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(data)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	if err := syncDir(dir); err != nil {
		return nil, err
	}
	return readSecret(path)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
