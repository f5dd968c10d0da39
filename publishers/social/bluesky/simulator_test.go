package bluesky

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"vitrine/publishers/publishertest"
)

// simulator is a strict simulator of a Bluesky personal data server: sessions expire, blobs are limited and must exist,
// records are validated, and a key has one record. The limits are those of the lexicons in
// github.com/bluesky-social/atproto, lexicons/app/bsky, as of 2026-08-20; TestRealPDS has the server itself.
type simulator struct {
	URL string

	mu      sync.Mutex
	logins  int
	access  string
	refresh string
	blobs   map[string]string
	records map[string]PDSRecord
	ever    map[string]bool
	fault   publishertest.Fault
	version string
}

// PDSRecord is a post.
type PDSRecord struct {
	Text  string `json:"text"`
	At    string `json:"createdAt"`
	Embed *struct {
		Images []struct {
			Alt   string
			Image PDSBlob `json:"image"`
		}
		External *struct {
			URI, Title, Description string
			Thumb                   *PDSBlob
		}
	} `json:"embed"`
	Facets []struct {
		Index    struct{ ByteStart, ByteEnd int }
		Features []struct{ URI, DID, Tag string }
	} `json:"facets"`
	Reply *struct {
		Root, Parent struct{ URI, CID string }
	} `json:"reply"`
}

// PDSBlob refers to an upload.
type PDSBlob struct {
	Ref struct {
		Link string `json:"$link"`
	} `json:"ref"`
}

// The account of the simulated PDS.
const PDSHandle, PDSPassword, PDSDID = "brand.test", "abcd-efgh", "did:plc:brand"

// newSimulator starts the simulator and stops it when the test ends.
func newSimulator(t testing.TB) *simulator {
	p := &simulator{blobs: map[string]string{}, records: map[string]PDSRecord{}, ever: map[string]bool{},
		version: "0.5.29"}
	s := httptest.NewServer(p)
	p.URL = s.URL
	t.Cleanup(s.Close)
	return p
}

// Fail sets the fault that the server has from now on; "" is none.
func (p *simulator) Fail(f publishertest.Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault = f; f == publishertest.Expired { // of a session that is otherwise valid
		p.fault, p.access = "", "expired"
	}
}

// Count returns how many keys ever had, and how many have now, a post with a text in its caption, its alternative text
// or its picture.
func (p *simulator) Count(text string) (ever, live int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for k := range p.ever {
		if strings.Contains(k, text) {
			ever++
		}
	}
	for _, r := range p.records {
		if r.Reply == nil && strings.Contains(p.mentions(r), text) {
			live++
		}
	}
	return ever, live
}

// Comments counts the replies that are there and have a text. They outlive what they reply to: a record is deleted by
// its own key only.
func (p *simulator) Comments(text string) (n int) {
	for _, r := range p.Records() {
		if r.Reply != nil && strings.Contains(r.Text, text) {
			n++
		}
	}
	return n
}

// Records returns all records.
func (p *simulator) Records() map[string]PDSRecord {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(map[string]PDSRecord, len(p.records))
	for k, v := range p.records {
		out[k] = v
	}
	return out
}

func (p *simulator) mentions(r PDSRecord) string {
	s := r.Text
	if r.Embed != nil {
		for _, i := range r.Embed.Images {
			s += " " + i.Alt + " " + p.blobs[i.Image.Ref.Link]
		}
		if c := r.Embed.External; c != nil && c.Thumb != nil {
			s += " " + p.blobs[c.Thumb.Ref.Link]
		}
	}
	return s
}

func xrpc(w http.ResponseWriter, status int, name, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": name, "message": message})
}

func (p *simulator) session(w http.ResponseWriter) {
	p.logins++
	p.access, p.refresh = fmt.Sprint("access", p.logins), fmt.Sprint("refresh", p.logins)
	_ = json.NewEncoder(w).Encode(map[string]string{"did": PDSDID, "handle": PDSHandle, "accessJwt": p.access,
		"refreshJwt": p.refresh})
}

var tid = regexp.MustCompile(`^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$`)

