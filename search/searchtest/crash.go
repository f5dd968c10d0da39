package searchtest

import (
	"bufio"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/search"
)

// childEnv makes the test binary play the server that gets killed.
const childEnv = "VITRINE_SEARCHTEST_CHILD"

const (
	crashSeed  = 21
	crashSteps = 150
)

// script is the same sequence of changes in the child and in the parent.
func script(w *world, steps int) {
	for range steps {
		w.change(7)
	}
}

// runChild follows a catalogue that keeps changing until the process is killed.
func runChild(t *testing.T, e search.TextEngine, dir string) {
	w := &world{t: t, e: e, cat: NewCatalog(), r: rand.New(rand.NewPCG(crashSeed, 7))}
	x, err := search.Open(dam.AsSystem(t.Context(), "a test's own steps"), search.Options{Source: w.cat, Engine: e,
		Dir: dir, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w.x = x
	for i := range crashSteps {
		script(w, 1)
		if i%4 == 0 {
			w.until("a step is applied", func() bool { return x.Seq() >= w.head()-14 })
			_, _ = os.Stdout.WriteString("step\n")
		}
	}
	select {} // until it is killed
}

// killed kills a following process without warning, several times over the same
// directory, and expects the reopened index to agree with the catalogue.
func killed(t *testing.T, e search.TextEngine) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	top, _, _ := strings.Cut(t.Name(), "/")
	w := newWorld(t, e, crashSeed)
	script(w, crashSteps)
	r := rand.New(rand.NewPCG(5, 5))
	rounds := 10
	if os.Getenv("VITRINE_SOAK") != "" {
		rounds = 100
	}
	for round := range rounds {
		dir := t.TempDir()
		cmd := exec.Command(exe, "-test.run=^"+top+"$")
		cmd.Env = append(os.Environ(), childEnv+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		steps := 0
		for want := 2 + r.IntN(15); steps < want && lines.Scan(); {
			if lines.Text() == "step" {
				steps++
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		if steps < 2 {
			t.Fatalf("round %d: the child did not get going", round)
		}
		w.dir = dir
		w.open()
		if w.x.Rebuilding() && w.x.Ready() {
			t.Logf("round %d: still filling", round)
		}
		w.compare(30)
		w.everyField()
		w.close()
	}
}
