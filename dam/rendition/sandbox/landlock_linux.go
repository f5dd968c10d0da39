//go:build amd64 || arm64

package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's own calls are used, not the library go-landlock: it is for a process that restricts all of its threads,
// for which it links libpsx into a program with cgo. Here one thread restricts itself and turns into another program.

// landlockVersion is the version of the kernel's Landlock, 0 where there is none.
func landlockVersion() int {
	v, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if errno != 0 {
		return 0
	}
	return int(v) //nolint:gosec // a small number
}

// What may be done with a file, and in a folder.
const (
	readFile  = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_READ_FILE
	readDir   = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	writeFile = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	writeDir  = readDir | writeFile | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_DIR |
		unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_SYM
)

// landlockAll is everything that a version of Landlock can forbid.
func landlockAll(version int) unix.LandlockRulesetAttr {
	// the first version's are the lowest bits
	a := unix.LandlockRulesetAttr{Handled_access_fs: unix.LANDLOCK_ACCESS_FS_MAKE_SYM<<1 - 1}
	for _, later := range []struct {
		version         int
		fs, net, scoped uint64
	}{
		{version: 2, fs: unix.LANDLOCK_ACCESS_FS_REFER},
		{version: 3, fs: unix.LANDLOCK_ACCESS_FS_TRUNCATE},
		{version: 4, net: unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP},
		{version: 5, fs: unix.LANDLOCK_ACCESS_FS_IOCTL_DEV},
		{version: 6, scoped: unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL},
	} {
		if version >= later.version {
			a.Handled_access_fs, a.Handled_access_net, a.Scoped = a.Handled_access_fs|later.fs,
				a.Handled_access_net|later.net, a.Scoped|later.scoped
		}
	}
	return a
}

// ruleset makes the kernel's form of it, to be closed.
func (r access) ruleset() (fd int, err error) {
	version := landlockVersion()
	if version == 0 {
		return -1, errors.New("this kernel has no Landlock, or it is not turned on")
	}
	all := landlockAll(version)
	set, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&all)), unsafe.Sizeof(all),
		0)
	if errno != 0 {
		return -1, fmt.Errorf("landlock_create_ruleset: %w", errno)
	}
	fd = int(set) //nolint:gosec // a descriptor
	allow := func(access uint64, path string) error {
		under, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if errors.Is(err, unix.ENOENT) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		defer func() { _ = unix.Close(under) }()
		rule := unix.LandlockPathBeneathAttr{Allowed_access: access & all.Handled_access_fs, Parent_fd: int32(under)} //nolint:gosec // a descriptor
		if _, _, errno := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, set, unix.LANDLOCK_RULE_PATH_BENEATH,
			uintptr(unsafe.Pointer(&rule)), 0, 0, 0); errno != 0 {
			return fmt.Errorf("landlock_add_rule %s: %w", path, errno)
		}
		return nil
	}
	errs := []error{allow(readFile|writeFile, os.DevNull)}
	for _, path := range r.Read {
		errs = append(errs, allow(readDir, path))
	}
	for _, path := range r.Files {
		errs = append(errs, allow(readFile, path))
	}
	for _, path := range r.Write {
		errs = append(errs, allow(writeDir, path))
	}
	if err := errors.Join(errs...); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// confine puts this thread behind Landlock, and behind the programs' filter unless what follows has one of its own.
func (l launch) confine() error {
	fd, err := l.Access.ruleset()
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, _, errno := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(fd), 0, 0); errno != 0 { //nolint:gosec // a descriptor
		return fmt.Errorf("landlock_restrict_self: %w", errno)
	}
	if l.Worker {
		return nil
	}
	return programFilter(false).load(false)
}

// dieWithParent ends the command with this process.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = unix.SIGKILL }
