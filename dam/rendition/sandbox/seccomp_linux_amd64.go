package sandbox

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_X86_64

// oldCalls are those that newer machines have under their newer names only. Numbers of the x32 kind are in no list.
var oldCalls = []uint32{
	unix.SYS_STAT, unix.SYS_LSTAT, unix.SYS_NEWFSTATAT, unix.SYS_ACCESS, unix.SYS_READLINK, unix.SYS_GETDENTS,
	unix.SYS_POLL, unix.SYS_SELECT, unix.SYS_EPOLL_CREATE, unix.SYS_EPOLL_WAIT,
	unix.SYS_PIPE, unix.SYS_EVENTFD, unix.SYS_DUP2, unix.SYS_TIME, unix.SYS_ALARM, unix.SYS_PAUSE, unix.SYS_GETPGRP,
	unix.SYS_ARCH_PRCTL, unix.SYS_GETRLIMIT,
}

var oldWrites = []uint32{
	unix.SYS_CREAT, unix.SYS_MKDIR, unix.SYS_RMDIR, unix.SYS_UNLINK, unix.SYS_RENAME, unix.SYS_RENAMEAT, unix.SYS_LINK,
	unix.SYS_SYMLINK, unix.SYS_MKNOD, unix.SYS_FORK, unix.SYS_VFORK,
}

func oldOpen(flags uint32) []reader { return []reader{{unix.SYS_OPEN, flags}} }