// ServeHTTP answers as a PDS does.
func (p *simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	nsid := strings.TrimPrefix(r.URL.Path, "/xrpc/")
	switch p.fault {
	case publishertest.ThrottledDated:
		w.Header().Set("ratelimit-reset", fmt.Sprint(time.Now().Add(10*time.Minute).Unix()))
		xrpc(w, 429, "RateLimitExceeded", "Rate Limit Exceeded")
		return
	case publishertest.ThrottledPlain:
		xrpc(w, 429, "RateLimitExceeded", "Rate Limit Exceeded")
		return
	case publishertest.Revoked:
		xrpc(w, 401, "AccountTakedown", "Account has been taken down")
		return
	case publishertest.Refused:
		if nsid == "com.atproto.repo.putRecord" {
			xrpc(w, 400, "InvalidRequest", "Invalid app.bsky.feed.post record")
			return
		}
	}
	bearer := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	w.Header().Set("Content-Type", "application/json")
	switch nsid {
	case "_health":
		_, _ = fmt.Fprintf(w, `{"version":%q}`, p.version)
		return
	case "com.atproto.server.createSession":
		var in struct{ Identifier, Password string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Identifier != PDSHandle || in.Password != PDSPassword {
			xrpc(w, 401, "AuthenticationRequired", "Invalid identifier or password")
			return
		}
		p.session(w)
		return
	case "com.atproto.server.refreshSession":
		if bearer != p.refresh {
			xrpc(w, 400, "ExpiredToken", "Token has expired")
			return
		}
		p.session(w)
		return
	}
	if bearer == "" || bearer != p.access {
		xrpc(w, 400, "InvalidToken", "Token could not be verified")
		return
	}
	switch nsid {
	case "com.atproto.repo.uploadBlob":
		b, err := io.ReadAll(r.Body)
		if err != nil || len(b) == 0 || len(b) > 2_000_000 || !strings.HasPrefix(r.Header.Get("Content-Type"),
			"image/") {
			xrpc(w, 400, "BlobTooLarge", "This file is too large")
			return
		}
		sum := sha256.Sum256(b)
		ref := "bafk" + hex.EncodeToString(sum[:])
		p.blobs[ref] = string(b)
		_ = json.NewEncoder(w).Encode(map[string]any{"blob": map[string]any{"$type": "blob",
			"ref": map[string]string{"$link": ref}, "mimeType": r.Header.Get("Content-Type"), "size": len(b)}})
	case "com.atproto.repo.putRecord":
		p.put(w, r)
	case "com.atproto.identity.resolveHandle":
		if r.URL.Query().Get("handle") != PDSHandle {
			xrpc(w, 400, "HandleNotFound", "Unable to resolve handle")
			return
		}
		_, _ = fmt.Fprintf(w, `{"did":%q}`, PDSDID)
	case "com.atproto.repo.getRecord":
		q := r.URL.Query()
		if _, ok := p.records[q.Get("rkey")]; !ok || q.Get("repo") != PDSDID {
			xrpc(w, 400, "RecordNotFound", "Could not locate record")
			return
		}
		_, _ = fmt.Fprintf(w, `{"uri":"at://%s/%s/%s","cid":"bafy%s"}`, PDSDID, q.Get("collection"), q.Get("rkey"),
			q.Get("rkey"))
	case "com.atproto.repo.deleteRecord":
		var in struct{ Repo, Collection, RKey string }
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Repo != PDSDID {
			xrpc(w, 400, "InvalidRequest", "Invalid repo")
			return
		}
		delete(p.records, in.RKey)
		_, _ = io.WriteString(w, `{}`)
	default:
		xrpc(w, 501, "MethodNotImplemented", "Method Not Implemented")
	}
}

// lexiconURI is the format uri of lexicons (packages/syntax/src/uri.ts).
var lexiconURI = regexp.MustCompile(`^\w+:(?://)?[^\s/][^\s]*$`)

func (p *simulator) put(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Repo, Collection, RKey string
		Record                 PDSRecord
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	bad := err != nil || in.Repo != PDSDID || in.Collection != "app.bsky.feed.post" || !tid.MatchString(in.RKey) ||
		uniseg.GraphemeClusterCount(in.Record.Text) > 300 || len(in.Record.Text) > 3000
	if _, err := time.Parse(time.RFC3339Nano, in.Record.At); err != nil {
		bad = true
	}
	if e := in.Record.Embed; e != nil {
		for _, i := range e.Images {
			bad = bad || p.blobs[i.Image.Ref.Link] == ""
		}
		if c := e.External; c != nil {
			bad = bad || len(e.Images) > 0 || !lexiconURI.MatchString(c.URI) || c.Thumb != nil &&
				(p.blobs[c.Thumb.Ref.Link] == "" || len(p.blobs[c.Thumb.Ref.Link]) > 1_000_000)
		}
	}
	for _, f := range in.Record.Facets {
		at := f.Index
		bad = bad || at.ByteEnd > len(in.Record.Text) || at.ByteStart >= at.ByteEnd || len(f.Features) == 0 ||
			!utf8.RuneStart(in.Record.Text[at.ByteStart])
		for _, x := range f.Features {
			bad = bad || x.URI != "" && !lexiconURI.MatchString(x.URI) || x.DID != "" &&
				!strings.HasPrefix(x.DID, "did:") ||
				x.URI+x.DID+x.Tag == "" || len(x.Tag) > 640 || uniseg.GraphemeClusterCount(x.Tag) > 64
		}
	}
	if to := in.Record.Reply; to != nil {
		key := to.Parent.URI[strings.LastIndex(to.Parent.URI, "/")+1:]
		_, there := p.records[key]
		bad = bad || !there || to.Parent != to.Root || to.Parent.CID != "bafy"+key
	}
	if bad {
		xrpc(w, 400, "InvalidRequest", "Invalid app.bsky.feed.post record")
		return
	}
	p.records[in.RKey] = in.Record
	if in.Record.Reply == nil {
		p.ever[in.RKey+" "+p.mentions(in.Record)] = true
	}
	_, _ = io.WriteString(w, `{"uri":"at://x","cid":"bafy"}`)
}
