package accounts_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

// versioned is a network whose channels may speak another version.
type versioned struct {
	*publishertest.Network
	other publishers.API
}

// Speaks implements publishers.Dated.
func (v versioned) Speaks(json.RawMessage) publishers.API { return v.other }

// A version that ends is mentioned from 60 days before its end, of the channels that speak it.
func TestVersionsEnd(t *testing.T) {
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	ends := w.Clock.Now().Truncate(time.Second).Add(publishers.VersionNotice + time.Hour)
	n := publishertest.NewNetwork(publishers.Durable)
	k := n.Kind()
	k.API = publishers.API{Version: "7", Ends: ends}
	unused, another, endless := k, k, n.Kind()
	unused.Name, unused.Title = "unused", "Unused"
	endless.Name = "endless"
	another.Name, another.Title = "another", "Another"
	another.Publisher = versioned{n, publishers.API{Version: "6", Ends: ends.Add(-time.Hour)}}
	s := w.Service("a", k, unused, another, endless)
	ch, other, plain := w.Channel(s, k.Name, n.Config()), w.Channel(s, another.Name, n.Config()),
		w.Channel(s, endless.Name, n.Config())
	for _, c := range []struct {
		at           time.Time
		code, others string
	}{
		{w.Clock.Now(), "", reasons.CodeChannelVersionEnding},
		{ends.Add(-publishers.VersionNotice), reasons.CodeChannelVersionEnding, reasons.CodeChannelVersionEnding},
		{ends.Add(-time.Second), reasons.CodeChannelVersionEnding, reasons.CodeChannelVersionOver},
		{ends, reasons.CodeChannelVersionOver, reasons.CodeChannelVersionOver},
	} {
		w.Clock.Advance(c.at.Sub(w.Clock.Now()))
		for id, want := range map[string]string{ch.ID: c.code, other.ID: c.others, plain.ID: ""} {
			got, err := s.Accounts.Channel(catalogtest.Context(t), dam.DefaultLibrary, id)
			code := ""
			if len(got.NoticeReasons) > 0 {
				code = got.NoticeReasons[0].ReasonCode
			}
			if err != nil || code != want || (got.Notice == "") != (want == "") || got.Health != dam.Healthy {
				t.Errorf("at %s the %s says %q (%s), want %s: %v", c.at, got.Name, got.Notice, got.Health, want, err)
			}
		}
		err := s.Accounts.CheckVersions(catalogtest.Context(t))
		said := ""
		if err != nil {
			said = err.Error()
		}
		if strings.Contains(said, "Network ends version 7") != (c.code == reasons.CodeChannelVersionEnding) ||
			!strings.Contains(said, "version 6") || strings.Contains(said, "Unused") {
			t.Errorf("at %s: %v", c.at, err)
		}
	}
	if err := w.Service("b", endless).Accounts.CheckVersions(catalogtest.Context(t)); err != nil {
		t.Errorf("without an end: %v", err)
	}
}
