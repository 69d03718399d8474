package worker

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// jail replaces the file system by one that holds the given paths only, read-only,
// at their own names. It needs a mount namespace of our own and root; unlike
// Landlock it also lets the sandbox user reach what lies in root's private folders.
// An error means that nothing was changed that the process can see.
func jail(read []string) error {
	const staging = "/tmp"
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// Detached copies first: the staging folder may hide what they came from.
	sources := map[string]int{}
	for _, path := range append([]string{"/dev/null"}, read...) {
		if path == "/proc" {
			continue // ours is a new one
		}
		fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
		if err == unix.ENOENT {
			continue
		}
		if err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
		defer unix.Close(fd)
		sources[path] = fd
	}
	if err := unix.Mount("virusmap", staging, "tmpfs", unix.MS_NOSUID, "size=1m,mode=755"); err != nil {
		return fmt.Errorf("mount a root: %w", err)
	}
	for path, fd := range sources {
		if err := attach(fd, filepath.Join(staging, path)); err != nil {
			return fmt.Errorf("mount %s: %w", path, err)
		}
	}
	if err := addProcesses(staging); err != nil {
		return err
	}
	return enter(staging)
}

// addProcesses shows the worker's own processes, and stdin under its usual name.
func addProcesses(root string) error {
	if err := os.Mkdir(root+"/proc", 0o555); err != nil {
		return err
	}
	if err := unix.Mount("proc", root+"/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return os.Symlink("/proc/self/fd/0", root+"/dev/stdin")
}

// attach mounts a detached tree read-only, without set-uid programs.
func attach(fd int, target string) error {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		if err := os.MkdirAll(target, 0o755); err != nil {
			return err
		}
	} else {
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		file, err := os.OpenFile(target, os.O_CREATE, 0o444)
		if err != nil {
			return err
		}
		file.Close()
	}
	attributes := &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_RDONLY}
	if stat.Mode&unix.S_IFMT == unix.S_IFCHR {
		attributes.Attr_set = unix.MOUNT_ATTR_NOSUID // /dev/null is there to be written
	}
	if err := unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, attributes); err != nil {
		return err
	}
	return unix.MoveMount(fd, "", unix.AT_FDCWD, target, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// enter makes a folder the root and lets go of the old one (pivot_root(2)).
func enter(root string) error {
	if err := os.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("pivot_root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount the old root: %w", err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	return unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID, "")
}
