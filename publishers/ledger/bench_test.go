package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/publishertest"
)

// called is a network that answers at once and notes when it is first called for a publication.
type called struct {
	*publishertest.Network
	mu    sync.Mutex
	first map[string]time.Time
}

func (c *called) Prepare(ctx context.Context, in publishers.Intent, s publishers.State) (publishers.State, error) {
	c.mu.Lock()
	if _, again := c.first[in.ID]; !again {
		c.first[in.ID] = time.Now()
	}
	c.mu.Unlock()
	return c.Network.Prepare(ctx, in, s)
}

// load is a world with four channels and forty assets, for what many publications take.
type load struct {
	*publishertest.World
	b        *testing.B
	n        *called
	s        *publishertest.Service
	channels []string
	assets   []string
}

func newLoad(b *testing.B, c *catalog.Catalog) *load {
	n := &called{Network: publishertest.NewNetwork(publishers.NoIdempotency), first: map[string]time.Time{}}
	k := n.Kind()
	k.Publisher = n
	l := &load{World: publishertest.NewWorld(b, c), b: b, n: n}
	l.s = l.Service("a", k)
	for range 4 {
		l.channels = append(l.channels, l.Channel(l.s, k.Name, n.Config()).ID)
	}
	for range 40 {
		l.assets = append(l.assets, l.Asset("shoe").ID)
	}
	l.Clock.Follow()
	return l
}

// plan puts publications into the ledger, as many in a transaction as it takes, all due within
// their count of microseconds from an instant on, in their order.
func (l *load) plan(count int, at time.Time) (ids []string) {
	at = at.UTC().Truncate(time.Microsecond)
	for len(ids) < count {
		if err := l.Catalog.Write(catalogtest.Context(l.b), func(tx *catalog.Tx) error {
			for range min(count-len(ids), 500) {
				i := len(ids)
				due := at.Add(time.Duration(i) * time.Microsecond)
				p := catalog.LedgerRow{Publication: dam.Publication{ID: dam.NewID(dam.PublicationPrefix),
					Library: dam.DefaultLibrary, Channel: l.channels[i%len(l.channels)],
					Asset:    l.assets[i%len(l.assets)],
					Revision: 1, State: dam.PubPlanned, Origin: "hand", Presets: []string{publishertest.Preset},
					Caption: "hello", At: due, Zone: "UTC", NextAt: &due}}
				if err := tx.Publications().InsertPublication(catalogtest.Context(l.b), &p,
					reasons.PlannedByHand()); err != nil {
					return err
				}
				tx.Emit(dam.Event{Type: dam.PublicationEventPlanned, Subject: p.ID, Asset: p.Asset})
				ids = append(ids, p.ID)
			}
			return nil
		}); err != nil {
			l.b.Fatal(err)
		}
	}
	return ids
}

