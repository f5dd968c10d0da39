package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// confinement is what a service manager or a container engine does with a process before it runs the command.
type confinement struct {
	Command []string
	Env     []string
	// Steps change what the mount namespace shows, in this order: places for the command's files first, then mounts of
	// its own, then what is closed.
	Places, Mounts, Closed []step
	Filters                [][]unix.SockFilter
	NoNewPrivs             bool
	Bounding               []uintptr // capabilities that stay in the bounding set
	User                   int
	Umask                  int
	Files                  uint64 // open files, 0 as they are
	Namespaces             uintptr
}

// step is one change of the namespace. What To names need not be there where Optional is set.
type step struct {
	Do       string // a key of doing
	From, To string
	Mode     uint32
	Optional bool
}

const confineEnv = "VITRINE_E2E_CONFINE"

// command is a command that this test program starts and turns into.
func (c confinement) command(t testing.TB) *exec.Cmd {
	t.Helper()
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "confinement.json")
	if err := os.WriteFile(file, spec, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{confineEnv + "=" + file}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | c.Namespaces}
	return cmd
}

// confined does not return in a process that command has started.
func confined() {
	file := os.Getenv(confineEnv)
	if file == "" {
		return
	}
	runtime.LockOSThread() // what is given up is this thread's
	var c confinement
	spec, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(spec, &c)
	}
	if err == nil {
		err = c.enter()
	}
	if err == nil {
		slices.Reverse(c.Env) // what was set last counts
		err = syscall.Exec(c.Command[0], c.Command, c.Env)
	}
	fmt.Fprintln(os.Stderr, "confine:", err)
	os.Exit(125)
}

func (c confinement) enter() error {
	syscall.Umask(0)
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	for _, list := range [][]step{c.Places, c.Mounts, c.Closed} {
		for _, s := range list {
			if err := doing[s.Do](s); err != nil && (!s.Optional || !errors.Is(err, os.ErrNotExist)) {
				return fmt.Errorf("%s %s: %w", s.Do, s.To, err)
			}
		}
	}
	if err := os.Chdir("/"); err != nil { // of the mounts that are there now
		return err
	}
	if c.Files > 0 {
		var limit unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			return err
		}
		n := min(c.Files, limit.Max) // to raise it is not everywhere root's to do
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: n}); err != nil {
			return fmt.Errorf("limit of open files: %w", err)
		}
	}
	if !c.NoNewPrivs { // then filters are a privilege
		if err := c.filter(); err != nil {
			return err
		}
	}
	keep := map[uintptr]bool{}
	for _, n := range c.Bounding {
		keep[n] = true
	}
	for n := uintptr(0); unix.Prctl(unix.PR_CAPBSET_READ, n, 0, 0, 0) == nil; n++ {
		if !keep[n] {
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, n, 0, 0, 0); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(syscall.Setgroups(nil), syscall.Setresgid(c.User, c.User, c.User),
		syscall.Setresuid(c.User, c.User, c.User)); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return err
	}
	syscall.Umask(c.Umask)
	if !c.NoNewPrivs {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return c.filter()
}

func (c confinement) filter() error {
	for _, f := range c.Filters {
		prog := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
		if _, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0,
			uintptr(unsafe.Pointer(&prog))); errno != 0 {
			return fmt.Errorf("seccomp: %w", errno)
		}
	}
	return nil
}

// setattr sets and clears attributes of all mounts below a folder.
func setattr(path string, set, unset uint64) error {
	return unix.MountSetattr(unix.AT_FDCWD, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: set, Attr_clr: unset})
}

