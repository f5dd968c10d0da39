// Package sandbox runs other people's programs on strangers' files, and says how this server's own workers are started
// that do the same. Every one of them is behind two walls: bubblewrap, which gives it namespaces without network,
// processes and files of others, or, where the machine does not allow that, Landlock, which lets it open no other file;
// and seccomp, which lets it make no system call that it has no use for. A command has a deadline besides, and bounds
// on memory, processor and output.
//
// Where neither bubblewrap nor Landlock works, nothing is run.
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
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// Options of a Runner. The zero value is usable.
type Options struct {
	// Programs is the folder of the programs; /usr/bin when "".
	Programs string
	// Temp is the folder for what commands write; the system's when "".
	Temp string
	// Room refuses a copy of so many bytes in Temp; nil has room for everything.
	Room func(bytes int64) error
	// Private are files and folders that no program may see, whatever is readable beside them.
	Private []string
	// Only is the one wall to try; each in turn when None.
	Only Wall
	// Trial bounds the trial of a wall when the runner is first used; 10 s when 0.
	Trial time.Duration
	// Processes is how many commands run at once, the others wait; GOMAXPROCS + 2 when 0.
	Processes int
}

// Runner runs commands. It may be shared.
type Runner struct {
	o     Options
	slots *rendition.FairSemaphore
	once  sync.Once
	up    walls
	broke error
}

// Temp is the folder for what is written meanwhile; the system's when "".
func (r *Runner) Temp() string { return r.o.Temp }

// Room refuses a copy of so many bytes in that folder; nil when there is room for everything.
func (r *Runner) Room() func(bytes int64) error { return r.o.Room }

// New makes a runner. Whether the machine allows it is looked up when it is first used.
func New(o Options) *Runner {
	if o.Programs == "" {
		o.Programs = "/usr/bin"
	}
	if o.Trial <= 0 {
		o.Trial = 10 * time.Second
	}
	if o.Processes <= 0 {
		o.Processes = runtime.GOMAXPROCS(0) + 2
	}
	return &Runner{o: o, slots: rendition.NewFairSemaphore(int64(o.Processes))}
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

// Has reports whether a program is there; it may still not work (Works).
func (r *Runner) Has(program string) bool {
	_, err := exec.LookPath(r.path(program))
	return err == nil
}

// Allows returns nil when a program is there and can be run, and otherwise a dam.Error of the code Unsupported that
// says why not.
func (r *Runner) Allows(program string) error {
	if err := r.Works(); err != nil {
		return err
	}
	if !r.Has(program) {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.ProgramMissing(program)}
	}
	// LibreOffice's parts speak to each other over Unix sockets, which Landlock can't tell from the machine's other
	// ones.
	if program == "soffice" && r.up.programs == Landlock {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.SandboxNotAllowed()}
	}
	return nil
}

func (r *Runner) path(program string) string { return filepath.Join(r.o.Programs, program) }

// Desk is a file and a folder that any number of commands work on in turn.
type Desk struct {
	r    *Runner
	in   string // path of the file
	copy string // to be removed, "" when in is the original itself
	Out  string // folder where commands write
	// Budget bounds all commands on the desk together, 0 for none; each has its own bounds besides. Waiting for a place
	// does not count.
	Budget time.Duration
	spent  time.Duration
	// Complaint is what the last command that ended well wrote to standard error, cut to 2 KiB.
	Complaint string
	temp      string // folder for what they need on the way, "" when that is inside only
}

// Open makes a desk for a file, which is copied unless it has a path of its own on this machine. src is read from its
// start.
func (r *Runner) Open(ctx context.Context, src io.ReadSeeker) (*Desk, error) {
	if err := r.Works(); err != nil {
		return nil, err
	}
	in, err := pathOf(ctx, src)
	if err != nil {
		return nil, err
	}
	out, err := os.MkdirTemp(r.o.Temp, "vitrine-out-")
	if err != nil {
		return nil, err
	}
	d := &Desk{r: r, Out: out, in: in}
	if d.in == "" {
		if err = d.spool(src); err != nil {
			d.Close()
			return nil, err
		}
	}
	// bwrap reads relative paths from another folder.
	d.Out, err = filepath.Abs(out)
	if err == nil && r.up.programs == Landlock {
		d.temp, err = os.MkdirTemp(filepath.Dir(d.Out), "vitrine-tmp-")
	}
	if err != nil {
		d.Close()
	}
	return d, err
}

// Original is the path of the file for commands' arguments.
func (d *Desk) Original() string {
	if d.temp != "" {
		return d.in
	}
	return originalInside
}

// Path is the path of something in the folder Out, for commands' arguments.
func (d *Desk) Path(name string) string {
	if d.temp != "" {
		return filepath.Join(d.Out, name)
	}
	return filepath.Join(outInside, name)
}