// posted waits until the network has so many posts, however long that takes.
func (l *load) posted(count int) {
	for l.n.Total() < count {
		select {
		case <-catalogtest.Context(l.b).Done():
			l.b.Fatal("cancelled")
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// onBoth runs a benchmark on both dialects, each commit on the disk.
func onBoth(b *testing.B, f func(b *testing.B, l *load)) {
	for name, open := range catalogtest.Measured() {
		b.Run(name, func(b *testing.B) { f(b, newLoad(b, open(b))) })
	}
}

// BenchmarkDeliveries measures how many publications a node delivers per second to
// a remote that answers at once, all of them due at the same time.
func BenchmarkDeliveries(b *testing.B) {
	onBoth(b, func(b *testing.B, l *load) {
		l.plan(b.N, time.Now())
		l.Start(l.s)
		b.ResetTimer()
		l.posted(b.N)
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
	})
}

// BenchmarkStart measures how late publications start: one planned two seconds ahead, then
// a thousand due at the same instant. A publication has started when the ledger says that a
// node has it and has let it pass the gate; when its channel is first called comes later.
func BenchmarkStart(b *testing.B) {
	onBoth(b, func(b *testing.B, l *load) {
		l.Start(l.s)
		sent := 0
		late := func(count int, at time.Time) (started, reached []float64) {
			ids := l.plan(count, at)
			sent += count
			l.posted(sent)
			for i, id := range ids {
				due := at.Add(time.Duration(i) * time.Microsecond)
				started = append(started, ms(stepOf(l.Read(id), dam.PubPreparing).Sub(due)))
				l.n.mu.Lock()
				reached = append(reached, ms(l.n.first[id].Sub(due)))
				l.n.mu.Unlock()
			}
			slices.Sort(started)
			slices.Sort(reached)
			return started, reached
		}
		for b.Loop() {
			one, _ := late(1, time.Now().Add(2*time.Second))
			b.ReportMetric(one[0], "ms-ahead")
			started, reached := late(1000, time.Now().Add(5*time.Second))
			b.ReportMetric(started[len(started)*99/100], "ms-start-p99")
			b.ReportMetric(reached[len(reached)*99/100], "ms-called-p99")
		}
	})
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// stepOf is when a publication first came to a state.
func stepOf(p dam.Publication, s dam.PublicationState) time.Time {
	for _, x := range p.Steps {
		if x.State == s {
			return x.At
		}
	}
	return time.Time{}
}

// BenchmarkMinute plans ten thousand publications for the same moment: how long until the last of them is
// leased and delivered, and how many of them were leased out of order or sent twice.
func BenchmarkMinute(b *testing.B) {
	onBoth(b, func(b *testing.B, l *load) {
		l.Start(l.s)
		const crowd = 10_000
		for b.Loop() {
			at := time.Now().Add(15 * time.Second)
			ids := l.plan(crowd, at)
			before := l.n.Total()
			l.posted(before + crowd)
			delivered := time.Since(at)
			wrong, last := 0, at
			seen := map[string]bool{}
			for _, p := range l.n.All()[before:] {
				if seen[p.Publication] {
					wrong++
				}
				seen[p.Publication] = true
			}
			leased := map[string]time.Time{} // the last one of each channel
			for i, id := range ids {
				p := l.Read(id)
				t := stepOf(p, dam.PubPreparing)
				if channel := l.channels[i%len(l.channels)]; t.Before(leased[channel]) {
					wrong++
				} else {
					leased[channel] = t
				}
				if t.After(last) {
					last = t
				}
			}
			b.ReportMetric(last.Sub(at).Seconds(), "s-leased")
			b.ReportMetric(delivered.Seconds(), "s-delivered")
			b.ReportMetric(float64(wrong), "wrong")
		}
	})
}

// BenchmarkPast measures deliveries beside a million publications of the past, and beside
// none: how many times as long they take.
func BenchmarkPast(b *testing.B) {
	for name, open := range catalogtest.Measured() {
		b.Run(name, func(b *testing.B) {
			young, old := newLoad(b, open(b)), newLoad(b, open(b))
			old.remember(1_000_000)
			took := map[*load][]time.Duration{}
			for range b.N {
				for range 7 {
					for _, l := range []*load{young, old} {
						const crowd = 500
						l.plan(crowd, time.Now().Add(time.Hour))
						l.plan(crowd, time.Now())
						stop := l.Start(l.s)
						began := time.Now()
						l.posted((len(took[l]) + 1) * crowd)
						took[l] = append(took[l], time.Since(began))
						stop()
					}
				}
			}
			for _, l := range []*load{young, old} {
				slices.Sort(took[l])
			}
			median := func(l *load) float64 { return took[l][len(took[l])/2].Seconds() }
			b.ReportMetric(median(old)/median(young), "times")
		})
	}
}

// remember fills the ledger with publications that were delivered over the last years.
func (l *load) remember(count int) {
	series := fmt.Sprintf(
		`(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<%d) SELECT i FROM n) x`,
		count/len(l.channels))
	if l.Catalog.Postgres() {
		series = fmt.Sprintf(`generate_series(1,%d) x(i)`, count/len(l.channels))
	}
	run := func(q string) {
		l.b.Helper()
		var err error
		if l.Catalog.Postgres() {
			_, err = l.Catalog.Database().Pool().Exec(catalogtest.Context(l.b), q)
		} else {
			_, err = l.Catalog.Database().Writer().ExecContext(catalogtest.Context(l.b), q)
		}
		if err != nil {
			l.b.Fatal(err)
		}
	}
	for k, channel := range l.channels {
		run(
			fmt.Sprintf(
				`INSERT INTO publications(id,library,channel_id,asset_id,revision,sent,state,lane,next_at,origin,presets,caption,due_at,zone,version_id,approved_by,attempts,problem,receipt,withdrawn,by_hand,reason,
			lease_owner,lease_token,progress,flight,digest,committed_at,steps,created_at,created_by,updated_at)
			SELECT 'p_0%[1]d' || (100000000+i),'main','%[2]s','a_past' || (i %% 20000),1,1,'delivered',1,NULL,'hand','["web"]','an offer of the season, in all our shops and here',1600000000000000+CAST(i AS BIGINT)*60000000,'Europe/Paris','v_past','u_somebody',0,'null',
			'{"remote":"post123456789","url":"https://network.example.com/post123456789","at":"2024-05-01T09:00:00Z","version":"v_past","media":[{"preset":"web","format":"jpeg","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size":123456}],"caption":"an offer of the season"}',
			false,false,'','',1,'','','0000000000000000000000000000000000000000000000000000000000000000',1600000000000000+CAST(i AS BIGINT)*60000000,3,1600000000000000,'u_somebody',1600000000000000 FROM %[3]s`, k, channel, series))
	}
	run(`INSERT INTO publication_steps(publication_id,n,at,state,revision,note,by_id)
		SELECT p.id,s.n,p.due_at,s.state,1,'','system' FROM publications p CROSS JOIN (SELECT 1 n,'preparing' state UNION ALL SELECT 2,'committing' UNION ALL SELECT 3,'delivered') s WHERE p.asset_id LIKE 'a_past%'`)
	if l.Catalog.Postgres() {
		run(`VACUUM ANALYZE`)
	} else {
		run(`PRAGMA wal_checkpoint(TRUNCATE)`)
	}
}
