package publishertest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Readings gives texts to a script of Node.js that reads them as the remote's own library does, each as a line of JSON,
// and returns its answers, a line of JSON for each text. folder has the script, and the library that make tools has
// installed.
func Readings(t *testing.T, folder, script string, texts []string) [][]byte {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules", ".installed")); err != nil {
		t.Fatalf("the library of %s is not installed: run make tools", folder)
	}
	var in bytes.Buffer
	for _, text := range texts {
		b, err := json.Marshal(text)
		check(t, err)
		in.Write(append(b, '\n'))
	}
	cmd := exec.CommandContext(t.Context(), "node", script)
	cmd.Dir, cmd.Stdin = folder, &in
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	answers := bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
	if len(answers) != len(texts) {
		t.Fatalf("%d answers of %d", len(answers), len(texts))
	}
	return answers
}
