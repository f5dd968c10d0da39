package plugin

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vitrine/publishers/publishertest"
)

// TestSample holds the sample plug-in of the walk-through against the suite.
func TestSample(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness {
		dir := t.TempDir()
		cmd := exec.Command("python3", filepath.Join("sample", "noticeboard.py"), dir)
		cmd.Env, cmd.Stderr = append(os.Environ(), "NOTICEBOARD_SECRET="+secret), os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // "signal: killed"
		})
		address, err := bufio.NewReader(out).ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = io.Copy(io.Discard, out) }()
		config, err := json.Marshal(map[string]string{"url": strings.TrimSpace(address), "secret": secret})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		ever := map[string]bool{}
		live := func(asset string) (n int) {
			list, err := filepath.Glob(filepath.Join(dir, "*.json"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range list {
				var in intent
				b, err := os.ReadFile(name)
				if err == nil {
					err = json.Unmarshal(b, &in)
				}
				if err != nil {
					t.Fatal(err)
				}
				if in.Content.Asset == asset {
					n++
					mu.Lock()
					ever[asset] = true
					mu.Unlock()
				}
			}
			return n
		}
		comments := func(word string) (n int) {
			live(word) // the suite looks for the asset, and at its post only when that is gone
			list, err := filepath.Glob(filepath.Join(dir, "*.comment"))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range list {
				b, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				n += strings.Count(string(b), word)
			}
			return n
		}
		return publishertest.Harness{Kind: kind(), Config: config, Live: live, Comments: comments,
			Posts: func(asset string) int {
				live(asset)
				mu.Lock()
				defer mu.Unlock()
				if ever[asset] {
					return 1
				}
				return 0
			}}
	})
}