// Scratch is the path of something in a folder that is gone after the command or with the desk, for commands'
// arguments.
func (d *Desk) Scratch(name string) string {
	if d.temp != "" {
		return filepath.Join(d.temp, name)
	}
	return filepath.Join("/tmp", name)
}

// pathOf is where an open file really is, "" when it has no name any more or is none.
func pathOf(ctx context.Context, src io.ReadSeeker) (string, error) {
	f, err := rendition.File(ctx, src)
	if errors.Is(err, errors.ErrUnsupported) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	path, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(int(f.Fd())))
	if err != nil {
		return "", nil
	}
	open, err := f.Stat()
	if err != nil {
		return "", nil
	}
	named, err := os.Stat(path)
	if err != nil || !os.SameFile(open, named) || !named.Mode().IsRegular() {
		return "", nil
	}
	return path, nil
}

func (d *Desk) spool(src io.ReadSeeker) error {
	f, err := os.CreateTemp(d.r.o.Temp, "vitrine-in-")
	if err != nil {
		return err
	}
	d.copy = f.Name()
	if d.in, err = filepath.Abs(d.copy); err == nil {
		err = rendition.Spool(f, src, d.r.o.Room)
	}
	return errors.Join(err, f.Close())
}

// Allows is Runner.Allows.
func (d *Desk) Allows(program string) error { return d.r.Allows(program) }

// Size returns the size in bytes of a file that a command has written. What is no plain file, or has nothing in it, is
// an error.
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
	if d.temp != "" {
		_ = os.RemoveAll(d.temp)
	}
}

// Run runs a command and returns its standard output. Errors are dam.Error: Unsupported when the program is missing,
// TooLarge past a limit, Invalid when the program gave up on the file, with its words as the cause. A context that ends
// comes back as its own error; nothing of the command runs on.
func (d *Desk) Run(ctx context.Context, c Command) ([]byte, error) {
	if err := d.r.Allows(c.Program); err != nil {
		return nil, err
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
	release, err := d.r.slots.Acquire(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer release()
	if d.Budget > 0 { // what has been waited for is not part of it
		c.Time = min(c.Time, d.Budget-d.spent)
		if c.Time <= 0 {
			return nil, late(c.Program, d.Budget)
		}
		began := time.Now()
		defer func() { d.spent += time.Since(began) }()
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.Time, errTooLate)
	defer cancel()
	cmd, run, err := d.r.command(limited, d, c)
	if err != nil {
		return nil, &dam.Error{Code: dam.Unavailable, Reason: reasons.ProgramNotStarted(c.Program), Err: err}
	}
	said := &head{room: 2 << 10}
	cmd.Stderr = said
	kept := &head{room: c.Output}
	cmd.Stdout = kept
	if c.Line != nil {
		cmd.Stdout = &lines{each: c.Line}
	}
	err = run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(context.Cause(limited), errTooLate):
		return nil, late(c.Program, c.Time)
	case err != nil:
		if d.r.o.Room != nil {
			if full := d.r.o.Room(0); full != nil {
				return nil, full // which the program may have met, and would meet again
			}
		}
		return nil, refusal(c.Program, err, said.buf.String())
	case kept.over:
		return nil, tooMuch(c.Program, errors.New("standard output"))
	}
	d.Complaint = said.buf.String()
	return kept.buf.Bytes(), nil
}

var errTooLate = errors.New("deadline of the program")

func late(program string, after time.Duration) error {
	return &dam.Error{Code: dam.TooLarge,
		Reason: reasons.ProgramTimeout(program, after.Round(time.Millisecond)), Err: errTooLate}
}

func tooMuch(program string, cause error) error {
	return &dam.Error{Code: dam.TooLarge, Reason: reasons.ProgramOverLimits(program), Err: cause}
}

// refusal words how a program ended.
func refusal(program string, err error, said string) error {
	said = strings.Join(strings.Fields(said), " ")
	cause := fmt.Errorf("%w: %s", err, said)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		signal := syscall.Signal(exit.ExitCode() - 128) // as a shell and bwrap pass one on
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			signal = status.Signal()
		}
		switch signal {
		case syscall.SIGXCPU, syscall.SIGXFSZ, syscall.SIGKILL:
			return tooMuch(program, cause)
		}
	}
	low := strings.ToLower(said)
	for _, words := range []string{"cannot allocate memory", "out of memory", "bad_alloc", "memory allocation",
		"file too large"} {
		if strings.Contains(low, words) {
			return tooMuch(program, cause)
		}
	}
	return &dam.Error{Code: dam.Invalid, Reason: reasons.FileUnreadableByProgram(program), Err: cause}
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
