//go:build amd64 || arm64

package sandbox

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"slices"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A filter lists the system calls that a process may make; every other one fails as if the kernel did not have it
// (ENOSYS), which is what C libraries know how to get along with. A call that is listed with conditions fails with
// EPERM when they don't hold.
type filter struct {
	always []uint32
	when   []call
}

// call is one system call that is allowed when all conditions hold.
type call struct {
	number     uint32
	conditions []condition
}

// condition is argument & mask == want, on the lower 32 bits: those are all that the kernel reads of the calls below.
type condition struct {
	argument   uint32
	mask, want uint32
}

// reader is a call that opens a file, with the argument that its flags are.
type reader struct{ number, flags uint32 }

func is(argument, want uint32) condition { return condition{argument, ^uint32(0), want} }

func without(argument, bits uint32) condition { return condition{argument, bits, 0} }

// ordinary is what every process needs: memory, time, threads, reading files, and descriptors that it has.
var ordinary = []uint32{
	unix.SYS_FUTEX, unix.SYS_READ, unix.SYS_WRITE, unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MADVISE, unix.SYS_MPROTECT,
	unix.SYS_BRK, unix.SYS_MREMAP,
	unix.SYS_MSYNC, unix.SYS_MINCORE, unix.SYS_MEMBARRIER, unix.SYS_FUTEX_WAITV,
	unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_NANOSLEEP, unix.SYS_GETTIMEOFDAY,
	unix.SYS_TIMES,
	unix.SYS_GETITIMER, unix.SYS_SETITIMER, unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_GETTIME,
	unix.SYS_TIMER_GETOVERRUN, unix.SYS_TIMER_DELETE,
	unix.SYS_TIMERFD_CREATE, unix.SYS_TIMERFD_SETTIME, unix.SYS_TIMERFD_GETTIME,
	unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_PREADV, unix.SYS_PREADV2, unix.SYS_PWRITE64,
	unix.SYS_PWRITEV, unix.SYS_PWRITEV2, unix.SYS_LSEEK,
	unix.SYS_CLOSE, unix.SYS_CLOSE_RANGE, unix.SYS_DUP, unix.SYS_DUP3, unix.SYS_PIPE2, unix.SYS_EVENTFD2,
	unix.SYS_SENDFILE,
	unix.SYS_FADVISE64, unix.SYS_READAHEAD,
	unix.SYS_PPOLL, unix.SYS_PSELECT6, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_PWAIT,
	unix.SYS_EPOLL_PWAIT2,
	unix.SYS_FSTAT, unix.SYS_STATX, unix.SYS_FSTATFS, unix.SYS_STATFS, unix.SYS_FACCESSAT, unix.SYS_FACCESSAT2,
	unix.SYS_READLINKAT, unix.SYS_GETDENTS64, unix.SYS_GETCWD,
	unix.SYS_GETXATTR, unix.SYS_LGETXATTR, unix.SYS_FGETXATTR,
	unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_RT_SIGPENDING,
	unix.SYS_RT_SIGTIMEDWAIT, unix.SYS_RT_SIGSUSPEND, unix.SYS_SIGALTSTACK,
	unix.SYS_RESTART_SYSCALL, unix.SYS_SET_ROBUST_LIST, unix.SYS_GET_ROBUST_LIST, unix.SYS_RSEQ,
	unix.SYS_SET_TID_ADDRESS, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	unix.SYS_SCHED_YIELD, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SCHED_GETPARAM, unix.SYS_SCHED_GETSCHEDULER,
	unix.SYS_SCHED_GET_PRIORITY_MAX, unix.SYS_SCHED_GET_PRIORITY_MIN,
	unix.SYS_SCHED_GETATTR, unix.SYS_GETCPU, unix.SYS_GETPRIORITY,
	unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETPPID, unix.SYS_GETUID, unix.SYS_GETEUID, unix.SYS_GETGID,
	unix.SYS_GETEGID, unix.SYS_GETRESUID, unix.SYS_GETRESGID,
	unix.SYS_GETGROUPS, unix.SYS_GETPGID, unix.SYS_GETSID, unix.SYS_GETRUSAGE, unix.SYS_UNAME, unix.SYS_SYSINFO,
	unix.SYS_GETRANDOM, unix.SYS_UMASK,
}

