package zipbundle

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/yeka/zip"
)

// errTooLarge means that the samples of a bundle are larger than it may be.
var errTooLarge = errors.New("the samples are larger than a bundle may be")

func (b *Bundles) make(m *bundle) {
	ctx, cancel := context.WithTimeout(b.ctx, makeTimeout)
	defer cancel()
	err := b.write(ctx, m)
	switch {
	case err == nil:
		b.change(m, func(i *Info) { i.Status, i.Progress = Finished, 100 })
		return
	case ctx.Err() != nil:
		b.change(m, func(i *Info) { i.Status = Timeout })
	default:
		b.change(m, func(i *Info) {
			if i.Status == Starting {
				i.Status = ErrorStarting
			} else {
				i.Status = ErrorCreating
			}
		})
	}
	b.cfg.Log.Warn("a ZIP bundle could not be made", "id", m.ID, "error", err)
	_ = os.Remove(b.path(m.ID)) // it is removed with the folder otherwise
}

func (b *Bundles) change(m *bundle, change func(*Info)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&m.Info)
}

func (b *Bundles) write(ctx context.Context, m *bundle) (err error) {
	file, err := os.OpenFile(b.path(m.ID), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	b.change(m, func(i *Info) { i.Status = Creating })
	buffered := bufio.NewWriterSize(file, 256<<10)
	archive := zip.NewWriter(buffered)
	left := b.cfg.MaxBytes
	for n, hash := range m.hashes {
		size, err := b.check(ctx, m.account, hash, left)
		if errors.Is(err, errTooLarge) || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
		if err == nil {
			left -= size
			err = b.add(ctx, archive, m, hash, size)
			if err != nil { // the archive has a part of it
				return err
			}
		} else if !errors.Is(err, ErrNotEntitled) {
			b.cfg.Log.Warn("a sample is left out of a ZIP bundle", "sha256", hex.EncodeToString(hash[:]), "error", err)
		}
		b.change(m, func(i *Info) {
			if err == nil {
				i.FilesOK++
			} else {
				i.FilesError++
			}
			i.Progress = 100 * (n + 1) / len(m.hashes)
		})
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return buffered.Flush()
}

// check reads a sample to its end, as only then it is known to be genuine, and no plaintext
// may wait on disk for that.
func (b *Bundles) check(ctx context.Context, account string, hash [32]byte, limit int64) (size int64, err error) {
	plain, err := b.cfg.Source(ctx, account, hash)
	if err != nil {
		return 0, err
	}
	defer plain.Close()
	size, err = io.Copy(io.Discard, io.LimitReader(plain, limit+1))
	if err == nil && size > limit {
		err = errTooLarge
	}
	return size, err
}

// add writes a sample under its hash, as VirusTotal does.
func (b *Bundles) add(ctx context.Context, archive *zip.Writer, m *bundle, hash [32]byte, size int64) error {
	plain, err := b.cfg.Source(ctx, m.account, hash)
	if err != nil {
		return err
	}
	defer plain.Close()
	name := hex.EncodeToString(hash[:])
	entry, err := entryOf(archive, name, m.password)
	if err != nil {
		return err
	}
	written, err := io.Copy(entry, plain)
	if err == nil && written != size {
		err = fmt.Errorf("%s: %d bytes, they were %d a moment ago", name, written, size)
	}
	return err
}

func entryOf(archive *zip.Writer, name, password string) (io.Writer, error) {
	if password == "" {
		return archive.Create(name)
	}
	return archive.Encrypt(name, password, zip.AES256Encryption)
}
