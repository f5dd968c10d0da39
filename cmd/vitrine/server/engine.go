package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"vitrine/dam"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/sandbox"
	"vitrine/dam/rendition/vips"
)

// renderMemory is what one process for renditions may allocate, in bytes: 100 megapixels of colour with transparency,
// turned upright, and room for the encoders. Twice what such a picture needs, for what is reserved and never used counts too.
const renderMemory = 2 << 30

// pictureTimeout bounds the work on one picture, from when it has its turn.
const pictureTimeout = time.Minute

// onDemand is how many processes there are beyond those of upload jobs, so that pictures that somebody waits for don't queue behind them.
const onDemand = 2

// engineName is the engine that a setting means in this program.
func engineName(setting string) (string, error) {
	switch {
	case setting == "vips" && !vips.Built:
		return "", errors.New("this program was built without libvips: install libvips-dev and run make build, or use auto")
	case setting == "vips", setting == "auto" && vips.Built:
		return "vips", nil
	}
	return "imaging", nil
}

// engineVersion names an engine for people.
func engineVersion(name string) string {
	if name == "vips" {
		return "libvips " + vips.Version()
	}
	return "pure Go"
}

// openEngine makes the engine that the configuration names, in processes of their own, each behind walls that box puts up.
// Where none work, libvips is not used: its decoders are C, and a flaw in one would read what the server reads.
func openEngine(c Config, box *sandbox.Runner, log *slog.Logger) *workers {
	w := &workers{setting: c.Engine, box: box}
	name := c.Engine
	if name == "vips" && box.WorkerWalls() == sandbox.None {
		name, w.demoted = "imaging", box.Works()
	}
	args := []string{renderCommandName, name}
	if box.WorkerWalls() == sandbox.None {
		args = append(args, "--"+unsealedFlag)
	}
	w.Pool = isolate.New(isolate.Options{
		Name: name, Headers: imaging.New(), Size: max(2, runtime.GOMAXPROCS(0)) + onDemand, Timeout: pictureTimeout, Temp: box.Temp(), Room: box.Room(), Log: log,
		Owner: func(ctx context.Context) string { return dam.OriginOf(ctx).Library },
		Command: func() (*exec.Cmd, func() error) {
			// Decoders of strangers' files get none of the server's secrets.
			env := append(isolate.Allocator(), "PATH="+os.Getenv("PATH"))
			if dirs := os.Getenv("LD_LIBRARY_PATH"); dirs != "" {
				env = append(env, "LD_LIBRARY_PATH="+dirs)
			}
			return box.Worker(env, args...)
		},
	})
	return w
}

// workers are the pool of the server's own decoders.
type workers struct {
	*isolate.Pool
	setting string
	box     *sandbox.Runner
	demoted error // why another engine than the setting's is used
}

// Probe implements rendition.Engine.
func (w *workers) Probe(ctx context.Context, src io.ReadSeeker) (rendition.Info, error) {
	info, err := w.Pool.Probe(ctx, src)
	return info, w.explain(err)
}

// Render implements rendition.Engine.
func (w *workers) Render(ctx context.Context, src io.ReadSeeker, specs []rendition.Spec, opt rendition.Options, emit func(rendition.Output) error) error {
	return w.explain(w.Pool.Render(ctx, src, specs, opt, emit))
}

// explain says of a type that only libvips reads why that is not used.
func (w *workers) explain(err error) error {
	var why *dam.Error
	if w.demoted == nil || dam.CodeOf(err) != dam.Unsupported || !errors.As(w.demoted, &why) {
		return err
	}
	return &dam.Error{Code: dam.Unsupported, Err: err, Message: "this type of file is read by libvips, which is not used here: " + why.Message, Remedy: "ask the operator: " + why.Remedy}
}

// describe names the engine for people.
func (w *workers) describe() string {
	s := w.Name() + " (" + engineVersion(w.Name()) + ")"
	if w.demoted != nil {
		s += " instead of " + w.setting + ": " + w.demoted.Error()
	}
	return s
}

// announce says in the log which walls are up, and starts a worker to see that it gets behind them.
func (w *workers) announce(ctx context.Context, log *slog.Logger) {
	programs := "none: they are not used"
	if w.box.Works() == nil {
		programs = w.box.Describe(w.box.Walls())
	}
	log.Info("walls around decoders of uploaded files", "engine", w.Name(), "workers", w.box.Describe(w.box.WorkerWalls()), "programs", programs)
	if w.demoted != nil {
		log.Warn("libvips is not used, and neither are other programs: nothing walls them off", "err", w.demoted)
	} else if err := w.box.Works(); err != nil {
		log.Warn("no other programs are used", "err", err)
	}
	if sealed, err := w.Check(ctx); err != nil && ctx.Err() == nil {
		log.Error("no worker for renditions could be started", "err", err)
	} else if err == nil && !sealed {
		log.Warn("the workers for renditions have no walls: they decode in Go only")
	}
}

const renderCommandName = "render-worker"

// unsealedFlag lets a worker do without walls of its own; it is given where there are none, to the engine in Go.
const unsealedFlag = "unsealed"

func renderWorkerCommand() *cobra.Command {
	var unsealed bool
	cmd := &cobra.Command{
		Use: renderCommandName + " ENGINE", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return isolate.Serve(isolate.Service{Memory: renderMemory, Seal: sandbox.Seal, Unsealed: unsealed && args[0] == "imaging", Engine: func() (rendition.Engine, error) {
				switch args[0] {
				case "vips":
					return vips.New(imaging.New())
				case "imaging":
					return imaging.New(), nil
				}
				return nil, fmt.Errorf("no engine %q", args[0])
			}})
		},
	}
	cmd.Flags().BoolVar(&unsealed, unsealedFlag, false, "work without walls where they can't be put up")
	return cmd
}
