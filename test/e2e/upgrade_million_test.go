package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/test/ports"
	"vitrine/test/upgrade"
)

// deadline bounds each wait of the long upgrade; how long it takes is reported, not tested.
const deadline = 2 * time.Hour

// An installation of the older build with a million assets is taken over although the server is killed in the middle of
// the migration and in the middle of building its search index: every row is there, public addresses answer as before,
// and what was built of the index is not built again. VITRINE_ASSETS sets another number of assets.
func TestUpgradeMillion(t *testing.T) {
	if soak(0, 1) == 0 {
		return // minutes and gigabytes: make soak
	}
	assets := 1_000_000
	if s := os.Getenv("VITRINE_ASSETS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		assets = n
	}
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) { upgradeMany(t, database, assets) })
	}
}

// many is a large installation while it is upgraded.
type many struct {
	*server
	was     upgrade.Record
	sources []string
	rows    map[string]int
	assets  int
	rss     int64 // of the processes so far, the highest, in KiB
	report  []string
}

func upgradeMany(t *testing.T, database string, assets int) {
	dir := t.TempDir()
	unpack(t, filepath.Join("..", "upgrade", "testdata", database+".tar.gz"), dir)
	m := &many{assets: assets}
	raw, err := os.ReadFile(filepath.Join(dir, "record.json"))
	if err == nil {
		err = json.Unmarshal(raw, &m.was)
	}
	if err != nil {
		t.Fatal(err)
	}
	moveUploads(t, dir, m.was.Dir)
	// Most objects are rows only: nothing is to read them all and find them missing.
	s := setup{dir: dir, env: []string{"VITRINE_SECRET_KEY=" + upgrade.Key, "VITRINE_PUBLIC_URL=" + upgrade.PublicURL,
		"VITRINE_NODE=upgrade", "VITRINE_SCRUB_RATE=0"}}
	if database == "postgres" {
		s.database = catalogtest.PostgresURL(t)
		if out, err := exec.Command("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", filepath.Join(dir, "database.sql"),
			s.database).CombinedOutput(); err != nil {
			t.Fatalf("psql: %v\n%s", err, out)
		}
	}
	// The index that is there knows none of the million: the worst case is one that has to be built as a whole.
	if err := os.RemoveAll(filepath.Join(dir, "index")); err != nil {
		t.Fatal(err)
	}
	m.server = &server{TB: t, setup: s, addr: ports.Reserve(t)}
	m.url = "http://" + m.addr
	t.Cleanup(m.kill)
	began := time.Now()
	m.catalog(func(ctx context.Context, c *catalog.Catalog) error {
		if err := upgrade.Shift(ctx, c, time.Since(m.was.At)-30*time.Second); err != nil {
			return err
		}
		if m.sources, err = upgrade.Published(ctx, c); err != nil {
			return err
		}
		return upgrade.Multiply(ctx, c, m.sources, assets)
	})
	m.rows = m.count()
	m.told("made in", time.Since(began))

	m.killedWhileMigrating()
	percent := m.killedWhileBuilding()
	m.whole(percent)
	m.restarted()
	t.Logf("%s, %d assets: %s", database, assets, strings.Join(m.report, "; "))
}

func (m *many) told(what string, took time.Duration) {
	m.report = append(m.report, fmt.Sprintf("%s %.1f s", what, took.Seconds()))
	m.Log(what, took.Round(100*time.Millisecond))
}

// catalog works on the database while no server does.
func (m *many) catalog(do func(context.Context, *catalog.Catalog) error) {
	m.Helper()
	dsn := m.database
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(m.dir, "vitrine.db")
	}
	c, err := catalog.Open(catalogtest.Context(m), dsn)
	if err == nil {
		if err = do(catalogtest.Context(m), c); err != nil {
			_ = c.Close() // the first error tells
		} else {
			err = c.Close()
		}
	}
	if err != nil {
		m.Fatal(err)
	}
}

// count is how many rows the tables have that an upgrade must not touch.
func (m *many) count() map[string]int {
	m.Helper()
	out := map[string]int{}
	m.catalog(func(ctx context.Context, c *catalog.Catalog) error {
		for _, table := range []string{"assets", "versions", "renditions", "blobs", "users", "grants", "publications",
			"products", "collections"} {
			list, err := upgrade.Query(ctx, c, "SELECT CAST(count(*) AS TEXT) FROM "+table)
			if err != nil {
				return err
			}
			if out[table], err = strconv.Atoi(list[0][0]); err != nil {
				return err
			}
		}
		return nil
	})
	if out["assets"] <= m.assets || out["versions"] <= m.assets || out["renditions"] <= 2*m.assets {
		m.Fatalf("the installation is not that large: %v", out)
	}
	return out
}

