package signage

import (
	"context"
	"encoding/json"
	"os"
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/signage"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

// late is a playlist in a catalogue that is opened after the kind was made.
type late struct {
	once sync.Once
	open func() *catalog.Catalog
	*signage.Service
}

func (l *late) service() *signage.Service {
	l.once.Do(func() { l.Service = signage.New(signage.Options{Catalog: l.open()}) })
	return l.Service
}

func (l *late) Check(config json.RawMessage) error { return l.service().Check(config) }
func (l *late) Put(ctx context.Context, channel string, e dam.SignageEntry) (dam.SignageEntry, error) {
	return l.service().Put(ctx, channel, e)
}
func (l *late) Entry(ctx context.Context, channel, publication string) (dam.SignageEntry, bool, error) {
	return l.service().Entry(ctx, channel, publication)
}
func (l *late) Remove(ctx context.Context, channel, publication string) (bool, error) {
	return l.service().Remove(ctx, channel, publication)
}

// TestMain makes this binary a node, with the given database, if TestKill starts it as one.
func TestMain(m *testing.M) {
	publishertest.Main(m, Kind(&late{open: func() *catalog.Catalog {
		cat, err := catalog.Open(dam.AsSystem(context.Background(), "a test's own steps"),
			os.Getenv(publishertest.NodeDatabase))
		if err != nil {
			panic(err)
		}
		return cat
	}}))
}

const config = `{"zone": "Europe/Paris"}`

// harness counts the entries in the world's own catalogue.
func harness(t *testing.T) publishertest.Harness {
	var cat *catalog.Catalog
	ever := map[string]bool{}
	live := func(asset string) (n int) {
		rows, err := cat.Publications().List(dam.AsSystem(context.Background(), "a test's own steps"),
			dam.DefaultLibrary, dam.PublicationFilter{Asset: asset, Limit: 100})
		if err != nil {
			t.Error(err)
		}
		for _, p := range rows {
			_, found, err := cat.Screens().SignageEntry(dam.AsSystem(context.Background(), "a test's own steps"),
				p.Channel, p.ID)
			if err != nil {
				t.Error(err)
			}
			if found {
				n++
				ever[asset] = true
			}
		}
		return n
	}
	return publishertest.Harness{
		Kind: Kind(&late{open: func() *catalog.Catalog {
			return cat
		}}), Config: json.RawMessage(config), In: func(c *catalog.Catalog) { cat = c }, Live: live,
		Posts: func(asset string) int {
			if live(asset); ever[asset] {
				return 1
			}
			return 0
		},
	}
}

func TestConformance(t *testing.T) { publishertest.Run(t, harness) }

func TestKill(t *testing.T) { publishertest.Kill(t, 10, harness(t)) }

func TestOptionsAreChecked(t *testing.T) {
	p := Kind(nil).Publisher
	for _, raw := range []string{`{"from": "31.12.2026"}`, `{"from": "2026-12-02", "until": "2026-12-01"}`,
		`{"day_parts": "someday"}`, `{"day_parts": "mon-fri 8-12"}`, `{"day_parts": "fri 10:00-10:00"}`} {
		if list := p.Validate(t.Context(),
			publishers.Intent{Content: publishers.Content{Options: json.RawMessage(raw)}}); len(list) != 1 ||
			list[0].Remedy == "" || list[0].Field == "" {
			t.Errorf("%s: %+v", raw, list)
		}
	}
	if list := p.Validate(t.Context(),
		publishers.Intent{Content: publishers.Content{Options: json.RawMessage(
			`{"from": "2026-12-01", "until": "2026-12-01", "day_parts": "fri-mon 22:00-02:00; tue", "order": -1.5, "seconds": 3}`)}}); len(list) > 0 {
		t.Errorf("good options: %+v", list)
	}
}
