package sandbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/sandbox"
	"vitrine/storage"
	"vitrine/storage/disk"
)

func TestMain(m *testing.M) {
	sandbox.Launch()
	os.Exit(m.Run())
}

// onEach runs a test behind each wall that programs are put behind.
func onEach(t *testing.T, f func(t *testing.T, o sandbox.Options)) {
	t.Helper()
	for _, w := range []sandbox.Wall{sandbox.Bubblewrap, sandbox.Landlock} {
		t.Run(string(w), func(t *testing.T) {
			o := sandbox.Options{Temp: t.TempDir(), Only: w}
			if got := sandbox.New(o).Walls(); got != w {
				t.Fatalf("%s does not work on this machine: %v", w, sandbox.New(o).Works())
			}
			f(t, o)
		})
	}
}

func open(t *testing.T, o sandbox.Options, content string) *sandbox.Desk {
	t.Helper()
	d, err := sandbox.New(o).Open(t.Context(), strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// shell runs a script with $in, its file, and $out, its folder.
func shell(d *sandbox.Desk, script string) sandbox.Command {
	return sandbox.Command{Program: "bash", Args: []string{"-c", "in=$0 out=$1; " + script, d.Original(), d.Path("")}}
}

func TestAProgramSeesItsFileAndWritesItsFolder(t *testing.T) {
	onEach(t, aProgramSeesItsFileAndWritesItsFolder)
}

func aProgramSeesItsFileAndWritesItsFolder(t *testing.T, o sandbox.Options) {
	d := open(t, o, "hello")
	out, err := d.Run(t.Context(), shell(d, "cat $in; cp $in $out/copy"))
	if err != nil || string(out) != "hello" {
		t.Fatalf("got %q, %v", out, err)
	}
	if b, err := os.ReadFile(filepath.Join(d.Out, "copy")); err != nil || string(b) != "hello" {
		t.Errorf("copy: %q, %v", b, err)
	}
	d.Close()
	if _, err := os.Stat(d.Out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestAFileOnTheDiskIsNotCopied(t *testing.T) { onEach(t, aFileOnTheDiskIsNotCopied) }

func aFileOnTheDiskIsNotCopied(t *testing.T, o sandbox.Options) {
	dir := t.TempDir()
	path := filepath.Join(dir, "original")
	if err := os.WriteFile(path, []byte("here"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	d, err := sandbox.New(o).Open(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if out, err := d.Run(t.Context(), shell(d, "cat $in; echo x >$in || echo -ro")); err != nil ||
		string(out) != "here-ro\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if list, _ := filepath.Glob(filepath.Join(o.Temp, "vitrine-in-*")); len(list) != 0 {
		t.Errorf("copies in the temporary folder: %v", list)
	}
	// A file without a name is copied.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	gone, err := sandbox.New(o).Open(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close()
	if out, err := gone.Run(t.Context(), shell(gone, "cat $in")); err != nil || string(out) != "here" {
		t.Errorf("nameless: %q, %v", out, err)
	}
}

func TestNothingElseIsInReach(t *testing.T) { onEach(t, nothingElseIsInReach) }

func nothingElseIsInReach(t *testing.T, o sandbox.Options) {
	t.Setenv("VITRINE_SECRET_KEY", "do not tell")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	server := strconv.Itoa(os.Getpid())
	d := open(t, o, "x")
	for name, script := range map[string]string{
		"file":        "cat " + secret,
		"passwords":   "cat /etc/passwd",
		"network":     "exec 3<>/dev/tcp/127.0.0.1/" + port,
		"environment": `[ -n "$VITRINE_SECRET_KEY" ]`,
		"processes":   "kill -0 " + server,
		"memory":      "head -c 1 /proc/" + server + "/mem",
		"settings":    "cat /proc/" + server + "/environ",
		"overwriting": "echo x >" + secret,
		"cutting":     "truncate -s 0 " + secret,
		"giving away": "chmod 666 " + secret,
		"namespaces":  "unshare -U true",
		"a debugger":  `perl -e 'exit(syscall(101, 16, ` + server + `, 0, 0) < 0)'`, // ptrace, to attach
	} {
		if out, err := d.Run(t.Context(), shell(d, script)); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%s: got %q, %v, want a refusal", name, out, err)
		}
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "secret" {
		t.Errorf("the file is now %q, %v", b, err)
	}
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("the file is now %v, %v", info.Mode(), err)
	}
}

func TestLimits(t *testing.T) { onEach(t, limits) }

func limits(t *testing.T, o sandbox.Options) {
	d := open(t, o, "x")
	big := shell(d, "exec head -c 2000000 /dev/urandom >$out/big")
	big.Output = 1 << 20
	for name, c := range map[string]sandbox.Command{
		"deadline": {Program: "sleep", Args: []string{"600"}, Limits: sandbox.Limits{Time: 300 * time.Millisecond}},
		"memory": {Program: "perl", Args: []string{"-e", "my $x = 'x' x (1<<29); print length $x"},
			Limits: sandbox.Limits{Memory: 200 << 20}},
		"file": big,
		"output": {Program: "head", Args: []string{"-c", "2000000", "/dev/urandom"},
			Limits: sandbox.Limits{Output: 1 << 20}},
	} {
		_, err := d.Run(t.Context(), c)
		if dam.CodeOf(err) != dam.TooLarge {
			t.Errorf("%s: got %v, want %s", name, err, dam.TooLarge)
		}
		if info, err := os.Stat(filepath.Join(d.Out, "big")); err == nil && info.Size() > 1<<20 {
			t.Errorf("%s: %d bytes were written", name, info.Size())
		}
	}
}

// TestAnEndedCommandLeavesNothingRunning: a grandchild writes until it goes.
func TestAnEndedCommandLeavesNothingRunning(t *testing.T) {
	onEach(t, anEndedCommandLeavesNothingRunning)
}

func anEndedCommandLeavesNothingRunning(t *testing.T, o sandbox.Options) {
	d := open(t, o, "x")
	fifo := filepath.Join(d.Out, "alive")
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		c := shell(d, "mkfifo $out/alive; (sleep 600 >$out/alive) & echo go; cat $out/alive & wait")
		c.Line = func(string) { close(started) }
		_, err := d.Run(ctx, c)
		done <- err
	}()
	<-started
	// Opened here too, so that the pipe ends when the last writer inside does.
	f, err := os.OpenFile(fifo, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	_ = f.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadAll(f); err != nil {
		t.Errorf("something still holds the pipe: %v", err)
	}
}

func TestMissingPrograms(t *testing.T) {
	d := open(t, sandbox.Options{Temp: t.TempDir()}, "x")
	_, err := d.Run(t.Context(), sandbox.Command{Program: "no-such-program"})
	if dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "no-such-program") {
		t.Errorf("got %v", err)
	}
	_, err = sandbox.New(sandbox.Options{Programs: t.TempDir()}).Open(t.Context(), strings.NewReader("x"))
	if dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "prlimit") {
		t.Errorf("without prlimit: %v", err)
	}
}

// programs is a folder with a bwrap that is a script.
func programs(t *testing.T, bwrap string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bwrap"), []byte("#!/bin/sh\n"+bwrap+"\n"), 0o755); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	for _, p := range []string{"prlimit", "cat"} {
		if err := os.Symlink("/usr/bin/"+p, filepath.Join(dir, p)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Where bubblewrap refuses, or never ends and keeps its pipe open, Landlock takes its place.
func TestWhereBubblewrapDoesNotWork(t *testing.T) {
	for name, script := range map[string]string{"refuses": "echo no namespaces >&2; exit 1",
		"hangs": "sleep 600 & sleep 600"} {
		t.Run(name, func(t *testing.T) {
			o := sandbox.Options{Programs: programs(t, script), Temp: t.TempDir(), Trial: 2 * time.Second}
			r := sandbox.New(o)
			if r.Walls() != sandbox.Landlock || r.WorkerWalls() != sandbox.Landlock {
				t.Errorf("walls %q and %q: %v", r.Walls(), r.WorkerWalls(), r.Works())
			}
			// Without Landlock either, nothing is opened at all, and the reason says what to do.
			o.Only = sandbox.Bubblewrap
			bare := sandbox.New(o)
			_, err := bare.Open(t.Context(), strings.NewReader("x"))
			var e *dam.Error
			if !errors.As(err, &e) || e.Code != dam.Unsupported || !strings.Contains(e.Text(), "bubblewrap") ||
				e.Advice() == "" {
				t.Errorf("without walls: %v", err)
			}
			if bare.Walls() != sandbox.None || bare.WorkerWalls() != sandbox.None {
				t.Errorf("walls %q and %q", bare.Walls(), bare.WorkerWalls())
			}
		})
	}
}

// A folder that every program reads is no place for secrets.
func TestWhatIsInPlainSight(t *testing.T) {
	r := sandbox.New(sandbox.Options{Private: []string{t.TempDir(), "/usr/share"}})
	if err := r.Works(); dam.CodeOf(err) != dam.Unsupported || !strings.Contains(err.Error(), "/usr/share") ||
		r.WorkerWalls() != sandbox.None {
		t.Errorf("got %v, workers behind %q", err, r.WorkerWalls())
	}
}

// What waits for its turn does not spend its time.
func TestABudgetIsOfWorkOnly(t *testing.T) {
	r := sandbox.New(sandbox.Options{Temp: t.TempDir(), Processes: 1})
	d, err := r.Open(t.Context(), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	other, err := r.Open(t.Context(), strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	running := make(chan struct{})
	first := make(chan error, 1)
	go func() {
		c := shell(other, "echo go; sleep 0.6")
		c.Line = func(string) { close(running) }
		_, err := other.Run(t.Context(), c)
		first <- err
	}()
	<-running
	d.Budget = 500 * time.Millisecond
	if _, err := d.Run(t.Context(), sandbox.Command{Program: "true"}); err != nil {
		t.Errorf("a command after another of 0.6 s: %v", err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := d.Run(t.Context(), sandbox.Command{Program: "sleep", Args: []string{"600"}}); dam.CodeOf(
		err) != dam.TooLarge {
		t.Errorf("a command past the budget: %v", err)
	}
}

// object is a record of one object.
type object storage.Sums

func (o object) Expect(context.Context, string) (storage.Sums, bool, error) {
	return storage.Sums(o), true, nil
}

func (object) Damaged(context.Context, string, error) {}

// Programs that read a file by its path get the store's own, too, and a copy only where there is room.
func TestProgramsReadTheStoresFile(t *testing.T) {
	dir := t.TempDir()
	store, err := disk.Open(filepath.Join(dir, "objects"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	sum := storage.NewSummer()
	_, _ = sum.Write([]byte("a file"))
	if err := store.Put(t.Context(), "k", bytes.NewReader([]byte("a file")), storage.PutOptions{Size: 6}); err != nil {
		t.Fatal(err)
	}
	o, err := storage.NewVerified(store, nil, object(sum.Sums())).Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.Close() }()
	box := sandbox.New(sandbox.Options{Temp: dir, Room: func(int64) error {
		return &dam.Error{Code: dam.NoSpace, Reason: reasons.ServerDiskFull()}
	}})
	d, err := box.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	// Full disks explain what programs only stumble over.
	if _, err := d.Run(t.Context(), shell(d, "exit 1")); !dam.OutOfRoom(err) {
		t.Errorf("a program that failed without room: %v", err)
	}
	if out, err := d.Run(t.Context(), shell(d, "cat $in")); err != nil || string(out) != "a file" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := box.Open(t.Context(), bytes.NewReader([]byte("a file"))); !dam.OutOfRoom(err) {
		t.Errorf("a copy without room: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "vitrine-in-*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
