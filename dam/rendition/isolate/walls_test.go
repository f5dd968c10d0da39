package isolate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/renditiontest"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
)

// booty is what a burglar wants.
type booty struct {
	Secret  string // path of a file of the server's
	Server  int    // its process
	Address string // where it listens
}

// burglar is an engine whose decoder has been taken over: it tries what it can think of, and tells what came of it.
type burglar struct{ imaging.Engine }

func (burglar) Probe(context.Context, io.ReadSeeker) (rendition.Info, error) {
	return rendition.Info{MediaType: "image/wicked", Width: 1, Height: 1, Frames: 1, Orientation: 1}, nil
}

func (burglar) Render(_ context.Context, src io.ReadSeeker, specs []rendition.Spec, _ rendition.Options,
	emit func(rendition.Output) error) error {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	var b booty
	if err := json.NewDecoder(src).Decode(&b); err != nil {
		return err
	}
	got := map[string]string{}
	ways := b.ways(src.(*os.File).Fd())
	for _, name := range slices.Sorted(maps.Keys(ways)) { // reads before it removes
		got[name] = "in"
		if err := ways[name](); err != nil {
			got[name] = err.Error()
		}
	}
	out, err := json.Marshal(got)
	if err != nil {
		return err
	}
	return emit(rendition.Output{Spec: specs[0], Bytes: out, Width: 1, Height: 1, MediaType: "image/png"})
}

// raw makes a system call.
func raw(number uintptr, args ...uintptr) func() error {
	return func() error {
		var a [6]uintptr
		copy(a[:], args)
		if _, _, errno := syscall.Syscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
			return errno
		}
		return nil
	}
}

// ways are what it tries; original is the descriptor of the file that it was given.
func (b booty) ways(original uintptr) map[string]func() error {
	path, _ := syscall.BytePtrFromString(b.Secret)
	tmpfs, _ := syscall.BytePtrFromString("tmpfs")
	secret := uintptr(unsafe.Pointer(path))
	server := uintptr(b.Server)
	proc := "/proc/" + strconv.Itoa(b.Server)
	here := ^uintptr(99) // AT_FDCWD
	var word [64]byte
	iov := unix.Iovec{Base: &word[0], Len: 1}
	iovs := uintptr(unsafe.Pointer(&iov))
	limit := unix.Rlimit{Cur: 1, Max: 1}
	read := func(path string) func() error {
		return func() error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			_, err = f.Read(word[:1])
			return errors.Join(err, f.Close())
		}
	}
	return map[string]func() error{
		"read a file":           read(b.Secret),
		"read passwords":        read("/etc/passwd"),
		"read the environment":  read(proc + "/environ"),
		"open the memory":       func() error { f, err := os.Open(proc + "/mem"); _ = f; return err },
		"read another's memory": raw(unix.SYS_PROCESS_VM_READV, server, iovs, 1, iovs, 1, 0),
		"list a folder":         func() error { _, err := os.ReadDir(filepath.Dir(b.Secret)); return err },
		"write a file":          func() error { return os.WriteFile(b.Secret, []byte("x"), 0o600) },
		"make a file":           func() error { return os.WriteFile(b.Secret+".new", nil, 0o600) },
		"make a temporary file": func() error {
			return os.WriteFile("/tmp/vitrine-burglar-"+strconv.Itoa(b.Server), nil, 0o600)
		},
		"remove a file":        func() error { return os.Remove(b.Secret) },
		"rename a file":        func() error { return os.Rename(b.Secret, b.Secret+".old") },
		"truncate a file":      raw(unix.SYS_TRUNCATE, secret, 0),
		"change a file's mode": raw(unix.SYS_FCHMODAT, here, secret, 0o666),
		"open a file by open2": raw(unix.SYS_OPENAT2, here, secret,
			uintptr(unsafe.Pointer(&unix.OpenHow{Flags: unix.O_RDWR})), unsafe.Sizeof(unix.OpenHow{})),
		"write the original": raw(unix.SYS_PWRITE64, original, uintptr(unsafe.Pointer(&word[0])), 1, 0),
		"empty the original": raw(unix.SYS_FTRUNCATE, original, 0),
		"open the original anew": func() error {
			f, err := os.OpenFile("/proc/self/fd/"+strconv.Itoa(int(original)), os.O_RDWR, 0)
			_ = f
			return err
		},
		"the original's mode":  raw(unix.SYS_FCHMOD, original, 0o666),
		"the original's times": raw(unix.SYS_UTIMENSAT, original, 0, 0, 0),
		"lock the original":    raw(unix.SYS_FLOCK, original, unix.LOCK_EX|unix.LOCK_NB),
		"lease the original": func() error { // given back: who opens it for writing waits for a lease to end, 45 s
			err := raw(unix.SYS_FCNTL, original, unix.F_SETLEASE, unix.F_RDLCK)()
			_ = raw(unix.SYS_FCNTL, original, unix.F_SETLEASE, unix.F_UNLCK)()
			return err
		},
		"connect to the server": func() error { c, err := net.Dial("tcp", b.Address); _ = c; return err },
		"make a socket":         raw(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_DGRAM, 0),
		"make a Unix socket":    raw(unix.SYS_SOCKET, unix.AF_UNIX, unix.SOCK_STREAM, 0),
		"signal the server":     raw(unix.SYS_KILL, server, 0),
		"signal a thread":       raw(unix.SYS_TGKILL, server, server, 0),
		"signal everybody":      raw(unix.SYS_KILL, ^uintptr(0), 0),
		"queue a signal":        raw(unix.SYS_RT_SIGQUEUEINFO, server, 0, uintptr(unsafe.Pointer(&word[0]))),
		"hold a process":        raw(unix.SYS_PIDFD_OPEN, server, 0),
		"debug the server":      raw(unix.SYS_PTRACE, unix.PTRACE_SEIZE, server, 0, 0),
		"limit the server":      raw(unix.SYS_PRLIMIT64, server, unix.RLIMIT_CORE, uintptr(unsafe.Pointer(&limit)), 0),
		"run a program":         func() error { return exec.Command("/usr/bin/true").Run() },
		"become a program":      raw(unix.SYS_EXECVE, 0, 0, 0),
		"start a process":       func() error { return forked(uintptr(syscall.SIGCHLD)) },
		"start a process anew":  raw(unix.SYS_CLONE3, 0, 0),
		"a new user namespace":  raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER),
		"a file system":         raw(unix.SYS_FSOPEN, uintptr(unsafe.Pointer(tmpfs)), 0),
		"io_uring":              raw(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&[128]byte{}))),
		"BPF":                   raw(unix.SYS_BPF, 0, 0, 0),
		"keys":                  raw(unix.SYS_KEYCTL, unix.KEYCTL_GET_KEYRING_ID, ^uintptr(2), 1),
		"performance counters": raw(unix.SYS_PERF_EVENT_OPEN,
			uintptr(unsafe.Pointer(&unix.PerfEventAttr{Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{}))})), 0,
			^uintptr(0), ^uintptr(0), 0),
		"page faults":            raw(unix.SYS_USERFAULTFD, 1),
		"memory as a file":       raw(unix.SYS_MEMFD_CREATE, secret, 0),
		"another's numbers":      raw(0x40000000|unix.SYS_GETPID, 0),
		"fewer walls (Landlock)": raw(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, 1),
		"a mode of the process":  raw(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 1),
		// Arguments that are the numbers of calls which are allowed.
		"flags that look like a call": raw(unix.SYS_SOCKET, unix.SYS_READ, unix.SYS_READ, unix.SYS_READ),
	}
}