// launch starts the server and does not wait for it.
func (m *many) launch() {
	m.Helper()
	m.begin(vitrine(m.TB, m.setup, "serve", "--listen", m.addr, "--log-level", "warn"))
}

// ended kills the server and notes how much memory it had.
func (m *many) ended() {
	m.kill()
	if u, ok := m.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		m.rss = max(m.rss, u.Maxrss)
	}
}

// poll waits for something of a running server.
func (m *many) poll(what string, ok func() bool) {
	m.Helper()
	for end := time.Now().Add(deadline); !ok(); time.Sleep(20 * time.Millisecond) {
		select {
		case <-m.exited:
			m.Fatalf("the server ended before %s:\n%s", what, m.log)
		default:
		}
		if time.Now().After(end) {
			m.Fatalf("never: %s\n%s", what, m.log)
		}
	}
}

// killedWhileMigrating kills the server while it changes the largest table.
func (m *many) killedWhileMigrating() {
	m.Helper()
	if m.database == "" {
		m.launch()
		wal := filepath.Join(m.dir, "vitrine.db-wal")
		m.poll("migration writes", func() bool { info, err := os.Stat(wal); return err == nil && info.Size() > 0 })
		m.ended()
	} else {
		m.catalog(func(ctx context.Context, c *catalog.Catalog) error {
			// A reader of the table keeps the statement from ending until the server is dead.
			tx, err := c.Database().Pool().Begin(ctx)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "LOCK TABLE blobs IN ACCESS SHARE MODE"); err != nil {
				return err
			}
			m.launch()
			m.poll("migration changes a table", func() bool {
				list, err := upgrade.Query(ctx, c, "SELECT pid::text FROM pg_stat_activity WHERE "+
					"datname=current_database() AND wait_event_type='Lock' AND query LIKE '%ALTER TABLE blobs%' AND "+
					"pid<>pg_backend_pid()")
				return err == nil && len(list) == 1
			})
			m.ended()
			return tx.Rollback(ctx)
		})
	}
	m.catalog(func(ctx context.Context, c *catalog.Catalog) error {
		s, err := c.Database().Schema(ctx)
		if err == nil && s.Have >= s.Want {
			m.Error("the migration was over before it was killed")
		}
		return err
	})
}

// parts is what /readyz says; nil while nobody answers.
func (m *many) parts() map[string]string {
	a := m.try("GET", "/readyz", nil)
	var out struct{ Parts map[string]string }
	if a.err != nil || json.Unmarshal(a.body, &out) != nil {
		return nil
	}
	return out.Parts
}

// built is how much of the index is built, as /readyz says; 100 when it is whole, -1 while nobody answers.
func (m *many) built() int {
	parts := m.parts()
	if parts == nil {
		return -1
	}
	for _, name := range []string{"search", "search_index"} {
		if _, rest, ok := strings.Cut(parts[name], "being built: "); ok {
			number, _, _ := strings.Cut(rest, " ")
			n, err := strconv.Atoi(number)
			if err != nil {
				m.Fatalf("%s: %s", name, parts[name])
			}
			return n
		}
	}
	if parts["search"] != "ok" || parts["search_index"] != "ok" {
		return 0
	}
	return 100
}

// killedWhileBuilding finishes the migration and kills the server when two fifths of the index are built. It returns
// how much was.
func (m *many) killedWhileBuilding() int {
	m.Helper()
	began := time.Now()
	m.launch()
	m.poll("an answer", func() bool { return m.parts() != nil })
	m.told("migrated and answering after", time.Since(began))
	asked := m.public()
	m.poll("filters answer", func() bool { return m.parts()["search"] == "ok" })
	m.told("filters answer after", time.Since(began))
	<-asked
	m.signIn()
	if n := m.search("limit=1&q=rating:5").Total; n < m.assets/7 {
		m.Errorf("%d assets of rating 5 while words are being built", n)
	}
	a := m.upload("Meanwhile.jpg", photo(m.TB, 77, 64, 48))
	if b := m.ready(a.ID); b.Latest.Renditions != "ready" {
		m.Errorf("a picture that came meanwhile: %s %s", b.Latest.Renditions, b.Latest.RenditionNote)
	}
	var at int
	m.poll("two fifths of the index", func() bool { at = m.built(); return at >= 40 })
	if at == 100 {
		m.Fatal("the index was whole before it could be killed")
	}
	m.told("two fifths of the index after", time.Since(began))
	m.ended()
	return at
}

