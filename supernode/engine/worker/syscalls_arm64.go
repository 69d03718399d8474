package worker

import "golang.org/x/sys/unix"

const (
	nativeArch = unix.AUDIT_ARCH_AARCH64
	// foreignNumbers is 0: this machine has one calling convention.
	foreignNumbers = 0
)

var computingArch, dangerousArch []uint32
