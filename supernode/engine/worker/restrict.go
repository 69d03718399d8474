package worker

import (
	"fmt"
	"os"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"
)

// restrict locks the calling process in, and the calling thread even more, so
// the caller must own its thread (runtime.LockOSThread) and start commands from
// it. Everything but Landlock and namespaces is required: an error means do not run.
func restrict(spec Spec) (Isolation, error) {
	// The kernel should end a worker before anything else when memory runs out.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0)
	debug.SetMemoryLimit(int64(spec.MemoryBytes / 4 * 3))

	isolation := Isolation{Namespaces: os.Getpid() == 1}
	if isolation.Namespaces && spec.Profile == Command && os.Geteuid() == 0 {
		isolation.Jail = jail(spec.Read) == nil // without it Landlock and the user hold
	}
	if err := dropRoot(); err != nil {
		return isolation, err
	}
	isolation.UID = os.Getuid()
	if err := limitResources(spec); err != nil {
		return isolation, err
	}
	// Other processes of the same user must not read the worker's memory.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return isolation, fmt.Errorf("clear dumpable: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return isolation, fmt.Errorf("set no_new_privs: %w", err)
	}
	if spec.Profile == Command {
		granted, err := landlock(spec.Read)
		if err != nil {
			return isolation, err
		}
		isolation.Landlock = granted
		return isolation, installFilter(commandFilter())
	}
	return isolation, installFilter(parseFilter(os.Getpid()))
}

func dropRoot() error {
	if os.Geteuid() != 0 {
		return nil
	}
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("drop groups: %w", err)
	}
	if err := syscall.Setresgid(sandboxID, sandboxID, sandboxID); err != nil {
		return fmt.Errorf("drop group: %w", err)
	}
	if err := syscall.Setresuid(sandboxID, sandboxID, sandboxID); err != nil {
		return fmt.Errorf("drop user: %w", err)
	}
	return nil
}

func limitResources(spec Spec) error {
	limits := map[int]uint64{
		unix.RLIMIT_CORE:  0,
		unix.RLIMIT_FSIZE: 0,
		unix.RLIMIT_DATA:  spec.MemoryBytes,
	}
	if spec.Profile == Command {
		limits[unix.RLIMIT_NOFILE] = 256
		limits[unix.RLIMIT_NPROC] = 1024 // counts all processes of the sandbox user
	} else {
		limits[unix.RLIMIT_NOFILE] = 64
		limits[unix.RLIMIT_CPU] = parseCPUSeconds
	}
	for resource, value := range limits {
		if err := lowerLimit(resource, value); err != nil {
			return fmt.Errorf("resource limit %d to %d: %w", resource, value, err)
		}
	}
	return nil
}

// lowerLimit never asks for more than the process already has. It uses syscall,
// not unix, because Go gives children of a process back the NOFILE limit it
// started with unless syscall.Setrlimit changed it.
func lowerLimit(resource int, value uint64) error {
	var current syscall.Rlimit
	if err := syscall.Getrlimit(resource, &current); err != nil {
		return err
	}
	value = min(value, current.Max)
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: value, Max: value})
}
