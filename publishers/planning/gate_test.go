package planning_test

import (
	"context"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/rights"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

// during acts once between the lease and the commit.
type during struct {
	publishers.Publisher
	act func()
}

func (d *during) Prepare(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.State, error) {
	if act := d.act; act != nil {
		d.act = nil
		act()
	}
	return d.Publisher.Prepare(ctx, in, s)
}

func ptr[T any](v T) *T { return &v }

// named finds the assets that are named by id.
type named struct{}

func (named) Each(_ context.Context, _ string, s dam.Selection, begin func(int, int64) error,
	block func([]string) error) error {
	if err := begin(len(s.Filter.Assets), 0); err != nil {
		return err
	}
	return block(s.Filter.Assets)
}

// licence links an asset to a licence of some terms.
func licence(t *testing.T, terms rights.TermsEdit) func(*publishertest.World, string) {
	return func(w *publishertest.World, asset string) {
		t.Helper()
		s := rights.Service{Catalog: w.Catalog, Find: named{}}
		l, err := s.CreateLicence(catalogtest.Context(t), dam.DefaultLibrary, rights.LicenceEdit{
			RecordEdit: rights.RecordEdit{Terms: &terms}, Licensor: ptr("Agency")})
		if err == nil {
			_, err = s.Link(catalogtest.Context(t), dam.DefaultLibrary, dam.LicenceRecord, l.ID,
				dam.BulkFilter{Assets: []string{asset}}, true)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// withdrawn links an asset to a consent that is then taken back.
func withdrawn(t *testing.T) func(*publishertest.World, string) {
	return func(w *publishertest.World, asset string) {
		t.Helper()
		s := rights.Service{Catalog: w.Catalog, Find: named{}}
		c, err := s.CreateConsent(catalogtest.Context(t), dam.DefaultLibrary, rights.ConsentEdit{Person: ptr("Ana")})
		if err == nil {
			_, err = s.Link(catalogtest.Context(t), dam.DefaultLibrary, dam.ConsentRecord, c.ID,
				dam.BulkFilter{Assets: []string{asset}}, true)
		}
		if err == nil {
			_, err = s.Withdraw(catalogtest.Context(t), dam.DefaultLibrary, c.ID, 0, false)
		}
		if err != nil {
			t.Error(err)
		}
	}
}

// Whatever closes the gate does so when it is planned, again inside the lease, and takes
// back what is out once it applies.
func TestGate(t *testing.T) {
	patch := func(text string) func(*publishertest.World, string) {
		return func(w *publishertest.World, asset string) { w.Patch(asset, text) }
	}
	for name, c := range map[string]struct {
		closes func(w *publishertest.World, asset string)
		field  string // of the refusal when it is planned
		stays  bool   // what is out was right when it was sent, and stays
	}{
		"rights not begun": {patch(`{"rights": {"from": "2999-01-01"}}`), "at", false},
		"rights ended":     {patch(`{"rights": {"until": "2001-12-31"}}`), "rights.until", false},
		"territory":        {patch(`{"rights": {"territories": ["FR"]}}`), "rights.territories", false},
		"approval undone": {func(w *publishertest.World, asset string) {
			w.Decide(asset, dam.Archive)
		}, "asset", false},
		"licence over": {licence(t, rights.TermsEdit{Until: ptr(dam.Moment("2001-12-31"))}), "rights.until", false},
		"no licence for the medium": {licence(t, rights.TermsEdit{Media: &[]dam.Medium{dam.MediumWeb}}),
			"rights.channel", false},
		"no licence for the channel": {licence(t, rights.TermsEdit{Channels: &[]string{dam.PublicChannel}}),
			"rights.channel", false},
		"no licence for the territory": {licence(t, rights.TermsEdit{Territories: &[]string{"FR"}}),
			"rights.territories", false},
		"consent taken back": {withdrawn(t), "rights.consent", false},
		"a zone would be cut": {patch(
			`{"zones": [{"kind": "price", "x": 0, "y": 0, "w": 1, "h": 0.2}, {"kind": "legal", "x": 0, "y": 0.8, "w": 1, "h": 0.2}]}`), "presets", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			catalogtest.Each(t, func(t *testing.T, cat *catalog.Catalog) {
				d := publishertest.NewFixture(t, cat, nil)
				k := d.Remote.Kind()
				step := &during{Publisher: k.Publisher}
				k.Publisher = step
				d.Node = d.Service("a", k)
				// A preset that crops, so that a zone can be in its way; its rendition is the one there is.
				if err := cat.Write(catalogtest.Context(t), func(tx *catalog.Tx) error {
					return tx.Presets().SetPreset(catalogtest.Context(t), dam.DefaultLibrary, 1,
						dam.Preset{Name: publishertest.Preset, Width: 640, Height: 320, Fit: dam.FitCover,
							Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}})
				}); err != nil {
					t.Fatal(err)
				}
				none := func(p dam.Publication) {
					t.Helper()
					if got := d.Read(p.ID); got.State == dam.PubDelivered || len(d.Remote.All()) > 0 {
						t.Errorf("it went out\n%s", publishertest.Ledger(got))
					}
				}
				fresh := func() { d.Shoe = d.Asset("red shoe") }

				// Planned before, closed before it is due.
				planned := d.Plan(d.In(time.Hour))
				c.closes(d.World, d.Shoe.ID)
				d.Clock.Advance(2 * time.Hour)
				d.Drain()
				none(planned)
				// Planning it now is refused, with the field and a remedy.
				_, err := d.Node.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
					planning.PublishInput{Asset: d.Shoe.ID, Channel: d.Account.ID})
				publishertest.Invalid(t, err, c.field)

				// Closed between the lease and the commit.
				fresh()
				leased, id := d.Plan(""), d.Shoe.ID
				step.act = func() { c.closes(d.World, id) }
				d.Drain()
				none(leased)

				// Closed after it went out.
				fresh()
				out := d.Plan("")
				d.Drain()
				d.State(out.ID, dam.PubDelivered)
				c.closes(d.World, d.Shoe.ID)
				d.Drain()
				want, live := dam.PubRecalled, 0
				if c.stays {
					want, live = dam.PubDelivered, 1
				}
				d.State(out.ID, want)
				if n := d.Remote.LivePosts(d.Shoe.ID); n != live {
					t.Errorf("%d posts are live, want %d", n, live)
				}
			})
		})
	}
}
