package catalog_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// losing is a proxy between the catalogue and PostgreSQL. When armed, it forwards the next COMMIT and closes the
// connection before the reply.
type losing struct {
	target string
	armed  atomic.Bool
	lost   atomic.Int32
	before bool // cut before the COMMIT reaches the server instead
}

func (l *losing) serve(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go l.carry(c)
		}
	}()
	return ln.Addr().String()
}

func (l *losing) carry(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var cut atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil || cut.Load() { // the COMMIT has been answered, but the reply is dropped
				_ = client.Close()
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if n > 0 {
			if bytes.Contains(buf[:n], []byte("commit")) && l.armed.CompareAndSwap(true, false) {
				l.lost.Add(1)
				if l.before {
					break
				}
				cut.Store(true)
			}
			if _, werr := server.Write(buf[:n]); werr != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	if !cut.Load() {
		_ = server.Close()
	}
	wg.Wait()
}

// A commit whose reply was lost is either found to have happened or done again: the change happens once, with the first
// result.
func TestAmbiguousCommit(t *testing.T) {
	for name, before := range map[string]bool{"answer lost": false, "commit lost": true} {
		t.Run(name, func(t *testing.T) {
			u, err := url.Parse(catalogtest.PostgresURL(t))
			if err != nil {
				t.Fatal(err)
			}
			direct, err := catalog.Open(catalogtest.Context(t), u.String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = direct.Close() }()
			if err := direct.Migrate(catalogtest.Context(t)); err != nil {
				t.Fatal(err)
			}
			l := &losing{target: u.Host, before: before}
			u.Host = l.serve(t)
			c, err := catalog.Open(catalogtest.Context(t), u.String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			const rounds = 10
			for range rounds {
				ctx := catalog.WithIdempotencyKey(catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: "u_1"}),
					catalog.IdempotencyKey{Key: dam.NewID("k"), Fingerprint: "f"})
				var ids [2]string
				for i := range ids {
					if i == 0 {
						l.armed.Store(true)
					}
					ids[i], err = catalog.Do(ctx, c, func(tx *catalog.Tx) (string, error) {
						a := newAsset(dam.NewID("sha"))
						tx.Emit(dam.Event{Type: dam.AssetCreated, Subject: a.ID, Asset: a.ID})
						return a.ID, tx.Assets().InsertAsset(ctx, a, dam.Metadata{})
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				if ids[0] != ids[1] {
					t.Errorf("the repeat returned %s, the first %s", ids[1], ids[0])
				}
				if _, err := direct.Assets().Asset(catalogtest.Context(t), "", ids[0]); err != nil {
					t.Errorf("the acknowledged asset: %v", err)
				}
			}
			if n := l.lost.Load(); n != rounds {
				t.Errorf("%d commits were cut, want %d: the test tests nothing", n, rounds)
			}
			if n, err := direct.Assets().CountAssets(catalogtest.Context(t), dam.DefaultLibrary); err != nil ||
				n != rounds {
				t.Errorf("%d assets %v, want %d: one each", n, err, rounds)
			}
			if head, err := direct.Log().Head(catalogtest.Context(t)); err != nil || head != rounds {
				t.Errorf("head %d %v, want %d", head, err, rounds)
			}
		})
	}
}
