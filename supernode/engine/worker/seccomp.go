package worker

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Offsets into struct seccomp_data (linux/seccomp.h), little-endian machines.
const (
	offsetNumber   = 0
	offsetArch     = 4
	offsetArgument = 16
)

// What a filter answers.
const (
	permit  = unix.SECCOMP_RET_ALLOW
	refuse  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	missing = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	kill    = unix.SECCOMP_RET_KILL_PROCESS
)

// filter is a classic BPF program over struct seccomp_data. Each rule is a jump
// over its own return, so no jump is ever long.
type filter []unix.SockFilter

// newFilter refuses foreign calling conventions, which would dodge the numbers.
func newFilter() filter {
	f := filter{
		load(offsetArch),
		jump(unix.BPF_JEQ, nativeArch, 1, 0),
		answer(kill),
		load(offsetNumber),
	}
	if foreignNumbers != 0 {
		f = append(f, jump(unix.BPF_JGE, foreignNumbers, 0, 1), answer(kill))
	}
	// clone3 hides its flags in memory; without it libc falls back to clone.
	return f.on(missing, unix.SYS_CLONE3)
}

// on answers the given system calls with an action.
func (f filter) on(action uint32, numbers ...uint32) filter {
	for _, number := range numbers {
		f = append(f, jump(unix.BPF_JEQ, number, 0, 1), answer(action))
	}
	return f
}

// when answers a system call by a test of the lower half of its first argument.
func (f filter) when(number uint32, test uint16, value, yes, no uint32) filter {
	return append(f,
		jump(unix.BPF_JEQ, number, 0, 4),
		load(offsetArgument),
		jump(test, value, 0, 1),
		answer(yes),
		answer(no),
	)
}

// parseFilter allows computing, and nothing that reaches outside the process.
func parseFilter(pid int) filter {
	return newFilter().
		when(unix.SYS_CLONE, unix.BPF_JSET, unix.CLONE_THREAD, permit, refuse).
		when(unix.SYS_TGKILL, unix.BPF_JEQ, uint32(pid), permit, refuse).
		on(permit, computing...).
		otherwise(refuse)
}

// commandFilter takes away networks, other processes' memory, namespaces, keys
// and the kernel's administration; files are Landlock's business.
func commandFilter() filter {
	const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID |
		unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP
	return newFilter().
		when(unix.SYS_CLONE, unix.BPF_JSET, namespaces, refuse, permit).
		on(refuse, dangerous...).
		otherwise(permit)
}

func (f filter) otherwise(action uint32) filter { return append(f, answer(action)) }

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(test uint16, value uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | test | unix.BPF_K, Jt: yes, Jf: no, K: value}
}

func answer(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}

// installFilter binds all threads of the process, for good.
func installFilter(f filter) error {
	program := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&program)))
	runtime.KeepAlive(f)
	if errno != 0 {
		return fmt.Errorf("install system call filter: %w", errno)
	}
	return nil
}