// whole starts the server again and waits for the whole index.
func (m *many) whole(before int) {
	m.Helper()
	began := time.Now()
	m.launch()
	m.poll("an answer", func() bool { return m.parts() != nil })
	m.told("killed; answering after", time.Since(began))
	asked := m.public()
	m.poll("filters answer", func() bool { return m.parts()["search"] == "ok" })
	m.told("filters answer after", time.Since(began))
	if now := m.built(); now < before-1 {
		m.Errorf("the index begins at %d %% again, was at %d %%", now, before)
	}
	m.poll("the whole index", func() bool { return m.built() == 100 })
	m.told("the index is whole after", time.Since(began))
	<-asked
	m.found()
	m.people()
	m.ended()
	m.report = append(m.report, fmt.Sprintf("at most %d MiB", m.rss/1024))
	rows := m.count()
	for table, n := range m.rows {
		switch table {
		case "assets", "versions", "grants":
			n++ // the upload, and the token that it was sent with
		case "renditions", "blobs":
			if rows[table] > n {
				n = rows[table]
			}
		}
		if rows[table] != n {
			m.Errorf("%s has %d rows, had %d", table, rows[table], n)
		}
	}
}

// restarted starts the server once more: the index is there.
func (m *many) restarted() {
	m.Helper()
	began := time.Now()
	m.launch()
	m.poll("the whole index", func() bool { return m.built() == 100 })
	m.told("started again after SIGKILL, whole after", time.Since(began))
	m.found()
	m.terminate()
}

// public compares answers of copied assets with those of what they are copied from, beside everything else. The channel
// is closed when it is done.
func (m *many) public() <-chan struct{} {
	done := make(chan struct{})
	go func() { defer close(done); m.askPublic() }()
	return done
}

func (m *many) askPublic() {
	shown := m.assets / upgrade.Shown
	if shown == 0 {
		m.Error("no copied asset has objects")
		return
	}
	for i := range min(shown, 40) {
		n := upgrade.Shown * (1 + i*shown/min(shown, 40))
		for _, preset := range []string{"thumb", "medium"} {
			got, err := upgrade.Ask(m.url, "/r/"+upgrade.Copied(n)+"/"+preset, "image/jpeg")
			want, wantErr := upgrade.Ask(m.url, "/r/"+upgrade.CopiedFrom(m.sources, n)+"/"+preset, "image/jpeg")
			got.Path = want.Path
			if err != nil || wantErr != nil || got != want || got.Status != http.StatusOK {
				m.Errorf("asset %d, %s: %+v (%v), want %+v (%v)", n, preset, got, err, want, wantErr)
			}
		}
	}
	for _, a := range m.was.Public {
		if got, err := upgrade.Ask(m.url, a.Path, a.Accept); err != nil || got != a {
			m.Errorf("public %s: %v\n was %+v\n is  %+v", a.Path, err, a, got)
		}
	}
}

// signIn gets a token of an administrator.
func (m *many) signIn() {
	m.Helper()
	out, err := vitrine(m.TB, m.setup, "token", "create", "--role", "admin", "--name", "e2e").Output()
	if err != nil {
		m.Fatalf("token create: %v%s\n%s", err, stderr(err), m.log)
	}
	m.token = strings.TrimSpace(string(out))
}

func (m *many) people() {
	m.Helper()
	for mail, role := range m.was.People {
		if role == "viewer" {
			role = "viewer_all" // what it was called before new viewers saw less
		}
		if got, err := upgrade.Role(m.url, mail, upgrade.Password); err != nil || got != role {
			m.Errorf("%s signs in as %q (%v), was %q", mail, got, err, role)
		}
	}
}

// found looks for copied assets by words of their own, and for what was uploaded meanwhile.
func (m *many) found() {
	m.Helper()
	for i := range 40 {
		n := 1 + i*m.assets/40
		if p := m.search(fmt.Sprintf("limit=2&q=%%22SKU-%d%%22", n)); p.Total != 1 ||
			p.Items[0].ID != upgrade.Copied(n) {
			m.Errorf("the words of asset %d find %d assets", n, p.Total)
		}
	}
	if p := m.search("limit=2&q=meanwhile"); p.Total != 1 {
		m.Errorf("what was uploaded meanwhile is found %d times", p.Total)
	}
	if p := m.search("limit=1"); p.Total < m.assets {
		m.Errorf("%d assets are found in all, want %d and more", p.Total, m.assets)
	}
}
