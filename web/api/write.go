package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// maxJSON is the largest JSON body, in bytes.
const maxJSON = 1 << 20

// prepareWrite makes a change repeatable (Idempotency-Key) and lets the answer carry its seq.
func (s *API) prepareWrite(c *gin.Context) {
	req := requestOf(c.Request.Context())
	if c.IsAborted() || !unsafe(c.Request.Method) || req.route.path == "" {
		return
	}
	req.recorder = &catalog.Recorder{}
	ctx := catalog.WithRecorder(c.Request.Context(), req.recorder)
	key := c.GetHeader("Idempotency-Key")
	if err := checkKey(key); err != nil {
		s.fail(c, err)
		return
	}
	if key != "" && !req.route.endpoint.skipIdempotency {
		body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxJSON))
		if err != nil {
			s.fail(c, err)
			return
		}
		c.Request.Body = io.NopCloser(bytes.NewReader(body))
		sum := sha256.Sum256(body)
		ctx = keyed(ctx, req, key, c.Request, hex.EncodeToString(sum[:]))
	}
	c.Request = c.Request.WithContext(ctx)
}

func checkKey(key string) error {
	if len(key) > 255 || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return dam.InvalidInput("Idempotency-Key", reasons.IdempotencyKeyForm())
	}
	return nil
}

// keyed puts the client's key into the context; content stands for what was sent.
func keyed(ctx context.Context, req *request, key string, r *http.Request, content string) context.Context {
	if key == "" {
		return ctx
	}
	return catalog.WithIdempotencyKey(ctx, catalog.IdempotencyKey{Key: key,
		Fingerprint: catalog.Fingerprint(r.Method, r.URL.Path, req.library, r.Header.Get("If-Match"), content)})
}

// revision reads If-Match: 0 for none or *, else the revision seen.
func revision(ifMatch string) (int64, error) {
	v := strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/")
	if v == "" || v == "*" {
		return 0, nil
	}
	n, err := strconv.ParseInt(strings.Trim(v, `"`), 10, 64)
	if err != nil || strings.Count(v, `"`) != 2 {
		return 0, dam.InvalidInput("If-Match", reasons.NotAnEtag())
	}
	if n <= 0 {
		n = math.MaxInt64 // no revision is like that, so it does not match
	}
	return n, nil
}

// settingRevision is revision for what every library has, written yet or not.
func settingRevision(ifMatch string) (int64, error) {
	if ifMatch == etag(0) {
		return dam.Unwritten, nil
	}
	return revision(ifMatch)
}

func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }
