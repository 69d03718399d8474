package worker

import "golang.org/x/sys/unix"

const (
	nativeArch = unix.AUDIT_ARCH_X86_64
	// foreignNumbers is where the x32 calling convention starts (__X32_SYSCALL_BIT).
	foreignNumbers = 0x40000000
)

var (
	computingArch = []uint32{unix.SYS_EPOLL_WAIT, unix.SYS_ARCH_PRCTL}
	dangerousArch = []uint32{
		unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_MKNOD, unix.SYS_USELIB, unix.SYS_USTAT,
	}
)