var doing = map[string]func(s step) error{
	"folder":  func(s step) error { return os.MkdirAll(s.To, os.FileMode(s.Mode)) },
	"symlink": func(s step) error { return os.Symlink(s.From, s.To) },
	"file":    func(s step) error { return os.WriteFile(s.To, nil, os.FileMode(s.Mode)) },
	"bind":    func(s step) error { return unix.Mount(s.From, s.To, "", unix.MS_BIND|unix.MS_REC, "") },
	"tmpfs": func(s step) error {
		return unix.Mount("tmpfs", s.To, "tmpfs", unix.MS_NOSUID, fmt.Sprintf("mode=%o", s.Mode))
	},
	// A copy of a folder that can be added to, kept in the folder From.
	"overlay": func(s step) error {
		name := filepath.Join(s.From, strings.ReplaceAll(s.To, "/", "-"))
		if err := errors.Join(os.MkdirAll(name+"-upper", 0o755), os.MkdirAll(name+"-work", 0o755)); err != nil {
			return err
		}
		return unix.Mount("overlay", s.To, "overlay", 0, "lowerdir="+s.To+",upperdir="+name+"-upper,workdir="+
			name+"-work")
	},
	"proc": func(s step) error {
		return unix.Mount("proc", s.To, "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, s.From)
	},
	"devices": func(s step) error {
		if err := unix.Mount("tmpfs", s.To, "tmpfs", unix.MS_NOSUID|unix.MS_NOEXEC, "mode=755"); err != nil {
			return err
		}
		for name, number := range map[string]int{"null": 0x103, "zero": 0x105, "full": 0x107, "random": 0x108,
			"urandom": 0x109, "tty": 0x500} {
			if err := unix.Mknod(filepath.Join(s.To, name), unix.S_IFCHR|0o666, number); err != nil {
				return err
			}
		}
		for name, to := range map[string]string{"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0",
			"stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
			if err := os.Symlink(to, filepath.Join(s.To, name)); err != nil {
				return err
			}
		}
		shm := filepath.Join(s.To, "shm")
		if err := os.Mkdir(shm, 0o755); err != nil {
			return err
		}
		return unix.Mount("tmpfs", shm, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=1777")
	},
	// Nobody gets in.
	"inaccessible": func(s step) error {
		info, err := os.Stat(s.To)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return unix.Mount("/dev/null", s.To, "", unix.MS_BIND, "")
		}
		return unix.Mount("tmpfs", s.To, "tmpfs", unix.MS_RDONLY, "mode=000")
	},
	"read-only": func(s step) error {
		if err := unix.Mount(s.To, s.To, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
		return setattr(s.To, unix.MOUNT_ATTR_RDONLY, 0)
	},
	// Everything that is mounted, as it is mounted.
	"all read-only": func(s step) error { return setattr(s.To, unix.MOUNT_ATTR_RDONLY, 0) },
	"writable":      func(s step) error { return setattr(s.To, 0, unix.MOUNT_ATTR_RDONLY) },
}

// rule is one line of a seccomp filter: the first whose call and conditions fit decides.
type rule struct {
	call uint32
	when []fits
	then uint32
}

// fits is argument & mask == value, or != where unequal.
type fits struct {
	argument, mask, value uint32
	unequal               bool
}

func is(argument, value uint32) fits { return fits{argument: argument, mask: ^uint32(0), value: value} }
func has(argument, bits uint32) fits { return fits{argument: argument, mask: bits, unequal: true} }

const allow = uint32(unix.SECCOMP_RET_ALLOW)

func refuse(errno unix.Errno) uint32 { return unix.SECCOMP_RET_ERRNO | uint32(errno) }

// assemble makes the kernel's program. Calls by another machine's numbers come to foreign.
func assemble(rules []rule, otherwise, foreign uint32) ([]unix.SockFilter, error) {
	machine := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: 4, Size: 4}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: machine, SkipTrue: 1},
		bpf.RetConstant{Val: foreign},
	}
	for _, r := range rules {
		var test []bpf.Instruction
		for i, f := range r.when {
			rest := uint8(3*(len(r.when)-1-i) + 1)
			differs := bpf.JumpNotEqual
			if f.unequal {
				differs = bpf.JumpEqual
			}
			test = append(test, bpf.LoadAbsolute{Off: 16 + 8*f.argument, Size: 4},
				bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: f.mask}, bpf.JumpIf{Cond: differs, Val: f.value,
					SkipTrue: rest})
		}
		program = append(program, bpf.LoadAbsolute{Off: 0, Size: 4}, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: r.call,
			SkipTrue: uint8(len(test) + 1)})
		program = append(append(program, test...), bpf.RetConstant{Val: r.then})
	}
	raw, err := bpf.Assemble(append(program, bpf.RetConstant{Val: otherwise}))
	out := make([]unix.SockFilter, len(raw))
	for i, in := range raw {
		out[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return out, err
}
