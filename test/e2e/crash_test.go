package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
)

// acknowledged is a line of `vitrine import --json`.
type acknowledged struct {
	Path    string `json:"path"`
	Asset   string `json:"asset"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
}

// folder holds n photographs of 640×480.
func folder(t testing.TB, n int, seed uint64) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("photo-%03d.jpg", i)),
			photo(t, seed*1000+uint64(i), 640, 480), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// importing runs `vitrine import` to its end and returns what was acknowledged.
// meanwhile is called for every line, with the number of lines so far.
func importing(x *server, dir string, meanwhile func(n int)) []acknowledged {
	x.Helper()
	cmd := vitrine(x.TB, x.setup, "import", "--server", x.url, "--json", dir)
	cmd.Env = append(cmd.Env, "VITRINE_TOKEN="+x.token)
	out, err := cmd.StdoutPipe()
	if err != nil {
		x.Fatal(err)
	}
	var complaints strings.Builder
	cmd.Stderr = &complaints
	if err := cmd.Start(); err != nil {
		x.Fatal(err)
	}
	var list []acknowledged
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var a acknowledged
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			x.Errorf("import printed %q: %v", lines.Text(), err)
			continue
		}
		list = append(list, a)
		if meanwhile != nil {
			meanwhile(len(list))
		}
	}
	if err := cmd.Wait(); err != nil {
		x.Fatalf("import: %v\n%s\nserver:\n%s", err, complaints.String(), x.log)
	}
	return list
}

// SIGKILL at random moments while photographs are imported: every acknowledged
// asset is there, verify is clean, one row and one object per rendition, and
// search agrees with the catalogue.
func TestKillDuringImport(t *testing.T) {
	// A short run kills as often in a round as a long one, with fewer photographs between.
	rounds, photos := soak(3, 20), soak(70, 200)
	each(t, func(t *testing.T, s setup) {
		x := start(t, s)
		r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
		acks := map[string]acknowledged{}
		total, kills := 0, 0
		for round := range rounds {
			dir := folder(t, photos, uint64(round+1))
			total += photos
			next := photos/20 + r.IntN(photos/5)
			for _, a := range importing(x, dir, func(n int) {
				if n < next || n > photos-photos/10 {
					return
				}
				next = n + photos/5 + r.IntN(photos*3/10)
				kills++
				x.kill()
				x.run()
			}) {
				if a.Status != "created" && a.Status != "duplicate" || a.Asset == "" {
					t.Errorf("acknowledged %+v", a)
				}
				acks[a.Asset] = a
			}
		}
		if t.Logf("%d kills", kills); kills < 2*rounds {
			t.Errorf("only %d kills in %d rounds", kills, rounds)
		}
		if len(acks) != total {
			t.Errorf("%d assets acknowledged for %d photographs", len(acks), total)
		}
		checkWhole(x, acks)
	})
}

// checkWhole waits for the work to end and compares every record with every other.
func checkWhole(x *server, acks map[string]acknowledged) {
	x.Helper()
	x.workDone()
	objects := map[string]bool{}
	for id, ack := range acks {
		a := x.asset(id)
		if a.Latest.SHA256 != ack.SHA256 || a.Latest.Renditions != dam.RenditionsReady {
			x.Errorf("%s: acknowledged as %s, is %s with renditions %s %s", id, ack.SHA256, a.Latest.SHA256,
				a.Latest.Renditions, a.Latest.RenditionNote)
		}
		var list struct{ Items []dam.Rendition }
		x.do(http.StatusOK, "GET", "/api/assets/"+id+"/renditions", nil, &list)
		if len(list.Items) != 12 {
			x.Errorf("%s has %d renditions, want 12", id, len(list.Items))
		}
		for _, r := range list.Items {
			objects[dam.RenditionKey(a.Latest.SHA256, r.Hash, r.Format)] = true
		}
	}
	if len(objects) != 12*len(acks) {
		x.Errorf("%d rendition objects for %d assets", len(objects), len(acks))
	}
	var events struct{ Next int64 }
	x.do(http.StatusOK, "GET", "/api/events?after=0&limit=1", nil, &events)
	seen := map[string]bool{}
	after := ""
	for {
		p := x.search("limit=200&sort=created&after=" + after)
		if p.Total != len(acks) {
			x.Errorf("search counts %d of %d assets", p.Total, len(acks))
		}
		for _, a := range p.Items {
			seen[a.ID] = true
		}
		if after = p.Next; after == "" {
			break
		}
	}
	for id := range acks {
		if !seen[id] {
			x.Errorf("search does not find %s", id)
		}
	}
	if out, err := vitrine(x.TB, x.setup, "verify").CombinedOutput(); err != nil {
		x.Errorf("verify: %v\n%s", err, out)
	}
}

// Two nodes on one PostgreSQL and one bucket share the work; killing one in the
// middle of an import loses nothing, and each has its own index.
func TestTwoNodes(t *testing.T) {
	s := shared(t)
	one, two := s, s
	one.node, two.node = "one", "two"
	a, b := start(t, one), start(t, two)
	b.token = a.token
	const photos = 60
	dir := folder(t, photos, 77)
	acks := map[string]acknowledged{}
	killed := false
	done := make(chan []acknowledged, 1)
	other := folder(t, photos, 78)
	go func() { done <- importing(b, other, nil) }()
	for _, x := range importing(a, dir, func(n int) {
		if n == photos/2 && !killed {
			killed = true
			a.kill()
			// What was found on b while a was dead is all that is committed.
			a.run()
		}
	}) {
		acks[x.Asset] = x
	}
	for _, x := range <-done {
		acks[x.Asset] = x
	}
	a.kill() // for good: b finishes what a had begun
	if len(acks) != 2*photos {
		t.Errorf("%d assets acknowledged, want %d", len(acks), 2*photos)
	}
	checkWhole(b, acks)
	a.run()
	p := a.search("limit=1")
	if p.Total != 2*photos {
		t.Errorf("the returned node's own index counts %d of %d", p.Total, 2*photos)
	}
}