// forked starts a copy of this process, which ends at once.
func forked(flags uintptr) error {
	pid, _, errno := syscall.RawSyscall6(syscall.SYS_CLONE, flags, 0, 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	if pid == 0 {
		_, _, _ = syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
	}
	return nil
}

func walled(w sandbox.Wall, child string) func() (*exec.Cmd, func() error) {
	box := sandbox.New(sandbox.Options{Only: w})
	return func() (*exec.Cmd, func() error) { return box.Worker(append(isolate.Allocator(), childEnv+"="+child)) }
}

// A decoder that has been taken over gets at nothing of the server, whichever wall it is behind. Without walls it does,
// or the test would prove nothing.
func TestATakenDecoderGetsNowhere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	for name, command := range map[string]func() (*exec.Cmd, func() error){
		"no wall": plainly("burglar"), "bubblewrap": walled(sandbox.Bubblewrap, "burglar/sealed"),
		"Landlock": walled(sandbox.Landlock, "burglar/sealed"),
	} {
		t.Run(name, func(t *testing.T) {
			b := booty{Secret: filepath.Join(t.TempDir(), "secret.key"), Server: os.Getpid(),
				Address: l.Addr().String()}
			if err := os.WriteFile(b.Secret, []byte("secret"), 0o644); err != nil {
				t.Fatal(err)
			}
			content, err := json.Marshal(b)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "original")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = file.Close() }()
			p := newPool(t, "burglar", isolate.Options{Command: command, Size: 1})
			if sealed, err := p.Check(t.Context()); err != nil || sealed != (name != "no wall") {
				t.Fatalf("sealed %v, %v", sealed, err)
			}
			got := map[string]string{}
			if err := p.Render(t.Context(), file, specs(), rendition.Options{},
				func(o rendition.Output) error { return json.Unmarshal(o.Bytes, &got) }); err != nil {
				t.Fatal(err)
			}
			if want := len(b.ways(0)); len(got) != want {
				t.Fatalf("%d answers of %d", len(got), want)
			}
			var in []string
			for way, came := range got {
				if came == "in" {
					in = append(in, way)
				}
			}
			slices.Sort(in)
			if name != "no wall" && len(in) > 0 {
				t.Errorf("got in: %v", in)
			}
			for _, way := range []string{"open the original anew", "the original's mode", "the original's times",
				"read a file", "read the environment", "connect to the server", "signal the server", "run a program",
				"make a file", "start a process"} {
				if name == "no wall" && !slices.Contains(in, way) {
					t.Errorf("without walls: %s: %s", way, got[way])
				}
			}
			if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, content) {
				t.Errorf("the original is now %q, %v", left, err)
			}
			if content, err := os.ReadFile(b.Secret); name != "no wall" && (err != nil || string(content) != "secret") {
				t.Errorf("the secret is now %q, %v", content, err)
			}
		})
	}
}

