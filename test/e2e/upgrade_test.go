package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/rendition"
	"vitrine/test/upgrade"
)

// changedAnswers are public addresses that a later build answers otherwise on purpose,
// with the reason: path → the new answer's status.
var changedAnswers = map[string]struct {
	status int
	why    string
}{}

// worded are searches that find pictures by what their products say, which an older build did not. What has no product
// is found as it was.
var worded = []string{"/api/assets?limit=200&q=chaise", "/api/assets?limit=200&q=-chair"}

// rewritten are columns that a migration changes in existing rows on purpose, as table.column, with the reason.
var rewritten = map[string]string{
	"webhook_deliveries.next_at": "a delivery waits for the earlier ones about the same asset (migration 30)",
	"grants.role":                "viewers keep seeing what is not approved, under the name viewer_all (migration 31)",
}

// An installation of an older build, stopped by SIGKILL in the middle of everything, is
// taken over by this one: every row is still there, every public address answers as it
// did, everybody may do what they might, and nothing that was sent is sent again.
func TestUpgrade(t *testing.T) {
	for _, database := range []string{"sqlite", "postgres"} {
		t.Run(database, func(t *testing.T) {
			t.Parallel()
			s, was := older(t, database)
			remote := upgrade.NewRemote(false)
			t.Cleanup(remote.Close)
			ledger := migrate(t, s, was, remote.URL)
			current := filepath.Join(s.dir, "index", "CURRENT")
			index, err := os.ReadFile(current)
			if err != nil {
				t.Fatal(err)
			}
			x := start(t, s)
			if set, _ := filepath.Glob(filepath.Join(s.dir, "index", "damaged-*")); len(set) > 0 {
				t.Errorf("the search index is not kept: %v is set aside, it was %q\n%s", set, index, x.log)
			}
			checkUpgraded(x, was, ledger, remote)
		})
	}
}

// older unpacks what the older build left on a database.
func older(t *testing.T, database string) (s setup, was upgrade.Record) {
	t.Helper()
	dir := t.TempDir()
	unpack(t, filepath.Join("..", "upgrade", "testdata", database+".tar.gz"), dir)
	raw, err := os.ReadFile(filepath.Join(dir, "record.json"))
	if err == nil {
		err = json.Unmarshal(raw, &was)
	}
	if err != nil {
		t.Fatal(err)
	}
	moveUploads(t, dir, was.Dir)
	s = setup{dir: dir, env: []string{"VITRINE_SECRET_KEY=" + upgrade.Key,
		"VITRINE_PUBLIC_URL=" + upgrade.PublicURL, "VITRINE_NODE=upgrade"}}
	if database == "postgres" {
		s.database = catalogtest.PostgresURL(t)
		if out, err := exec.Command("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f",
			filepath.Join(dir, "database.sql"), s.database).CombinedOutput(); err != nil {
			t.Fatalf("psql: %v\n%s", err, out)
		}
	}
	return s, was
}

