package metadata

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
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
	if _, err := io.WriteString(e.in, strings.Join(args, "\n")+"\n-execute\n"); err != nil {
		return "", err
	}
	var said []string
	for e.out.Scan() {
		if e.out.Text() == "{ready}" {
			return strings.Join(said, "; "), nil
		}
		said = append(said, e.out.Text())
	}
	return strings.Join(said, "; "), fmt.Errorf("exiftool ended: %v", e.out.Err())
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
