package purchase

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/yeka/zip"
	"golang.org/x/sys/unix"
)

const (
	// Password of the ZIP files, by the custom of those who exchange malware.
	Password = "infected"
	// spareBytes are left free besides what is written.
	spareBytes = 4 << 20
)

// errOtherPlaintext means that a right key opened something that is not what was sold.
var errOtherPlaintext = errors.New("the content is not what its hash says")

// Output is where samples go: <sha256>.zip, encrypted so that no scanner or double click
// does harm by accident, or the bare file, never with execute permission.
type Output struct {
	Dir string
	Raw bool
}

// Check finds a full disk or a directory that cannot be written before anything is paid.
func (o Output) Check(bytes uint64) error {
	if err := os.MkdirAll(o.Dir, 0o777); err != nil {
		return err
	}
	probe, err := os.CreateTemp(o.Dir, ".virusmap-*")
	if err != nil {
		return err
	}
	_, err = probe.Write(make([]byte, 4096))
	if err := errors.Join(err, probe.Sync(), probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(o.Dir, &disk); err != nil {
		return fmt.Errorf("%s: %w", o.Dir, err)
	}
	need := bytes + bytes/1000 + spareBytes // deflate adds 5 bytes to 64 KiB at most
	if free := disk.Bavail * uint64(disk.Bsize); free < need {
		return fmt.Errorf("%s has %d bytes left, %d are needed", o.Dir, free, need)
	}
	return nil
}

// Path of a sample.
func (o Output) Path(contentSHA256 string) string {
	if o.Raw {
		return filepath.Join(o.Dir, contentSHA256)
	}
	return filepath.Join(o.Dir, contentSHA256+".zip")
}

// write puts a sample under its name once all of it has been read and has its hash.
func (o Output) write(ctx context.Context, contentSHA256 string, plain io.Reader) (path string, err error) {
	temporary := filepath.Join(o.Dir, "."+filepath.Base(o.Path(contentSHA256))+newSuffix)
	// A name of its own and no link: it is replaced when a crash left it.
	if err := remove(temporary); err != nil {
		return "", err
	}
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	from := io.TeeReader(readerFunc(func(p []byte) (int, error) {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		return plain.Read(p)
	}), hash)
	if o.Raw {
		_, err = io.Copy(file, from)
	} else {
		err = archive(file, contentSHA256, from)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); err == nil && sum != contentSHA256 {
		err = fmt.Errorf("%w: it has SHA-256 %s", errOtherPlaintext, sum)
	}
	path = o.Path(contentSHA256)
	return path, place(file, path, err)
}

// archive writes a ZIP with the traditional encryption, which every tool opens.
func archive(file io.Writer, name string, content io.Reader) error {
	archive := zip.NewWriter(file)
	entry, err := archive.Encrypt(name, Password, zip.StandardEncryption)
	if err != nil {
		return err
	}
	if _, err := io.Copy(entry, content); err != nil {
		return err
	}
	return archive.Close()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
