// Package memfd keeps hostile bytes in sealed anonymous memory: never on disk,
// never executable, and unchangeable for whoever gets the descriptor.
package memfd

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// ErrTooLarge is returned when the input is larger than the limit.
var ErrTooLarge = errors.New("content is larger than the limit")

// Create copies r into a sealed memory file and returns it with its size in
// bytes. More than limit bytes give ErrTooLarge. Read it with ReadAt or Reopen:
// the file offset is shared by everybody who holds the descriptor.
func Create(r io.Reader, limit int64) (*os.File, int64, error) {
	fd, err := create()
	if err != nil {
		return nil, 0, fmt.Errorf("memfd_create: %w", err)
	}
	file := os.NewFile(uintptr(fd), "sample")
	size, err := io.Copy(file, io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		err = fmt.Errorf("copy content: %w", err)
	case size > limit:
		err = fmt.Errorf("%w of %d bytes", ErrTooLarge, limit)
	default:
		err = seal(fd)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, size, nil
}

// Reopen gives a read-only descriptor with an offset of its own.
func Reopen(file *os.File) (*os.File, error) {
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var own int
	var openErr error
	err = conn.Control(func(fd uintptr) {
		own, openErr = unix.Open(fmt.Sprintf("/proc/self/fd/%d", fd), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	})
	if err = errors.Join(err, openErr); err != nil {
		return nil, fmt.Errorf("reopen content: %w", err)
	}
	return os.NewFile(uintptr(own), "sample"), nil
}

func create() (int, error) {
	flags := unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("sample", flags|unix.MFD_NOEXEC_SEAL)
	if errors.Is(err, unix.EINVAL) { // kernels before 6.3 do not know the no-exec seal
		return unix.MemfdCreate("sample", flags)
	}
	return fd, err
}

func seal(fd int) error {
	const seals = unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, seals); err != nil {
		return fmt.Errorf("seal content: %w", err)
	}
	return nil
}
