package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// emit writes events of a library beside the API.
func emit(f *fixture, library string, subjects ...string) int64 {
	f.Helper()
	r := &catalog.Recorder{}
	if err := f.catalog.Write(catalog.WithRecorder(f.Context(), r), func(tx *catalog.Tx) error {
		for _, s := range subjects {
			tx.Emit(dam.Event{Library: library, Type: dam.PresetChanged, Subject: s})
		}
		return nil
	}); err != nil {
		f.Fatal(err)
	}
	return r.Seq()
}

func otherLibrary(f *fixture) {
	f.Helper()
	if err := f.catalog.Write(f.Context(), func(tx *catalog.Tx) error {
		return tx.Libraries().PutLibrary(f.Context(), dam.Library{ID: "other", Name: "Other", Locale: "en",
			Zone: "UTC"})
	}); err != nil {
		f.Fatal(err)
	}
}

type eventPage struct {
	Items  []dam.Event
	Next   int64
	MinSeq int64 `json:"min_seq"`
}

func TestEventLog(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		otherLibrary(f)
		from := emit(f, "main", "one")
		emit(f, "other", "hidden")
		last := emit(f, "main", "two", "three")
		list := func(after int64, limit, wait int) eventPage {
			return into[eventPage](f,
				f.want(200, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/events?after=%d&limit=%d&wait=%d", after, limit,
					wait), "")))
		}
		if p := list(from-1, 2, 0); len(p.Items) != 2 || p.Items[0].Subject != "one" || p.Items[1].Subject != "two" ||
			p.Next != p.Items[1].Seq {
			t.Errorf("first page: %+v", p)
		} else if p = list(p.Next, 2, 0); len(p.Items) != 1 || p.Items[0].Subject != "three" || p.Next != last {
			t.Errorf("second page: %+v", p)
		}
		hidden := emit(f, "other", "hidden")
		if p := list(last, 10, 0); len(p.Items) != 0 || p.Next != hidden {
			t.Errorf("past another library's event: %+v", p)
		}
		// A long poll is answered by the write, also past another library's.
		answered := make(chan eventPage)
		go func() {
			r, err := http.NewRequestWithContext(t.Context(), "GET", f.url+fmt.Sprintf("/api/events?after=%d&wait=60",
				hidden), nil)
			if err != nil {
				panic(err)
			}
			r.Header.Set("Authorization", "Bearer "+f.tokens[dam.Viewer])
			var p eventPage
			if res, err := http.DefaultClient.Do(r); err == nil {
				_ = json.NewDecoder(res.Body).Decode(&p) // an empty page fails below
				_ = res.Body.Close()
			}
			answered <- p
		}()
		emit(f, "other", "hidden")
		emit(f, "main", "four")
		if p := <-answered; len(p.Items) != 1 || p.Items[0].Subject != "four" {
			t.Errorf("long poll: %+v", p)
		}
		// A trimmed log says so.
		if err := c.Write(catalogtest.Context(t),
			func(tx *catalog.Tx) error { return tx.Log().Trim(catalogtest.Context(t), last) }); err != nil {
			t.Fatal(err)
		}
		if p := f.want(410, f.do(dam.Viewer, "GET", fmt.Sprintf("/api/events?after=%d", last-1),
			"")).problem(); p.Code != dam.Gone || !strings.Contains(p.Remedy, "/api/snapshot") {
			t.Errorf("an old cursor: %+v", p)
		}
		f.want(410, f.do(dam.Viewer, "GET", "/api/events/stream", "", "Last-Event-ID", "0"))
		if p := list(last, 10, 0); p.MinSeq != last || len(p.Items) != 1 {
			t.Errorf("from the log's beginning: %+v", p)
		}
	})
}

// stream reads server-sent events until it is closed.
type stream struct {
	*fixture
	res  *http.Response
	read *bufio.Reader
	stop context.CancelFunc
}

func listen(f *fixture, headers ...string) *stream {
	f.Helper()
	ctx, stop := context.WithCancel(f.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", f.url+"/api/events/stream", nil)
	if err != nil {
		f.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+f.tokens[dam.Viewer])
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { stop(); _ = res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		f.Fatalf("stream: %d %v", res.StatusCode, res.Header)
	}
	return &stream{f, res, bufio.NewReader(res.Body), stop}
}

// next returns the next event's id, type and data.
func (s *stream) next() (id, typ string, e dam.Event) {
	s.Helper()
	for {
		line, err := s.read.ReadString('\n')
		if err != nil {
			s.Fatal(err)
		}
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			typ = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e); err != nil {
				s.Fatal(err)
			}
			return id, typ, e
		}
	}
}

// cursor is a seq in the log's present epoch.
func cursor(f *fixture, seq int64) string {
	epoch, err := f.catalog.Epochs().EpochOf(f.Context())
	if err != nil {
		f.Fatal(err)
	}
	return dam.Cursor(epoch, seq)
}