// migrate brings the schema up to date and compares every row. It returns the publications' states before.
func migrate(t *testing.T, s setup, was upgrade.Record, remote string) map[string]dam.PublicationState {
	t.Helper()
	ctx := catalogtest.Context(t)
	dsn := s.database
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(s.dir, "vitrine.db")
	}
	c, err := catalog.Open(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	asRecorded(t, c, was, remote)
	// The older build drew no zones on these pictures. Where it would have, it showed them all the same.
	if err := upgrade.Exec(ctx, c, `UPDATE assets SET crops='{"zones":[{"kind":"logo","x":0,"y":0,"w":1,"h":1}]}'
		WHERE live_version<>'' AND id NOT IN (SELECT asset_id FROM publications)`); err != nil {
		t.Fatal(err)
	}
	tables, err := upgrade.Tables(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	before, err := upgrade.Dump(ctx, c, tables)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	for table, columns := range tables { // a column that is rewritten on purpose is not compared
		tables[table] = slices.DeleteFunc(columns, func(name string) bool { return rewritten[table+"."+name] != "" })
	}
	after, err := upgrade.Dump(ctx, c, tables)
	if err != nil {
		t.Fatalf("a table or column of the older build is gone: %v", err)
	}
	for table, rows := range before {
		left := map[string]int{}
		for _, r := range after[table] {
			left[fmt.Sprint(r)]++
		}
		for _, r := range rows {
			maps.DeleteFunc(r, func(name, _ string) bool { return rewritten[table+"."+name] != "" })
			if left[fmt.Sprint(r)]--; left[fmt.Sprint(r)] < 0 {
				t.Errorf("the migration lost or changed a row of %s: %v", table, r)
			}
		}
	}
	states := map[string]dam.PublicationState{}
	for _, r := range before["publications"] {
		states[r["id"]] = dam.PublicationState(r["state"])
	}
	if len(states) < 20 || len(before["assets"]) < 25 {
		t.Fatalf("%d publications and %d assets are no installation", len(states), len(before["assets"]))
	}
	return states
}

// asRecorded makes everything as old as it was when it was recorded, and has its channels and webhooks send to remote.
func asRecorded(t *testing.T, c *catalog.Catalog, was upgrade.Record, remote string) {
	t.Helper()
	ctx := catalogtest.Context(t)
	// The record was begun half a minute before the server that it is of was killed: a token had expired by then.
	if err := upgrade.Shift(ctx, c, time.Since(was.At)-30*time.Second); err != nil {
		t.Fatal(err)
	}
	for _, column := range []string{"channels SET config=replace(config", "webhooks SET url=replace(url"} {
		if err := upgrade.Exec(ctx, c, "UPDATE "+column+",'"+was.Listener+"','"+remote+"')"); err != nil {
			t.Fatal(err)
		}
	}
}

func checkUpgraded(x *server, was upgrade.Record, ledger map[string]dam.PublicationState, remote *upgrade.Remote) {
	x.Helper()
	for _, a := range was.Public {
		got, err := upgrade.Ask(x.url, a.Path, a.Accept)
		if c, ok := changedAnswers[a.Path]; ok && err == nil {
			if got.Status != c.status {
				x.Errorf("%s: %d, want %d since %s", a.Path, got.Status, c.status, c.why)
			}
			continue
		}
		if err != nil || got != a {
			x.Errorf("public %s (%s): %v\n was %+v\n is  %+v", a.Path, a.Accept, err, a, got)
		}
	}
	checkCutZones(x)
	for mail, role := range was.People {
		if role == "viewer" {
			role = "viewer_all" // what it was called before new viewers saw less
		}
		if got, err := upgrade.Role(x.url, mail, upgrade.Password); err != nil || got != role {
			x.Errorf("%s signs in as %q (%v), was %q", mail, got, err, role)
		}
	}
	var tokens struct{ Items []dam.Token }
	x.do(http.StatusOK, "GET", "/api/tokens", nil, &tokens)
	var made string // by this test
	for _, token := range tokens.Items {
		if token.Name == "e2e" {
			made = " " + token.ID
		}
	}
	// A short run asks each call of some and each holder for some, a long one everything of everybody.
	every := soak(3, 1)
	if x.database != "" {
		every = soak(6, 1)
	}
	names := slices.Sorted(maps.Keys(was.Holders))
	var ofProducts struct{ Items []dam.Asset }
	x.do(http.StatusOK, "GET", "/api/assets?limit=200&q=has:sku", nil, &ofProducts)
	pictured := map[string]bool{}
	for _, a := range ofProducts.Items {
		pictured[a.ID] = true
	}
	if len(pictured) == 0 {
		x.Error("no picture has a product")
	}
	for i, call := range was.Calls {
		some := map[string]string{}
		for j, name := range names {
			if (i+j)%every == 0 {
				some[name] = was.Holders[name]
			}
		}
		got, err := upgrade.RecordAnswers(x.url, call, some)
		if err != nil {
			x.Error(err)
			continue
		}
		if call.Path == "/api/tokens" {
			for said, names := range got.Answers {
				delete(got.Answers, said)
				got.Answers[strings.Replace(said, made, "", 1)] = names
			}
		}
		before, now := permissions(call, some), permissions(got, some)
		if slices.Contains(worded, call.Path) {
			for _, list := range []map[string]string{before, now} {
				for who, said := range list {
					list[who] = strings.Join(slices.DeleteFunc(strings.Fields(said), func(id string) bool {
						return pictured[id]
					}), " ")
				}
			}
		}
		if !reflect.DeepEqual(before, now) {
			x.Errorf("%s\n was %v\n is  %v", call, before, now)
		}
	}
	var events struct{ Items []dam.Event }
	x.do(http.StatusOK, "GET", fmt.Sprintf("/api/events?after=%d&limit=1&wait=0", was.Head-1), nil, &events)
	if len(events.Items) != 1 || events.Items[0].Seq != was.Head {
		x.Errorf("event %d is %v", was.Head, events.Items)
	}
	admin := x.token
	x.token = was.Holders["contributor"]
	if got := x.try("HEAD", was.Upload, nil, "Tus-Resumable", "1.0.0"); got.err != nil ||
		got.StatusCode != http.StatusOK || got.Header.Get("Upload-Offset") != fmt.Sprint(was.Sent) {
		x.Errorf("the unfinished upload: %v %v, want %d bytes", got.err, got.Response, was.Sent)
	}
	x.token = admin
	checkNothingPosted(x, ledger, remote)
	if out, err := vitrine(x.TB, x.setup, "verify").CombinedOutput(); err != nil {
		x.Errorf("verify: %v\n%s", err, out)
	}
}

// checkCutZones looks at pictures of which a crop cuts a protected zone. They were public before that counted: they
// still are, as the public addresses show, and are listed; what is approved again is withheld, and the others stay.
func checkCutZones(x *server) {
	x.Helper()
	cuts := func() (list rendition.Cuts) {
		x.do(http.StatusOK, "GET", "/api/renditions/cuts", nil, &list)
		return list
	}
	list := cuts()
	if len(list.Items) < 5 || list.Next != "" {
		x.Fatalf("%d pictures with a cut zone are listed", len(list.Items))
	}
	shown := func(asset string, status int) {
		x.Helper()
		if got, err := upgrade.Ask(x.url, "/r/"+asset+"/shop-square", ""); err != nil || got.Status != status {
			x.Errorf("the crop of %s answers %d (%v), want %d", asset, got.Status, err, status)
		}
	}
	at := slices.IndexFunc(list.Items, func(c rendition.CutAsset) bool { return c.Asset.Title["en"] == "Focal" })
	if at < 0 || !slices.ContainsFunc(list.Items[at].Crops,
		func(c rendition.CutPreset) bool { return c.Preset == "shop-square" }) {
		x.Fatalf("the picture “Focal” is not listed with shop-square: %+v", list.Items)
	}
	a, other := list.Items[at].Asset.ID, list.Items[(at+1)%len(list.Items)].Asset.ID
	shown(a, http.StatusOK)
	x.do(http.StatusOK, "POST", "/api/assets/"+a+"/reject", map[string]any{"comment": "the logo is cut"}, nil)
	x.do(http.StatusOK, "POST", "/api/assets/"+a+"/approve", struct{}{}, nil)
	x.until("what was approved again is withheld", func() bool {
		got, err := upgrade.Ask(x.url, "/r/"+a+"/shop-square", "")
		return err == nil && got.Status == http.StatusNotFound
	})
	shown(other, http.StatusOK)
	if left := len(cuts().Items); left != len(list.Items)-1 {
		x.Errorf("%d pictures are listed after one of %d was approved again", left, len(list.Items))
	}
}

// permissions are what a call was told, by holder. Of what is not there, only whether one may ask for it.
func permissions(c upgrade.Call, of map[string]string) map[string]string {
	out := map[string]string{}
	for said, names := range c.Answers {
		if said == http.StatusText(http.StatusNotFound) && (strings.Contains(c.Path, "none") ||
			strings.Contains(c.Path, "NONE")) {
			said = "let in"
		}
		for _, name := range names {
			if _, asked := of[name]; asked {
				out[name] = said
			}
		}
	}
	return out
}

// checkNothingPosted sends something new through a rule and by hand, which shows that the publishers are
// at work, and looks at everything that was in the ledger before.
func checkNothingPosted(x *server, ledger map[string]dam.PublicationState, remote *upgrade.Remote) {
	x.Helper()
	var channels struct{ Items []dam.Channel }
	x.do(http.StatusOK, "GET", "/api/channels", nil, &channels)
	at := slices.IndexFunc(channels.Items, func(c dam.Channel) bool { return c.Name == "board" })
	if at < 0 {
		x.Fatalf("no channel board in %v", channels.Items)
	}
	a := x.upload("Two more.jpg", photo(x.TB, 5, 64, 48))
	x.ready(a.ID)
	x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil)
	x.do(http.StatusCreated, "POST", "/api/publications",
		map[string]any{"asset": a.ID, "channel": channels.Items[at].ID, "presets": []string{"thumb"},
			"caption": "after the upgrade"}, nil)
	want := []string{"POST /board/commit", "PUT /json/" + a.ID}
	x.until("the new publications go out", func() bool { return len(remote.Posts()) >= len(want) })

	var left string
	defer func() {
		if x.Failed() && left != "" {
			x.Log(left)
		}
	}()
	x.until("what was under way is taken up again", func() bool {
		left = ""
		var list struct{ Items []dam.Publication }
		x.do(http.StatusOK, "GET", "/api/publications?limit=200", nil, &list)
		is := map[string]dam.PublicationState{}
		for _, p := range list.Items {
			is[p.ID] = p.State
		}
		for id, before := range ledger {
			switch now := is[id]; {
			case now == "":
				x.Errorf("publication %s (%s) is lost", id, before)
			case before == dam.PubCommitting && now == dam.PubCommitting, before == dam.PubRecalling &&
				now == dam.PubRecalling:
				left += fmt.Sprintf("%s is still %s\n", id, now)
			case before == dam.PubCommitting && now == dam.PubUnknown, before == dam.PubRecalling &&
				now == dam.PubRecalled, now == before:
			// their channel is paused: taken up when it goes on
			case (before == dam.PubLeased || before == dam.PubPreparing) && now == dam.PubPlanned:
			default:
				x.Errorf("publication %s was %s and is %s", id, before, now)
			}
		}
		return left == ""
	})
	posts := remote.Posts()
	if slices.Sort(posts); !slices.Equal(posts, want) {
		x.Errorf("posted %v, want the new ones only: %v", posts, want)
	}
	x.until("webhooks that waited are delivered", func() bool { return len(remote.Hooks()) > 1 })
	for id, n := range remote.Hooks() {
		if n > 1 {
			x.Errorf("event %s reached the webhook %d times", id, n)
		}
	}
}

// moveUploads tells unfinished uploads where they are now.
func moveUploads(t *testing.T, dir, was string) {
	t.Helper()
	infos, err := filepath.Glob(filepath.Join(dir, "uploads", "tus", "*.info"))
	if err != nil || len(infos) == 0 {
		t.Fatalf("no unfinished upload: %v", err)
	}
	for _, path := range infos {
		raw, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, bytes.ReplaceAll(raw, []byte(was), []byte(dir)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func unpack(t testing.TB, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil || !filepath.IsLocal(h.Name) {
			t.Fatalf("%v %v", err, h)
		}
		raw, err := io.ReadAll(r)
		to := filepath.Join(dir, h.Name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o700)
		}
		if err == nil {
			err = os.WriteFile(to, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
