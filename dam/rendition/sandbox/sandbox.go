// Package sandbox runs other people's programs on strangers' files: under bubblewrap and prlimit, with no network, no
// file but the one to read and an empty folder to write, a deadline, and bounds on memory, processor and output.
//
// Inside, the file is /in/original and the folder /out; /usr and what programs need of /etc are there to read.
package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"vitrine/dam"
)

// Original is the path of a command's file inside.
const Original = "/in/original"

// Options of a Runner. The zero value is usable.
type Options struct {
	// Programs is the folder of the programs; /usr/bin when "".
	Programs string
	// Temp is the folder for what commands write; the system's when "".
	Temp string
	// Processes is how many commands run at once, the others wait; GOMAXPROCS + 2 when 0.
	Processes int
}

// Runner runs commands. It may be shared.
type Runner struct {
	o     Options
	slots chan struct{}
	once  sync.Once
	broke error
}

// New makes a runner. Whether the machine allows it is looked up when it is first used.
func New(o Options) *Runner {
	if o.Programs == "" {
		o.Programs = "/usr/bin"
	}
	if o.Processes <= 0 {
		o.Processes = runtime.GOMAXPROCS(0) + 2
	}
	return &Runner{o: o, slots: make(chan struct{}, o.Processes)}
}

// Limits bound one command. A zero value stands for the default.
type Limits struct {
	Time   time.Duration // 30 s
	Memory int64         // bytes of address space of each process; 2 GiB
	Output int64         // bytes of each file, and of standard output; 256 MiB
}

// Command is one run of a program.
type Command struct {
	Program string // its name in the folder of programs
	Args    []string
	Limits
	// Line is called with each line of standard output as it comes; nil keeps the output for Result.
	Line func(string)
}

// Works returns nil when programs can be run here, and otherwise a dam.Error of the code Unsupported that says why not.
func (r *Runner) Works() error {
	r.once.Do(func() {
		refuse := func(message, remedy string, err error) {
			r.broke = &dam.Error{Code: dam.Unsupported, Message: message, Remedy: remedy, Err: err}
		}
		for _, p := range []string{"bwrap", "prlimit"} {
			if _, err := exec.LookPath(r.path(p)); err != nil {
				refuse("this server has no "+p+", without which it opens no file with another program", "install bubblewrap and util-linux", err)
				return
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, r.path("bwrap"), append(walls(), "--", "/usr/bin/true")...).CombinedOutput() //nolint:gosec // a fixed command
		if err != nil {
			refuse("this machine does not let bubblewrap isolate programs", "allow unprivileged user namespaces (in a container: its seccomp profile must allow unshare and mount)",
				fmt.Errorf("%w: %s", err, bytes.TrimSpace(out)))
		}
	})
	return r.broke
}

// Has reports whether a program is there; it may still not work (Works).
func (r *Runner) Has(program string) bool {
	_, err := exec.LookPath(r.path(program))
	return err == nil
}

func (r *Runner) path(program string) string { return filepath.Join(r.o.Programs, program) }

// walls are what every command's sandbox is made of.
func walls() []string {
	return []string{
		"--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "HOME", "/tmp", "--setenv", "LC_ALL", "C.UTF-8",
		"--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
		"--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/etc/fonts", "/etc/fonts",
		"--ro-bind-try", "/etc/libreoffice", "/etc/libreoffice", "--ro-bind-try", "/var/cache/fontconfig", "/var/cache/fontconfig",
		"--proc", "/proc", "--dev", "/dev", "--size", strconv.Itoa(256 << 20), "--tmpfs", "/tmp", "--chdir", "/tmp",
	}
}

// Desk is a file and a folder that any number of commands work on in turn.
type Desk struct {
	r    *Runner
	in   string // path of the file
	copy string // to be removed, "" when in is the original itself
	Out  string // folder outside that is /out inside
}

// Open makes a desk for a file, which is copied unless it has a path of its own on this machine. src is read from its start.
func (r *Runner) Open(src io.ReadSeeker) (*Desk, error) {
	if err := r.Works(); err != nil {
		return nil, err
	}
	out, err := os.MkdirTemp(r.o.Temp, "vitrine-out-")
	if err != nil {
		return nil, err
	}
	d := &Desk{r: r, Out: out, in: pathOf(src)}
	if d.in == "" {
		if err = d.spool(src); err != nil {
			d.Close()
			return nil, err
		}
	}
	// bwrap reads relative paths from another folder.
	if d.Out, err = filepath.Abs(out); err != nil {
		d.Close()
	}
	return d, err
}

// pathOf is where an open file really is, "" when it has no name any more or is none.
func pathOf(src io.ReadSeeker) string {
	f, ok := src.(interface {
		Fd() uintptr
		Stat() (os.FileInfo, error)
	})
	if !ok {
		return ""
	}
	path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(int(f.Fd())))
	if err != nil {
		return ""
	}
	open, err := f.Stat()
	if err != nil {
		return ""
	}
	named, err := os.Stat(path)
	if err != nil || !os.SameFile(open, named) || !named.Mode().IsRegular() {
		return ""
	}
	return path
}

