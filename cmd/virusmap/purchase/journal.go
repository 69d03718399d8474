package purchase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	recordSuffix = ".json"
	// cipherSuffix is of a ciphertext that was verified, partSuffix of one that is fetched.
	cipherSuffix = ".age"
	partSuffix   = ".age.part"
	newSuffix    = ".new"
	swarmPrefix  = "swarm-"

	maxRecordBytes = 64 << 10
	lockInterval   = 200 * time.Millisecond
)

// Journal is the directory with the purchases. It is used by one process at a time, which
// keeps two from paying for the same sample.
type Journal struct {
	dir  string
	lock *os.File
}

// OpenJournal makes the directory, with mode 0700, and waits until no other process uses
// it; wait is called once when it has to.
func OpenJournal(ctx context.Context, dir string, wait func()) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return &Journal{dir, lock}, sweep(dir)
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", dir, err), lock.Close())
		}
		if first {
			wait()
		}
		if err := sleep(ctx, lockInterval); err != nil {
			return nil, errors.Join(err, lock.Close())
		}
	}
}

// sweep removes what a crash left half made.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), newSuffix) || strings.HasPrefix(entry.Name(), swarmPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	return err
}

// Dir is where the purchases are.
func (j *Journal) Dir() string { return j.dir }

// Close lets the next process in.
func (j *Journal) Close() error { return j.lock.Close() }

// Records reads all purchases. One that cannot be read is an error: it could be of a
// sample that would be paid for again.
func (j *Journal) Records() ([]*Record, error) {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return nil, err
	}
	var records []*Record
	for _, entry := range entries {
		order, ok := strings.CutSuffix(entry.Name(), recordSuffix)
		if !ok {
			continue
		}
		path := filepath.Join(j.dir, entry.Name())
		record, err := readRecord(path)
		if err == nil && record.Order != order {
			err = fmt.Errorf("it is of order %.64q", record.Order)
		}
		if err != nil {
			return nil, fmt.Errorf("the record of a purchase, %s, cannot be read: %w", path, err)
		}
		records = append(records, record)
	}
	return records, nil
}

func readRecord(path string) (*Record, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxRecordBytes {
		return nil, fmt.Errorf("not a file of at most %d bytes", maxRecordBytes)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	record := new(Record)
	if err := json.Unmarshal(data, record); err != nil {
		return nil, err
	}
	return record, record.validate()
}

// save is durable when it returns.
func (j *Journal) save(r *Record) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	path := j.path(r, recordSuffix)
	file, err := os.OpenFile(path+newSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	return place(file, path, err)
}

// forget drops a purchase that nothing was sent for.
func (j *Journal) forget(r *Record) error {
	return errors.Join(remove(j.path(r, recordSuffix)), j.dropCiphertext(r))
}

func (j *Journal) dropCiphertext(r *Record) error {
	return errors.Join(remove(j.path(r, cipherSuffix)), remove(j.path(r, partSuffix)))
}

func (j *Journal) path(r *Record, suffix string) string {
	return filepath.Join(j.dir, r.Order+suffix)
}

// place ends the writing of a file and gives it its name, or removes it after an error.
func place(file *os.File, path string, err error) error {
	if err == nil {
		err = file.Sync()
	}
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, remove(file.Name()))
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
