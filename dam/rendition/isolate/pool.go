package isolate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// Options of a pool; Command and Name are needed.
type Options struct {
	// Command starts a child: it ends in Serve. It is called for each. start is what starts it, nil for the command's
	// own Start.
	Command func() (cmd *exec.Cmd, start func() error)
	// Owner names whose file a job is about: a child sees files of one owner only, and a file of "" is the only one
	// that its child sees. nil makes all files one owner's.
	Owner func(context.Context) string
	// Start bounds how long a child may take to be ready; 0 is 20 s.
	Start time.Duration
	// Name is the name of the engine in the children.
	Name string
	// Headers reads headers in this process, where that is safe; what it calls dam.Unsupported is asked of a child.
	Headers interface {
		Probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error)
	}
	Size    int           // children at once; 0 is 2
	Jobs    int           // after which a child is replaced; 0 is 200
	Timeout time.Duration // of one picture; 0 is a minute
	Temp    string        // folder for copies of originals that are no files; "" is the system's
	// Room refuses a copy of so many bytes in Temp; nil has room for everything.
	Room func(bytes int64) error
	Log  *slog.Logger // nil is slog.Default
}

// Pool is an engine whose work is done by children.
type Pool struct {
	o     Options
	slots *rendition.FairSemaphore
	mu    sync.Mutex
	idle  []*child // that with the latest job last
	busy  int
	done  bool

	starts, crashes, timeouts atomic.Int64
}

// New makes a pool. Children are started when they are needed.
func New(o Options) *Pool {
	if o.Size <= 0 {
		o.Size = 2
	}
	if o.Jobs <= 0 {
		o.Jobs = 200
	}
	if o.Timeout <= 0 {
		o.Timeout = time.Minute
	}
	if o.Start <= 0 {
		o.Start = 20 * time.Second
	}
	if o.Owner == nil {
		o.Owner = func(context.Context) string { return "anybody" }
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Pool{o: o, slots: rendition.NewFairSemaphore(int64(o.Size))}
}

// Name implements rendition.Engine.
func (p *Pool) Name() string { return p.o.Name }

// Close ends the idle children; those at work end with their job.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	for _, c := range p.idle {
		c.end()
	}
	p.idle = nil
	return nil
}

// Probe implements rendition.Engine.
func (p *Pool) Probe(ctx context.Context, src io.ReadSeeker) (info rendition.Info, err error) {
	if p.o.Headers != nil {
		if info, err = p.o.Headers.Probe(ctx, src); dam.CodeOf(err) != dam.Unsupported {
			return info, err
		}
	}
	unknown := err
	if err := ctx.Err(); err != nil {
		return info, err
	}
	err = p.run(ctx, src, request{Op: "probe"}, nil, func(r reply, _ []byte) error {
		if r.Info != nil {
			info = *r.Info
		}
		return nil
	})
	var why *dam.Error
	if unknown != nil && dam.CodeOf(err) == dam.Unsupported && errors.As(err, &why) &&
		why.Why().ReasonCode != reasons.CodeVariantNotDecoded {
		err = unknown // it knows the formats' names better
	}
	return info, err
}