func (d *Desk) spool(src io.ReadSeeker) error {
	f, err := os.CreateTemp(d.r.o.Temp, "vitrine-in-")
	if err != nil {
		return err
	}
	d.copy = f.Name()
	if d.in, err = filepath.Abs(d.copy); err == nil {
		_, err = src.Seek(0, io.SeekStart)
	}
	if err == nil {
		_, err = io.Copy(f, src)
	}
	return errors.Join(err, f.Close())
}

// Size returns the size in bytes of a file that a command has written. What is no plain file, or has nothing in it, is an error.
func (d *Desk) Size(name string) (int64, error) {
	info, err := os.Lstat(filepath.Join(d.Out, name))
	if err == nil && (!info.Mode().IsRegular() || info.Size() == 0) {
		err = errors.New(name + " is no file with anything in it")
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Close removes what the commands wrote.
func (d *Desk) Close() {
	if d.copy != "" {
		_ = os.Remove(d.copy)
	}
	_ = os.RemoveAll(d.Out)
}

// Run runs a command and returns its standard output. Errors are dam.Error: Unsupported when the program is missing,
// TooLarge past a limit, Invalid when the program gave up on the file, with its words as the cause. A context that ends
// comes back as its own error; nothing of the command runs on.
func (d *Desk) Run(ctx context.Context, c Command) ([]byte, error) {
	if !d.r.Has(c.Program) {
		return nil, &dam.Error{Code: dam.Unsupported, Message: "this server has no " + c.Program + ", which this type of file needs", Remedy: "ask the operator to install it (vitrine doctor names the package); the original can be downloaded"}
	}
	if c.Time <= 0 {
		c.Time = 30 * time.Second
	}
	if c.Memory <= 0 {
		c.Memory = 2 << 30
	}
	if c.Output <= 0 {
		c.Output = 256 << 20
	}
	select {
	case d.r.slots <- struct{}{}:
		defer func() { <-d.r.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.Time, errLate)
	defer cancel()
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	args := []string{"--as=" + number(c.Memory), "--fsize=" + number(c.Output), "--core=0", "--nofile=256",
		"--cpu=" + number(4*int64(c.Time/time.Second)+1), // of each process, however many threads: the deadline is the finer bound
		d.r.path("bwrap")}
	args = append(args, walls()...)
	args = append(args, "--ro-bind", d.in, Original, "--bind", d.Out, "/out", "--", d.r.path(c.Program))
	cmd := exec.CommandContext(limited, d.r.path("prlimit"), append(args, c.Args...)...) //nolint:gosec // programs and options are this server's own
	cmd.Env = []string{"PATH=/usr/bin"}
	// Killing bwrap ends everything inside, for its namespace of processes goes with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	said := &head{room: 2 << 10}
	cmd.Stderr = said
	kept := &head{room: c.Output}
	cmd.Stdout = kept
	if c.Line != nil {
		cmd.Stdout = &lines{each: c.Line}
	}
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(context.Cause(limited), errLate):
		return nil, &dam.Error{Code: dam.TooLarge, Err: errLate, Message: fmt.Sprintf("%s did not finish the file within %s", c.Program, c.Time), Remedy: "upload a smaller or simpler version; the original can be downloaded"}
	case err != nil:
		return nil, refusal(c.Program, err, said.buf.String())
	case kept.over:
		return nil, tooMuch(c.Program, errors.New("standard output"))
	}
	return kept.buf.Bytes(), nil
}

var errLate = errors.New("deadline of the program")

func tooMuch(program string, cause error) error {
	return &dam.Error{Code: dam.TooLarge, Err: cause, Message: program + " needs more memory, time or room for the file than it may have", Remedy: "upload a smaller or simpler version; the original can be downloaded"}
}

// refusal words how a program ended.
func refusal(program string, err error, said string) error {
	said = strings.Join(strings.Fields(said), " ")
	cause := fmt.Errorf("%w: %s", err, said)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		// bwrap passes a signal on as a shell does.
		switch syscall.Signal(exit.ExitCode() - 128) {
		case syscall.SIGXCPU, syscall.SIGXFSZ, syscall.SIGKILL:
			return tooMuch(program, cause)
		}
	}
	low := strings.ToLower(said)
	for _, words := range []string{"cannot allocate memory", "out of memory", "bad_alloc", "memory allocation", "file too large"} {
		if strings.Contains(low, words) {
			return tooMuch(program, cause)
		}
	}
	return &dam.Error{Code: dam.Invalid, Err: cause, Message: "the file is damaged, or not of a kind that " + program + " can read", Remedy: "export it again from the program that made it; the original can be downloaded"}
}

// head keeps the first bytes written.
type head struct {
	buf  bytes.Buffer
	room int64
	over bool
}

func (h *head) Write(p []byte) (int, error) {
	keep := min(int64(len(p)), h.room)
	h.buf.Write(p[:keep])
	h.room -= keep
	h.over = h.over || keep < int64(len(p))
	return len(p), nil
}

// lines calls a function for each line.
type lines struct {
	each func(string)
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			break
		}
		l.each(string(bytes.TrimSpace(line)))
		l.rest = rest
	}
	if len(l.rest) > 64<<10 {
		l.rest = nil
	}
	return len(p), nil
}
