package metadata

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"vitrine/dam"
)

// exiftool is one process for all tests: starting Perl takes longer than all they do.
type exiftool struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// tool starts exiftool at its first use; TestMain ends it.
var tool = sync.OnceValues(func() (*exiftool, error) {
	path, err := exec.LookPath("exiftool")
	if err != nil {
		return nil, fmt.Errorf("exiftool is needed to make the pictures: install the package libimage-exiftool-perl")
	}
	e := &exiftool{cmd: exec.Command(path, "-stay_open", "True", "-@", "-")}
	if e.in, err = e.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	e.cmd.Stderr = e.cmd.Stdout
	e.out = bufio.NewScanner(out)
	return e, e.cmd.Start()
})

// run gives exiftool one command and returns what it says.
func (e *exiftool) run(args ...string) (string, error) {
	return e.ask("; ", args...)
}

// ask is run with something else between the lines.
func (e *exiftool) ask(sep string, args ...string) (string, error) {
	if _, err := io.WriteString(e.in, strings.Join(args, "\n")+"\n-execute\n"); err != nil {
		return "", err
	}
	var said []string
	for e.out.Scan() {
		if e.out.Text() == "{ready}" {
			return strings.Join(said, sep), nil
		}
		said = append(said, e.out.Text())
	}
	return strings.Join(said, sep), fmt.Errorf("exiftool ended: %v", e.out.Err())
}

// more is exiftool as the server asks it, without the walls.
func more(_ context.Context, r io.ReadSeeker, wanted []string) (map[string]any, error) {
	e, err := tool()
	if err != nil {
		return nil, err
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "metadata-test-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	args := []string{"-j", "-n", "-a", "-G1", "-charset", "exif=Latin", "-charset", "iptc=Latin"}
	for _, w := range wanted {
		args = append(args, "-"+w)
	}
	said, err := e.ask("\n", append(args, f.Name())...)
	if err != nil {
		return nil, err
	}
	_, said, _ = strings.Cut(said, "[{") // warnings come before it
	d := json.NewDecoder(strings.NewReader("[{" + said))
	d.UseNumber()
	var list []map[string]any
	if err := d.Decode(&list); err != nil || len(list) != 1 {
		return nil, fmt.Errorf("exiftool said %q: %w", said, err)
	}
	return list[0], nil
}

// full reads with both readers.
func full(r io.ReadSeeker, mediaType string) (dam.Metadata, error) {
	return Reader{More: more}.Read(context.Background(), r, mediaType)
}

// Read is the reader without a program.
func Read(r io.ReadSeeker, mediaType string) (dam.Metadata, error) {
	return Reader{}.Read(context.Background(), r, mediaType)
}

func TestMain(m *testing.M) {
	code := m.Run()
	if e, err := tool(); err == nil {
		_, _ = io.WriteString(e.in, "-stay_open\nFalse\n")
		_ = e.in.Close()
		_ = e.cmd.Wait()
	}
	os.Exit(code)
}
