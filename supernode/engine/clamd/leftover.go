package clamd

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// folderPrefix begins the name of every daemon's folder.
const folderPrefix = "virusmap-clamd-"

// startingGrace is how long a folder may exist before its owner has locked it.
const startingGrace = time.Minute

// own locks a daemon's folder for the life of this process, however it ends.
func own(folder string) (lock *os.File, err error) {
	if lock, err = os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// removeLeftovers removes the folders of daemons whose owners were killed; they may
// hold unpacked samples. What cannot be removed is somebody else's.
func removeLeftovers(parent string) {
	folders, err := filepath.Glob(filepath.Join(parent, folderPrefix+"*"))
	if err != nil {
		return // the pattern is constant
	}
	for _, folder := range folders {
		info, err := os.Stat(folder)
		if err != nil || time.Since(info.ModTime()) < startingGrace {
			continue
		}
		lock, err := own(folder)
		if err != nil {
			continue
		}
		_ = os.RemoveAll(folder)
		_ = lock.Close()
	}
}