// common are the calls that are ordinary with the right arguments only.
func common() []call {
	return []call{
		// Threads and processes, never in new namespaces; clone3, whose flags a filter can't see, is answered with
		// ENOSYS, upon which the C library takes clone.
		{unix.SYS_PRLIMIT64, []condition{is(0, 0)}}, // its own limits, nobody else's
		{unix.SYS_PRCTL, []condition{is(0, unix.PR_SET_NAME)}}, {unix.SYS_PRCTL, []condition{is(0, unix.PR_GET_NAME)}},
		{unix.SYS_PRCTL, []condition{is(0, unix.PR_SET_VMA)}},
		{unix.SYS_PRCTL, []condition{is(0, unix.PR_SET_PDEATHSIG)}},
		{unix.SYS_PRCTL, []condition{is(0, unix.PR_GET_DUMPABLE)}},
		{unix.SYS_IOCTL, []condition{is(1, unix.TCGETS)}}, {unix.SYS_IOCTL, []condition{is(1, unix.TIOCGWINSZ)}},
		{unix.SYS_IOCTL, []condition{is(1, unix.TIOCINQ)}},
		{unix.SYS_IOCTL, []condition{is(1, fioclex)}}, {unix.SYS_IOCTL, []condition{is(1, fionclex)}},
		{unix.SYS_IOCTL, []condition{is(1, fionbio)}},
		// Not F_SETOWN, with which a descriptor signals any process: F_DUPFD to F_SETLKW, locks of open files, pipes'
		// sizes, seals.
		{unix.SYS_FCNTL, []condition{without(1, ^uint32(7))}},
		{unix.SYS_FCNTL, []condition{is(1, unix.F_DUPFD_CLOEXEC)}},
		{unix.SYS_FCNTL, []condition{is(1, unix.F_OFD_GETLK)}}, {unix.SYS_FCNTL, []condition{is(1, unix.F_OFD_SETLK)}},
		{unix.SYS_FCNTL, []condition{is(1, unix.F_OFD_SETLKW)}},
		{unix.SYS_FCNTL, []condition{is(1, unix.F_SETPIPE_SZ)}},
		{unix.SYS_FCNTL, []condition{is(1, unix.F_GETPIPE_SZ)}},
		{unix.SYS_FCNTL, []condition{is(1, unix.F_ADD_SEALS)}}, {unix.SYS_FCNTL, []condition{is(1, unix.F_GET_SEALS)}},
	}
}

const (
	// Of <asm-generic/ioctls.h>: close on exec, and don't block.
	fionclex, fioclex, fionbio = 0x5450, 0x5451, 0x5421

	namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
		unix.CLONE_NEWPID | unix.CLONE_NEWNET
	// writing is every flag of open that changes a file or makes one.
	writing = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC | unix.O_APPEND
)

// workerFilter is for a process that has all it needs open, and answers over a socket that it has: it starts threads
// and no program, opens files to read only, makes no socket, and signals nobody but itself.
func workerFilter() filter {
	f := filter{always: slices.Concat(ordinary, oldCalls, []uint32{unix.SYS_RECVMSG, unix.SYS_RECVFROM, unix.SYS_SENDTO,
		unix.SYS_GETSOCKOPT}), when: common()}
	f.when = append(f.when,
		call{unix.SYS_CLONE, []condition{{0, namespaces | unix.CLONE_THREAD, unix.CLONE_THREAD}}},
		call{unix.SYS_TGKILL, []condition{is(0, ownID())}}, call{unix.SYS_KILL, []condition{is(0, ownID())}},
	)
	for _, open := range append(oldOpen(1), reader{unix.SYS_OPENAT, 2}) {
		f.when = append(f.when, call{open.number, []condition{without(open.flags, writing)}})
	}
	return f
}