// handful are the tests of the suite that show best whether a decoder misses a system call or a file: every format, a
// large picture, profiles, AVIF's threads, and files that break decoders. It is nil, for all of them, when there is
// time.
func handful() []string {
	if os.Getenv("VITRINE_SOAK") != "" {
		return nil
	}
	return []string{"FormatMatrix", "Profiles", "LargePicture", "AVIF", "Truncated"}
}

// Behind walls every format is decoded as without them. The whole suite runs behind the wall that this machine's server
// would take; behind the other one a handful does, or all of it when there is time.
func TestConformanceBehindWalls(t *testing.T) {
	engine := "imaging"
	if vips.Built {
		engine = "vips"
	}
	taken := sandbox.New(sandbox.Options{}).WorkerWalls()
	for _, w := range []sandbox.Wall{sandbox.Bubblewrap, sandbox.Landlock} {
		only := handful()
		if w == taken {
			only = nil
		}
		t.Run(string(w), func(t *testing.T) {
			renditiontest.Run(t, newPool(t, engine, isolate.Options{Command: walled(w, engine+"/sealed")}), only...)
		})
	}
}

// A child that never says that it is ready is ended with all that it has started, and the job says so.
func TestAChildThatDoesNotStart(t *testing.T) {
	started := make(chan *exec.Cmd, 1)
	p := newPool(t, "wicked", isolate.Options{Start: 300 * time.Millisecond, Command: func() (*exec.Cmd, func() error) {
		cmd := exec.Command("/bin/sh", "-c", "sleep 600 & sleep 600") // holds the pipe of its standard error
		started <- cmd
		return cmd, nil
	}})
	_, err := try(t, p, "well")
	if dam.CodeOf(err) != dam.Unavailable || !strings.Contains(fmt.Sprint(errors.Unwrap(err)), "300ms") {
		t.Errorf("got %v: %v", err, errors.Unwrap(err))
	}
	group := (<-started).Process.Pid
	for end := time.Now().Add(10 * time.Second); syscall.Kill(-group, 0) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("something of the child is left")
		}
	}
	silent := newPool(t, "wicked", isolate.Options{Start: 300 * time.Millisecond, Command: plainly("wicked/silent")})
	if _, err := silent.Check(t.Context()); err == nil {
		t.Error("a child that says nothing passed")
	}
}

type ownerKey struct{}

// A child sees one library's files only: the next library has another child, also when there is room for one only.
func TestAChildPerOwner(t *testing.T) {
	p := newPool(t, "wicked", isolate.Options{Size: 2, Owner: func(ctx context.Context) string {
		owner, _ := ctx.Value(ownerKey{}).(string)
		return owner
	}})
	seen := map[string]string{}
	for _, owner := range []string{"a", "a", "b", "a", "c", "b", "", "", "a"} {
		err := p.Render(context.WithValue(t.Context(), ownerKey{}, owner), strings.NewReader("well"), specs(),
			rendition.Options{}, func(o rendition.Output) error {
				pid := string(o.Bytes)
				if other, known := seen[pid]; known && other != owner {
					t.Errorf("process %s has seen files of %q and of %q", pid, other, owner)
				}
				seen[pid] = owner
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	owned := map[string]int{}
	for _, owner := range seen {
		owned[owner]++
	}
	if owned[""] != 2 {
		t.Errorf("two files of nobody's had %d processes", owned[""])
	}
	if owned["a"] > 2 {
		t.Errorf("%d processes for a library that was worked for without a pause", owned["a"])
	}
}
