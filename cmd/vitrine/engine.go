package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"vitrine/dam/rendition"
	"vitrine/dam/rendition/imaging"
	"vitrine/dam/rendition/isolate"
	"vitrine/dam/rendition/vips"
)

// renderMemory is what one process for renditions may allocate, in bytes: 100 megapixels of colour with transparency,
// turned upright, and room for the encoders. Twice what such a picture needs, for what is reserved and never used counts too.
const renderMemory = 2 << 30

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

// openEngine makes the engine that the configuration names, in processes of their own.
func openEngine(c Config, log *slog.Logger) *isolate.Pool {
	return isolate.New(isolate.Options{
		Name: c.Engine, Headers: imaging.New(), Size: max(2, runtime.GOMAXPROCS(0)) + onDemand, Timeout: renderTimeout / 2, Temp: c.Data, Log: log,
		Command: func() *exec.Cmd {
			cmd := exec.Command(ownProgram(), renderCommandName, c.Engine) //nolint:gosec // this program itself
			// Decoders of strangers' files get none of the server's secrets.
			cmd.Env = append(isolate.Allocator(), "PATH="+os.Getenv("PATH"), "LD_LIBRARY_PATH="+os.Getenv("LD_LIBRARY_PATH"))
			return cmd
		},
	})
}

// ownProgram is this very program, after its file has been replaced by a newer one too.
func ownProgram() string {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self
	}
	path, err := os.Executable()
	if err != nil {
		return os.Args[0]
	}
	return path
}

const renderCommandName = "render-worker"

func renderWorkerCommand() *cobra.Command {
	return &cobra.Command{
		Use: renderCommandName + " ENGINE", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return isolate.Serve(renderMemory, func() (rendition.Engine, error) {
				switch args[0] {
				case "vips":
					return vips.New(imaging.New())
				case "imaging":
					return imaging.New(), nil
				}
				return nil, fmt.Errorf("no engine %q", args[0])
			})
		},
	}
}