// Render implements rendition.Engine.
func (p *Pool) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) error {
	if len(specs) == 0 {
		return ctx.Err()
	}
	info, err := p.Probe(ctx, src)
	if err != nil {
		return err
	}
	if err := opt.Check(info); err != nil {
		return err
	}
	release, err := opt.Gate.Acquire(ctx, int64(info.Width)*int64(info.Height))
	if err != nil {
		return err
	}
	defer release()
	q := request{Op: "render", Specs: specs, Max: opt.MaxPixels, Animation: opt.MaxAnimation,
		Workers: opt.Workers}
	body, err := q.addWatermarks(ctx, opt)
	if err != nil {
		return err
	}
	made := make([]bool, len(specs))
	return p.run(ctx, src, q, body, func(r reply, b []byte) error {
		if r.End || made[r.Spec] { // made before the child before this one crashed
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		made[r.Spec] = true
		return emit(rendition.Output{Spec: specs[r.Spec], Bytes: b, Width: r.Width, Height: r.Height,
			MediaType: r.MediaType, Note: r.Note})
	})
}

// addWatermarks puts the watermarks beside the job: a child can reach no storage.
func (q *request) addWatermarks(ctx context.Context, opt rendition.Options) (body []byte, err error) {
	have := map[string]bool{}
	for _, s := range q.Specs {
		if s.Watermark == nil || have[s.Watermark.SHA256] || opt.Watermark == nil {
			continue
		}
		b, err := opt.Watermark(ctx, s.Watermark.SHA256)
		if err != nil {
			return nil, err
		}
		have[s.Watermark.SHA256] = true
		q.Watermarks = append(q.Watermarks, watermarkSize{s.Watermark.SHA256, len(b)})
		body = append(body, b...)
	}
	return body, nil
}

// errCrashed: the child ended before its answer did.
var errCrashed = errors.New("the decoder's process ended")

// run gives a job to a child. A child that dies is replaced and the job tried once more, for the death may have been
// another's doing (the kernel's, short of memory); a file that kills twice is refused.
func (p *Pool) run(ctx context.Context, src io.ReadSeeker, q request, body []byte,
	each func(reply, []byte) error) error {
	original, done, err := p.file(ctx, src)
	if err != nil {
		return err
	}
	defer done()
	release, err := p.slots.Acquire(ctx, 1)
	if err != nil {
		return err
	}
	defer release()
	for attempt := 1; ; attempt++ {
		err = p.attempt(ctx, original, q, body, each)
		if !errors.Is(err, errCrashed) {
			return err
		}
		p.crashes.Add(1)
		p.o.Log.Warn("a rendition's process died", "engine", p.o.Name, "attempt", attempt, "err", err)
		if attempt == 2 {
			return &dam.Error{Code: dam.Invalid, Reason: reasons.DecoderCrashed(), Err: err}
		}
	}
}

func (p *Pool) attempt(ctx context.Context, original *os.File, q request, body []byte,
	each func(reply, []byte) error) error {
	c, err := p.take(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &dam.Error{Code: dam.Unavailable, Reason: reasons.NoRenderProcess(), Err: err}
	}
	defer p.left()
	limited, cancel := context.WithTimeoutCause(ctx, p.o.Timeout, errTooLate)
	defer cancel()
	// The only way to stop C code is from outside.
	stop := context.AfterFunc(limited, c.kill)
	err = c.work(original, q, body, each)
	if !stop() {
		c.end()
		if errors.Is(context.Cause(limited), errTooLate) && ctx.Err() == nil {
			p.timeouts.Add(1)
			return &dam.Error{Code: dam.TooLarge, Reason: reasons.RenderTimeout(p.o.Timeout), Err: errTooLate}
		}
		return ctx.Err()
	}
	var theirs *workError
	switch {
	case err == nil:
		p.put(c)
	case errors.As(err, &theirs):
		p.put(c) // an answer, only not a picture
		err = theirs.err
	default: // broken, or in the middle of something nobody wants any more
		state := c.end()
		if errors.Is(err, errCrashed) {
			err = fmt.Errorf("%w: %s", err, state)
			if c.outOfMemory() {
				return &dam.Error{Code: dam.TooLarge, Reason: reasons.RenderMemory(), Err: errors.New(state)}
			}
		}
	}
	return err
}

var errTooLate = errors.New("deadline of the rendition")

// take returns an idle child that lives and has seen nobody else's files, or a new one.
func (p *Pool) take(ctx context.Context) (*child, error) {
	owner := p.o.Owner(ctx)
	p.mu.Lock()
	p.busy++
	for i := len(p.idle) - 1; i >= 0; i-- {
		c := p.idle[i]
		select {
		case <-c.exited: // while nobody looked
			p.drop(i)
			continue
		default:
		}
		if owner != "" && c.owner == owner {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			p.mu.Unlock()
			return c, nil
		}
	}
	for len(p.idle) > 0 && len(p.idle)+p.busy > p.o.Size {
		p.drop(0) // another owner's, to make room
	}
	p.mu.Unlock()
	c, err := p.start(ctx)
	if err != nil {
		p.left()
		return nil, err
	}
	c.owner = owner
	return c, nil
}

// start starts a child.
func (p *Pool) start(ctx context.Context) (*child, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.o.Start, fmt.Errorf("it was not ready within %s", p.o.Start))
	defer cancel()
	p.starts.Add(1)
	cmd, run := p.o.Command()
	return start(ctx, cmd, run)
}

// Check starts a child and says whether it has put up its own walls; the error says why none could be started.
func (p *Pool) Check(ctx context.Context) (sealed bool, err error) {
	c, err := p.start(ctx)
	if err != nil {
		return false, err
	}
	c.end()
	return c.sealed, nil
}

func (p *Pool) left() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
}

// drop ends an idle child.
func (p *Pool) drop(i int) {
	p.idle[i].end()
	p.idle = append(p.idle[:i], p.idle[i+1:]...)
}

func (p *Pool) put(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.jobs++; p.done || c.jobs >= p.o.Jobs || c.owner == "" {
		c.end()
		return
	}
	p.idle = append(p.idle, c)
}

// file finds the file behind src, or copies it to one without a name; done closes what was made.
func (p *Pool) file(ctx context.Context, src io.ReadSeeker) (f *os.File, done func(), err error) {
	if f, err = rendition.File(ctx, src); !errors.Is(err, errors.ErrUnsupported) {
		return f, func() {}, err
	}
	if f, err = nameless(cmp.Or(p.o.Temp, os.TempDir())); err != nil {
		return nil, nil, err
	}
	if err := rendition.Spool(f, src, p.o.Room); err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, func() { _ = f.Close() }, nil
}

// nameless makes a file that goes with the process, however that ends. Where a file system can't make one that never
// had a name, it has one for a moment.
func nameless(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDWR|unix.O_TMPFILE, 0o600)
	// the latter from a kernel that doesn't know of it
	if !errors.Is(err, unix.EOPNOTSUPP) && !errors.Is(err, unix.EISDIR) {
		return f, err
	}
	if f, err = os.CreateTemp(dir, "vitrine-original-"); err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
