package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"

	"vitrine/cmd/vitrine/config"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
)

// renderMemory is the memory limit of one rendering process, in bytes; memory that is reserved and never used counts
// too. The default of max_megapixels, 160, is 640 MB of colour with transparency, twice that when it is turned upright,
// and room for the encoders. A picture that needs more, of 16 bits or by a higher setting, is refused and nothing else
// is: see "The rendition engine" in docs/operations.md.
const renderMemory = 2 << 30

// onDemand is the number of processes in addition to those of upload jobs, so that pictures that a person waits for
// don't queue behind uploads.
const onDemand = 2

// EngineVersion returns the version of an engine for people.
func EngineVersion(name string) string {
	if name == "vips" {
		return "libvips " + vips.Version()
	}
	return "pure Go"
}

// OpenWorkers starts the configured engine in processes of their own, each in a sandbox of box. If sandboxes don't
// work, libvips is not used: its decoders are written in C, and a vulnerability in one could read everything that the
// server can.
func OpenWorkers(c config.Config, box *sandbox.Runner, log *slog.Logger) *Workers {
	w := &Workers{setting: c.Engine, box: box}
	name := c.Engine
	if name == "vips" && box.WorkerWalls() == sandbox.None {
		name, w.Demoted = "imaging", box.Works()
	}
	args := []string{RenderCommand, name}
	if box.WorkerWalls() == sandbox.None {
		args = append(args, "--"+UnsealedFlag)
	}
	w.Pool = isolate.New(isolate.Options{
		Name: name, Headers: imaging.New(), Size: max(2, runtime.GOMAXPROCS(0)) + onDemand, Timeout: c.PictureTime,
		Temp: box.Temp(), Room: box.Room(), Log: log,
		Owner: func(ctx context.Context) string { return dam.OriginOf(ctx).Library },
		Command: func() (*exec.Cmd, func() error) {
			// Decoders of untrusted files don't get the server's secrets.
			env := append(isolate.Allocator(), "PATH="+os.Getenv("PATH"))
			if dirs := os.Getenv("LD_LIBRARY_PATH"); dirs != "" {
				env = append(env, "LD_LIBRARY_PATH="+dirs)
			}
			return box.Worker(env, args...)
		},
	})
	return w
}

// Workers is the pool of processes for the server's own decoders.
type Workers struct {
	*isolate.Pool
	setting string
	box     *sandbox.Runner
	Demoted error // why another engine than the configured one is used
}

// Probe implements rendition.Engine.
func (w *Workers) Probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error) {
	info, err := w.Pool.Probe(ctx, src)
	return info, w.explain(err)
}

// Render implements rendition.Engine.
func (w *Workers) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options,
	emit func(rendition.Output) error) error {
	return w.explain(w.Pool.Render(ctx, src, specs, opt, emit))
}

// explain adds to the error for a type that only libvips reads why libvips is not used.
func (w *Workers) explain(err error) error {
	var why *dam.Error
	if w.Demoted == nil || dam.CodeOf(err) != dam.Unsupported || !errors.As(w.Demoted, &why) {
		return err
	}
	return &dam.Error{Code: dam.Unsupported, Err: err, Reason: reasons.PictureNeedsLibvips(why.Why())}
}

// Describe returns the engine's name and version for people.
func (w *Workers) Describe() string {
	s := w.Name() + " (" + EngineVersion(w.Name()) + ")"
	if w.Demoted != nil {
		s += " instead of " + w.setting + ": " + w.Demoted.Error()
	}
	return s
}

// Announce logs how the workers and other programs are sandboxed, and starts a worker to verify it.
func (w *Workers) Announce(ctx context.Context, log *slog.Logger) {
	programs := "none: they are not used"
	if w.box.Works() == nil {
		programs = w.box.Describe(w.box.Walls())
	}
	log.Info("walls around decoders of uploaded files", "engine", w.Name(), "workers",
		w.box.Describe(w.box.WorkerWalls()), "programs", programs)
	if w.Demoted != nil {
		log.Warn("libvips is not used, and neither are other programs: nothing walls them off", "err", w.Demoted)
	} else if err := w.box.Works(); err != nil {
		log.Warn("no other programs are used", "err", err)
	}
	if sealed, err := w.Check(ctx); err != nil && ctx.Err() == nil {
		log.Error("no worker for renditions could be started", "err", err)
	} else if err == nil && !sealed {
		log.Warn("the workers for renditions have no walls: they decode in Go only")
	}
}

// RenderCommand is the hidden command with which the program starts itself to decode pictures.
const RenderCommand = "render-worker"

// UnsealedFlag lets a worker run without a sandbox of its own. It is used with the engine in Go if there are no
// sandboxes.
const UnsealedFlag = "unsealed"

// AsWorker is for programs other than vitrine that run servers, such as tests. If the arguments are those with which a
// server starts its own program as a worker, it does that work. It reports whether they were.
func AsWorker(args []string) (asked bool, err error) {
	if len(args) < 3 || args[1] != RenderCommand {
		return false, nil
	}
	return true, ServeRenders(args[2], slices.Contains(args, "--"+UnsealedFlag))
}

// ServeRenders decodes pictures for the server that started this process, until the server closes the connection. A
// worker without a sandbox of its own serves the engine in Go only.
func ServeRenders(engine string, unsealed bool) error {
	return isolate.Serve(isolate.Service{Memory: renderMemory, Seal: sandbox.Seal, Unsealed: unsealed &&
		engine == "imaging", Engine: func() (rendition.Engine, error) {
		switch engine {
		case "vips":
			return vips.New(imaging.New())
		case "imaging":
			return imaging.New(), nil
		}
		return nil, fmt.Errorf("no engine %q", engine)
	}})
}