// A cursor is good in its epoch only; a bare seq is one of a consumer that never saw any, and good while the log
// reaches that far.
func TestCursorsOfEpochs(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		first := emit(f, "main", "one")
		old := cursor(f, first)
		get := func(status int, after string) answer {
			t.Helper()
			return f.want(status, f.do(dam.Viewer, "GET", "/api/events?after="+after, ""))
		}
		page := into[struct{ Epoch, Cursor string }](f, get(200, old))
		if page.Cursor != cursor(f, first) || !strings.HasPrefix(page.Cursor, page.Epoch+":") {
			t.Errorf("%+v, want %s", page, old)
		}
		// A poll and a stream that are open when an epoch begins.
		polled := make(chan int)
		go func() { polled <- f.do(dam.Viewer, "GET", "/api/events?wait=60&after="+old, "").StatusCode }()
		s := listen(f, "Last-Event-ID", old)
		if _, err := c.BeginEpoch(catalogtest.Context(t), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
			t.Fatal(err)
		}
		if status := <-polled; status != 410 {
			t.Errorf("the poll ended with %d", status)
		}
		if _, err := io.ReadAll(s.read); err != nil {
			t.Errorf("the stream: %v", err)
		}
		if p := get(410, old).problem(); p.Code != dam.Gone || !strings.Contains(p.Remedy, "/api/snapshot") {
			t.Errorf("a cursor of another epoch: %+v", p)
		}
		f.want(410, f.do(dam.Viewer, "GET", "/api/events/stream", "", "Last-Event-ID", old))
		get(200, fmt.Sprint(first))
		get(200, cursor(f, first))
		get(410, fmt.Sprint(first+2))
		get(410, cursor(f, first+2))
		for _, wrong := range []string{"x", "-1", "ep_x:1", old + "0x", ":1"} {
			get(422, wrong)
		}
	})
}

func TestEventStream(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c)
		otherLibrary(f)
		before := emit(f, "main", "before")
		s := listen(f)
		emit(f, "other", "hidden")
		seq := emit(f, "main", "one")
		if id, typ, e := s.next(); id != cursor(f, seq) || typ != string(dam.PresetChanged) || e.Subject != "one" ||
			e.Seq != seq {
			t.Errorf("live: %s %s %+v", id, typ, e)
		}
		emit(f, "main", "two", "three")
		for _, want := range []string{"two", "three"} {
			if _, _, e := s.next(); e.Subject != want {
				t.Errorf("%+v, want %s", e, want)
			}
		}
		s.stop()
		// A client that comes back misses nothing, however much it was.
		var names []string
		for i := range 450 {
			names = append(names, fmt.Sprint("n", i))
		}
		emit(f, "main", names...)
		s = listen(f, "Last-Event-ID", cursor(f, before))
		for _, want := range append([]string{"one", "two", "three"}, names...) {
			if _, _, e := s.next(); e.Subject != want {
				t.Fatalf("after coming back: %+v, want %s", e, want)
			}
		}
		// The server stops: the stream ends, so that the server can.
		f.api.Close()
		if _, err := io.ReadAll(s.read); err != nil {
			t.Errorf("at the end: %v", err)
		}
	})
}

// A silent stream says that it lives, moves the cursor on, and ends when the listener's rights do.
func TestStreamHeartbeat(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	f.api.SetHeartbeat(20 * time.Millisecond)
	otherLibrary(f)
	s := listen(f)
	hidden := emit(f, "other", "hidden")
	for line := ""; line != "id: "+cursor(f, hidden)+"\n"; {
		var err error
		if line, err = s.read.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "data:") {
			t.Fatalf("another library's event: %s", line)
		}
	}
	list, err := f.people.Tokens(catalogtest.Context(t), "main")
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range list {
		if token.Name == string(dam.Viewer) {
			if err := f.people.RevokeToken(catalogtest.Context(t), "main", token.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := io.ReadAll(s.read); err != nil {
		t.Errorf("after the token was revoked: %v", err)
	}
}

func TestSnapshot(t *testing.T) {
	f := start(t, catalogtest.SQLite(t))
	kept, binned := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2)
	f.want(204, f.do(dam.Editor, "DELETE", "/api/assets/"+binned.ID, ""))
	head, err := f.catalog.Log().Head(catalogtest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	a := f.want(200, f.do(dam.Viewer, "GET", "/api/snapshot", ""))
	if a.Header.Get("X-Vitrine-Seq") < fmt.Sprint(head) {
		t.Errorf("cursor %s, log %d", a.Header.Get("X-Vitrine-Seq"), head)
	}
	f.want(200, f.do(dam.Viewer, "GET", "/api/events?after="+a.Header.Get("X-Vitrine-Cursor"), ""))
	var ids []string
	for line := range strings.Lines(string(a.body)) {
		var x dam.Asset
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		ids = append(ids, x.ID)
	}
	if len(ids) != 2 || ids[0] != kept.ID || ids[1] != binned.ID {
		t.Errorf("%v, want %s and %s", ids, kept.ID, binned.ID)
	}
}
