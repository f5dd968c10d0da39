package delivery_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/delivery"
	"vitrine/storage"
	web "vitrine/web/delivery"
)

// Answers over connections that join headers and body are the same as without: bodies of every size around the server's
// buffers, mixed with answers of other kinds, on few connections.
func TestJoinedAnswers(t *testing.T) {
	s := newSite(t, catalogtest.SQLite(t))
	n := s.node(nil, delivery.Options{}, web.Options{MissRate: -1})
	server := httptest.NewUnstartedServer(n.handler)
	server.Listener = web.Listen(server.Listener)
	server.Config.ConnContext = web.ConnContext
	server.Start()
	defer server.Close()

	a := s.asset(dam.Rights{})
	bodies := map[string][]byte{}
	for i, size := range []int{1, 2047, 2048, 3500, 4095, 4096, 4097, 8191, 8192, 40_000, 1_000_000} {
		preset := fmt.Sprintf("p%d", size)
		body := bytes.Repeat([]byte{byte('a' + i)}, size)
		body[size-1] = '.'
		x := dam.Rendition{Version: a.Latest.ID, Preset: preset, Format: dam.JPEG, Hash: sum(body)[:24],
			SHA256: sum(body), Size: int64(size), MediaType: "image/jpeg"}
		key := dam.RenditionKey(a.Latest.SHA256, x.Hash, x.Format)
		if err := s.store.Put(catalogtest.Context(t), key, bytes.NewReader(body),
			storage.PutOptions{Size: x.Size}); err != nil {
			t.Fatal(err)
		}
		s.write(func(tx *catalog.Tx) error { return tx.Renditions().PutRendition(catalogtest.Context(t), x, key) })
		bodies[preset] = body
	}
	s.rendered(a.Latest, dam.RenditionsReady)
	s.decide(a.ID, dam.Approve)
	n.has(s)

	ask := func(client *http.Client, method, preset string, header ...string) (int, []byte, error) {
		r, err := http.NewRequest(method, server.URL+"/r/"+a.ID+"/"+preset, nil)
		if err != nil {
			return 0, nil, err
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w, err := client.Do(r)
		if err != nil {
			return 0, nil, err
		}
		b, err := io.ReadAll(w.Body)
		return w.StatusCode, b, errors.Join(err, w.Body.Close())
	}
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}} // every answer on one connection
			defer client.CloseIdleConnections()
			for range 5 {
				for preset, body := range bodies {
					etag := `"` + sum(body)[:24] + `.jpg"`
					for _, c := range []struct {
						method string
						header []string
						status int
						body   []byte
					}{
						{http.MethodGet, nil, 200, body},
						{http.MethodHead, nil, 200, nil},
						{http.MethodGet, []string{"If-None-Match", etag}, 304, nil},
						{http.MethodGet, []string{"Range", "bytes=0-0"}, 206, body[:1]},
						{http.MethodGet, []string{"Connection", "close"}, 200, body},
					} {
						status, got, err := ask(client, c.method, preset, c.header...)
						if err != nil || status != c.status || !bytes.Equal(got, c.body) {
							t.Errorf("%s %s %v: %d with %d bytes, %v; want %d with %d", c.method, preset, c.header,
								status, len(got), err, c.status, len(c.body))
						}
					}
				}
				if status, _, err := ask(client, http.MethodGet, "none"); status != 404 || err != nil {
					t.Errorf("nothing: %d %v", status, err)
				}
			}
		})
	}
	clients.Wait()
}
