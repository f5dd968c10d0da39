package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"vitrine/dam/space/spacetest"
)

// A server whose only disk is full lives, serves what is there, says what is wrong, starts again, and heals when there
// is room. `make soak` does it ten times, each with a few more blocks left.
func TestFullDisk(t *testing.T) {
	if !spacetest.Namespace(t) {
		return
	}
	rounds := int64(1)
	if os.Getenv("VITRINE_SOAK") != "" {
		rounds = 10
	}
	for round := range rounds {
		fullDisk(t, 64<<20, round*round*8<<10)
	}
}

func fullDisk(t *testing.T, size, left int64) {
	dir := spacetest.Mount(t, size)
	x := start(t, setup{dir: dir, env: []string{"VITRINE_MIN_FREE=0"}}) // nothing refuses early: the disk itself does
	asset := x.upload("first.jpg", photo(t, 1, 300, 200), "approve", "true").ID
	x.until("the rendition is public", func() bool {
		return status(x.try("GET", "/r/"+asset+"/medium", nil)) == http.StatusOK
	})
	x.workDone()

	spacetest.FillBut(t, dir, left)
	edit := func(n int) int {
		return status(x.try("PATCH", "/api/assets/"+asset,
			strings.NewReader(fmt.Sprintf(`{"description":"%d %s"}`, n, strings.Repeat("words ", 1000))),
			"Content-Type", "application/json"))
	}
	send := func(name string, n int) answer {
		body, ct := form(t, name, photo(t, uint64(n), 300, 200))
		return x.try("POST", "/api/assets", body, "Content-Type", ct)
	}
	n := 0
	refused := func() {
		t.Helper()
		x.until("changes are refused for want of room",
			func() bool { n++; return edit(n) == http.StatusInsufficientStorage })
		x.until("uploads are refused for want of room", func() bool {
			n++
			a := send("more.jpg", 100+n)
			if strings.Contains(string(a.body), dir) {
				t.Errorf("an answer names a path: %s", a.body)
			}
			return status(a) == http.StatusInsufficientStorage
		})
	}
	serves := func() {
		t.Helper()
		for _, path := range []string{"/healthz", "/r/" + asset + "/medium", "/api/assets/" + asset,
			"/api/assets?q=first", "/api/assets", "/api/assets/" + asset + "/download"} {
			if a := x.try("GET", path, nil); status(a) != http.StatusOK {
				t.Fatalf("GET %s while the disk is full: %d %v %s\n%s", path, status(a), a.err, a.body, x.log)
			}
		}
		select {
		case <-x.exited:
			t.Fatalf("the server ended:\n%s", x.log)
		default:
		}
	}
	refused()
	serves()
	x.kill()
	x.run()
	x.until("search answers", func() bool { return status(x.try("GET", "/api/assets?q=first", nil)) == http.StatusOK })
	serves()
	refused()
	serves()

	spacetest.Free(t, dir)
	x.until("changes are taken again", func() bool { n++; return edit(n) == http.StatusOK })
	x.until("uploads are taken again", func() bool {
		n++
		return status(send("healed.jpg", 1000+n)) == http.StatusCreated
	})
	x.until("search follows again", func() bool {
		a := x.try("GET", "/api/assets?q=healed", nil)
		return status(a) == http.StatusOK && strings.Contains(string(a.body), "healed.jpg") &&
			!strings.Contains(string(a.body), `"notice"`)
	})
	x.kill()
}

// status is 0 for an answer that did not come.
func status(a answer) int {
	if a.err != nil {
		return 0
	}
	return a.StatusCode
}