// programFilter is for ffmpeg and the like: they start programs and write files, where their files system lets them.
// inside is for a program that has namespaces of its own: there it may speak to itself over Unix sockets and signal
// whom it sees. Outside of any, no process leaves its group, so that all of a command ends at once.
func programFilter(inside bool) filter {
	f := filter{when: common()}
	f.always = slices.Concat(ordinary, oldCalls, oldWrites, []uint32{
		unix.SYS_MKDIRAT, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT2, unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_MKNODAT,
		unix.SYS_FTRUNCATE, unix.SYS_FALLOCATE, unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_SYNC_FILE_RANGE,
		unix.SYS_FLOCK, unix.SYS_COPY_FILE_RANGE, unix.SYS_SPLICE,
		unix.SYS_CHDIR, unix.SYS_FCHDIR, unix.SYS_FCHMOD, unix.SYS_MEMFD_CREATE, unix.SYS_INOTIFY_INIT1,
		unix.SYS_INOTIFY_ADD_WATCH, unix.SYS_INOTIFY_RM_WATCH,
		unix.SYS_EXECVE, unix.SYS_WAIT4, unix.SYS_WAITID, unix.SYS_CAPGET,
	})
	f.when = append(f.when, call{unix.SYS_CLONE, []condition{without(0, namespaces)}},
		call{unix.SYS_SOCKETPAIR, []condition{is(0, unix.AF_UNIX)}})
	for _, open := range append(oldOpen(1), reader{unix.SYS_OPENAT, 2}) {
		// To open a file for reading must not empty it: Landlock sees that from its third version on only.
		f.when = append(f.when, call{open.number, []condition{without(open.flags, unix.O_TRUNC)}},
			call{open.number, []condition{{open.flags, unix.O_ACCMODE, unix.O_WRONLY}}},
			call{open.number, []condition{{open.flags, unix.O_ACCMODE, unix.O_RDWR}}})
	}
	if inside {
		f.when = append(f.when, call{unix.SYS_SOCKET, []condition{is(0, unix.AF_UNIX)}})
		f.always = append(f.always, unix.SYS_KILL, unix.SYS_TKILL, unix.SYS_TGKILL, unix.SYS_SETPGID, unix.SYS_SETSID,
			unix.SYS_UTIMENSAT, unix.SYS_FCHMODAT,
			unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4, unix.SYS_SHUTDOWN,
			unix.SYS_GETSOCKNAME, unix.SYS_GETPEERNAME, unix.SYS_GETSOCKOPT, unix.SYS_SETSOCKOPT, unix.SYS_SENDTO,
			unix.SYS_SENDMSG, unix.SYS_RECVFROM, unix.SYS_RECVMSG)
	} else {
		// What puts the filter on turns into the program, which keeps its id: it may abort, and not reach the server.
		f.when = append(f.when, call{unix.SYS_TGKILL, []condition{is(0, ownID())}})
	}
	return f
}

func ownID() uint32 { return uint32(os.Getpid()) } //nolint:gosec // a process id

// Offsets into the data that a filter sees (struct seccomp_data).
const (
	numberAt    = 0
	machineAt   = 4
	argumentsAt = 16
)

// assemble makes the kernel's program of a filter. The number of the call is loaded anew for each rule: what a
// condition has loaded in its place must not be taken for one.
func (f filter) assemble() ([]bpf.RawInstruction, error) {
	allow := bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}
	missing := bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)}
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: machineAt, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: machine, SkipTrue: 1},
		missing, // a call by another machine's numbers, as 32-bit code makes it
		bpf.LoadAbsolute{Off: numberAt, Size: 4},
	}
	for _, number := range f.always {
		program = append(program, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: number, SkipTrue: 1}, allow)
	}
	listed := map[uint32]bool{}
	for _, c := range f.when {
		var test []bpf.Instruction
		for i, k := range c.conditions {
			rest := 3*(len(c.conditions)-1-i) + 1
			test = append(test, bpf.LoadAbsolute{Off: argumentsAt + 8*k.argument, Size: 4},
				bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: k.mask},
				bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: k.want, SkipTrue: uint8(rest)}) //nolint:gosec // a handful of conditions
		}
		program = append(program, bpf.LoadAbsolute{Off: numberAt, Size: 4}, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: c.number, SkipTrue: uint8(len(test) + 1)}) //nolint:gosec // as above
		program = append(append(program, test...), allow)
		listed[c.number] = true
	}
	program = append(program, bpf.LoadAbsolute{Off: numberAt, Size: 4})
	for _, c := range f.when {
		if listed[c.number] {
			delete(listed, c.number)
			program = append(program, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: c.number, SkipTrue: 1},
				bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)})
		}
	}
	return bpf.Assemble(append(program, missing))
}

// load puts the filter on this thread, or on all of the process. It can't be taken off again, and holds for children.
func (f filter) load(threads bool) error {
	raw, err := f.assemble()
	if err != nil {
		return err
	}
	program := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		program[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	prog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]} //nolint:gosec // some hundreds
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	var flags uintptr
	if threads {
		flags = unix.SECCOMP_FILTER_FLAG_TSYNC
	}
	if r, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags,
		uintptr(unsafe.Pointer(&prog))); errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	} else if r != 0 {
		return fmt.Errorf("seccomp: thread %d is out of reach", r)
	}
	return nil
}

// file is the filter as bubblewrap reads it, to be handed to it as a descriptor.
func (f filter) file() (*os.File, error) {
	raw, err := f.assemble()
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 8*len(raw))
	for _, in := range raw {
		b = append(binary.NativeEndian.AppendUint16(b, in.Op), in.Jt, in.Jf)
		b = binary.NativeEndian.AppendUint32(b, in.K)
	}
	fd, err := unix.MemfdCreate("seccomp", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "seccomp") //nolint:gosec // a descriptor
	if _, err = file.Write(b); err == nil {
		_, err = file.Seek(0, 0)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// Seal is called by a worker that has started what it needs and not yet read a stranger's byte: from then on all its
// threads have the workers' filter.
func Seal() error { return workerFilter().load(true) }
