package sandbox

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_AARCH64

var oldCalls = []uint32{unix.SYS_FSTATAT}

var oldWrites = []uint32{unix.SYS_RENAMEAT}

func oldOpen(uint32) []reader { return nil }
