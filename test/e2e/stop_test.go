package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// slowUpload is a request whose body's second half is sent when it is asked for.
type slowUpload struct {
	conn net.Conn
	req  *http.Request
	rest []byte
}

// slowly sends a request and half of its body.
func (x *server) slowly(method, path string, body []byte, header ...string) *slowUpload {
	x.Helper()
	conn, err := net.Dial("tcp", x.addr)
	if err != nil {
		x.Fatal(err)
	}
	x.Cleanup(func() { _ = conn.Close() })
	req, err := http.NewRequest(method, x.url+path, nil)
	if err != nil {
		x.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	var head bytes.Buffer
	fmt.Fprintf(&head, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", method, path, x.addr, len(body))
	if err := errors.Join(conn.SetDeadline(time.Now().Add(time.Minute)), req.Header.Write(&head)); err != nil {
		x.Fatal(err)
	}
	head.WriteString("\r\n")
	head.Write(body[:len(body)/2])
	if _, err := conn.Write(head.Bytes()); err != nil {
		x.Fatal(err)
	}
	return &slowUpload{conn, req, body[len(body)/2:]}
}

// finish sends the rest and reads the answer.
func (u *slowUpload) finish() answer {
	if _, err := u.conn.Write(u.rest); err != nil {
		return answer{err: err}
	}
	return u.answer()
}

func (u *slowUpload) answer() answer {
	res, err := http.ReadResponse(bufio.NewReader(u.conn), u.req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return answer{res, b, err}
}

// editor changes an asset again and again over one connection, until the server gives that connection up.
type editor struct {
	done int
	err  error
}

func (x *server) edit(id string, began *sync.WaitGroup) (e editor) {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	for first := true; ; first = false {
		req, err := http.NewRequest("PATCH", x.url+"/api/assets/"+id,
			strings.NewReader(fmt.Sprintf(`{"title":{"en":"edit %d"}}`, e.done)))
		if err != nil {
			return editor{e.done, err}
		}
		req.Header.Set("Authorization", "Bearer "+x.token)
		req.Header.Set("Content-Type", "application/merge-patch+json")
		res, err := client.Do(req)
		if err != nil {
			return editor{e.done, err}
		}
		b, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s: %s", res.Status, b)
		}
		if err != nil {
			return editor{e.done, err}
		}
		e.done++
		if first {
			began.Done()
		}
		if res.Close {
			return e
		}
	}
}

// A server that is told to stop says so to balancers, goes on taking connections for as long as it is set to, and cuts
// no upload and no edit that has begun; event streams and long polls end, for they have no end of their own.
func TestStopCutsNothing(t *testing.T) {
	x := start(t, setup{env: []string{"VITRINE_STOP_DELAY=700ms"}})
	asset := x.upload("edited.jpg", photo(t, 700, 320, 240))

	var uploads []*slowUpload
	for i := range 6 {
		data := photo(t, uint64(710+i), 640, 480)
		if i%2 == 0 {
			path := x.create(len(data), fmt.Sprintf("tus-%d.jpg", i))
			uploads = append(uploads, x.slowly("PATCH", path, data, "Tus-Resumable", "1.0.0", "Upload-Offset", "0",
				"Content-Type", "application/offset+octet-stream"))
			// HEAD would wait for the lock that the upload holds
			x.until("the first half is in the spool", func() bool {
				return x.spooled(path) >= int64(len(data)/2)
			})
			continue
		}
		body, ct := form(t, fmt.Sprintf("form-%d.jpg", i), data)
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		uploads = append(uploads, x.slowly("POST", "/api/assets", b, "Content-Type", ct))
	}
	stream := x.open("/api/events/stream")
	// A reader of long polls goes on from answer to answer until nobody takes its connection.
	poll := make(chan error, 1)
	go func() {
		for page := (struct{ Cursor string }{"0"}); ; {
			a := x.try("GET", "/api/events?wait=60&after="+page.Cursor, nil)
			switch {
			case errors.Is(a.err, syscall.ECONNREFUSED):
				poll <- nil
				return
			case a.err != nil:
				poll <- a.err
				return
			case a.StatusCode != http.StatusOK:
				poll <- fmt.Errorf("%d %s", a.StatusCode, a.body)
				return
			}
			if err := json.Unmarshal(a.body, &page); err != nil {
				poll <- err
				return
			}
		}
	}()

	var began sync.WaitGroup
	edits := make(chan editor, 4)
	for range cap(edits) {
		began.Add(1)
		go func() {
			e := x.edit(asset.ID, &began)
			if e.done == 0 {
				began.Done()
			}
			edits <- e
		}()
	}
	began.Wait()

	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.until("/readyz says stopping", func() bool {
		a := x.try("GET", "/readyz", nil) // a new request is taken during the delay
		return a.err == nil && a.StatusCode == http.StatusServiceUnavailable && strings.Contains(string(a.body),
			`"server":"stopping"`)
	})
	x.until("no more connections are taken", func() bool {
		c, err := net.Dial("tcp", x.addr)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	for i, u := range uploads {
		a := u.finish()
		if a.err != nil || a.StatusCode != http.StatusCreated && a.StatusCode != http.StatusNoContent {
			t.Errorf("upload %d was cut: %v %v %s", i, a.err, a.Response, a.body)
		}
	}
	total := 0
	for range cap(edits) {
		e := <-edits
		if e.err != nil {
			t.Errorf("an edit was cut after %d: %v", e.done, e.err)
		}
		total += e.done
	}
	if err := <-poll; err != nil {
		t.Errorf("the long poll: %v", err)
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		t.Errorf("the event stream did not end as streams do: %v", err)
	}
	select {
	case <-x.exited:
	case <-time.After(30 * time.Second):
		t.Fatalf("no end:\n%s", x.log)
	}
	if code := x.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("status %d\n%s", code, x.log)
	}
	x.run()
	if n := x.search("q=type:image&limit=50").Total; n != 1+len(uploads) {
		t.Errorf("%d assets after the restart, want %d", n, 1+len(uploads))
	}
	t.Logf("%d uploads, %d edits", len(uploads), total)
}

// An upload that is too slow for the time to stop is told that it can go on, and does.
func TestStopTimeoutLeavesUploadResumable(t *testing.T) {
	x := start(t, setup{env: []string{"VITRINE_STOP_TIMEOUT=200ms"}})
	data := photo(t, 730, 640, 480)
	path := x.create(len(data), "slow.jpg")
	u := x.slowly("PATCH", path, data, "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type",
		"application/offset+octet-stream")
	x.until("the first half is in the spool", func() bool { return x.spooled(path) >= int64(len(data)/2) })
	x.terminate()
	if a := u.answer(); a.err != nil || a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("the upload heard %v %v %s", a.err, a.Response, a.body)
	}
	x.run()
	h := x.try("HEAD", path, nil, "Tus-Resumable", "1.0.0")
	at, err := strconv.Atoi(h.Header.Get("Upload-Offset"))
	if err != nil || at < len(data)/2 {
		t.Fatalf("after the restart the offset is %q, want at least %d", h.Header.Get("Upload-Offset"), len(data)/2)
	}
	if a := x.patch(path, at, data[at:]); a.err != nil || a.StatusCode != http.StatusNoContent ||
		a.Header.Get("Vitrine-Status") != "created" {
		t.Errorf("the rest: %v %v %s", a.err, a.Response, a.body)
	}
}

// A second signal ends the server at once, whatever it waits for.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	x := start(t, setup{env: []string{"VITRINE_STOP_DELAY=10m"}})
	if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.until("it is stopping", func() bool {
		return x.try("GET", "/readyz", nil).StatusCode == http.StatusServiceUnavailable
	})
	x.terminate()
}

// spooled is how many bytes of a resumable upload are on the server's disk.
func (x *server) spooled(path string) int64 {
	st, err := os.Stat(filepath.Join(x.dir, "uploads", "tus", strings.TrimPrefix(path, "/api/uploads/")))
	if err != nil {
		return -1
	}
	return st.Size()
}

// open begins a request whose answer has no end, and returns once it is there.
func (x *server) open(path string) io.Reader {
	x.Helper()
	req, err := http.NewRequestWithContext(x.Context(), "GET", x.url+path, nil)
	if err != nil {
		x.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+x.token)
	res, err := (&http.Transport{}).RoundTrip(req)
	if err != nil || res.StatusCode != http.StatusOK {
		x.Fatalf("%s: %v %v", path, err, res)
	}
	x.Cleanup(func() { _ = res.Body.Close() })
	return res.Body
}
