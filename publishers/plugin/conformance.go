package plugin

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vitrine/dam"
	"vitrine/publishers"
)

// Finding is the result of one case of the conformance suite.
type Finding struct {
	Case string
	// Err says what the service did instead; nil when it passed.
	Err error
	// Skipped says why the case does not apply, "" when it was run.
	Skipped string
}

// Check holds a plug-in against the contract: it publishes a test picture, repeats
// every step, and takes it back. It leaves nothing behind where the service can recall.
// The channel's own account and settings are used; each finding is told as it is made.
func Check(ctx context.Context, o Options, a publishers.Account, tell func(Finding)) (passed bool) {
	c := &conformance{p: &publisher{Options: o}, a: a, report: tell, passed: true}
	v, err := newValidator()
	if err != nil {
		return c.check("the contract's schema", err)
	}
	var wrong []error
	c.p.seen = func(step string, request, answer []byte, failed error) {
		wrong = append(wrong, v.check(step+".request", request))
		if failed == nil {
			wrong = append(wrong, v.check(step+".answer", answer))
		}
	}
	c.run(ctx)
	c.check("every request and answer keeps docs/plugin.schema.json", errors.Join(wrong...))
	return c.passed
}

// validator holds steps against Schema.
type validator struct{ compiler *jsonschema.Compiler }

const schemaName = "schema:///plugin"

func newValidator() (validator, error) {
	raw, err := Schema()
	if err != nil {
		return validator{}, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return validator{}, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	return validator{c}, c.AddResource(schemaName, doc)
}

// check returns why a message is not what the schema says under $defs.
func (v validator) check(name string, message []byte) error {
	s, err := v.compiler.Compile(schemaName + "#/$defs/" + name)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(message))
	if err == nil {
		err = s.Validate(value)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

type conformance struct {
	p      *publisher
	a      publishers.Account
	report func(Finding)
	passed bool
	caps   publishers.Capabilities
}

func (c *conformance) check(name string, err error) bool {
	c.report(Finding{Case: name, Err: err})
	c.passed = c.passed && err == nil
	return err == nil
}

func (c *conformance) skip(name, why string) { c.report(Finding{Case: name, Skipped: why}) }

// picture is a small JPEG like no other, so that the service needs its bytes.
func picture() ([]byte, error) {
	var seed [3]byte
	_, _ = rand.Read(seed[:]) // it never fails: it crashes the program instead
	m := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			m.Set(x, y, color.RGBA{seed[0] + uint8(x/40), seed[1] + uint8(y/40), seed[2], 255})
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, m, nil)
	return b.Bytes(), err
}

func (c *conformance) intent() (publishers.Intent, error) {
	b, err := picture()
	if err != nil {
		return publishers.Intent{}, err
	}
	sum := sha256.Sum256(b)
	sha := hex.EncodeToString(sum[:])
	content := publishers.Content{Asset: dam.NewID(dam.AssetPrefix), Version: dam.NewID(dam.VersionPrefix), SHA256: sha,
		Title: dam.Text{"en": "Conformance test"}, Alt: dam.Text{"en": "a test picture"}, Tags: []string{},
		SKUs: []string{}, FirstComment: "A test comment by Vitrine",
		Text: "A test by Vitrine", Media: []publishers.Media{{Preset: "web", Format: dam.JPEG, MediaType: "image/jpeg",
			Hash: sha[:16], SHA256: sha, Size: int64(len(b)), Width: 640, Height: 480}}}
	return publishers.Intent{ID: dam.NewID(dam.PublicationPrefix), Revision: 1, Digest: sha, Account: c.a,
		CreatedAt: time.Now().UTC(), CommittedAt: time.Now().UTC(), Content: content, Limits: c.caps, Locale: "en",
		Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(b)), nil
		},
		Link: func(publishers.Media) string { return "" }}, nil
}

func (c *conformance) run(ctx context.Context) {
	var err error
	c.caps, err = c.p.Describe(ctx, c.a)
	if !c.check("describe states what the channel can do", err) {
		return
	}
	if c.caps.Options != nil {
		c.check("the schema of the options can be read", publishers.CheckSchema(c.caps.Options))
	}
	id, err := c.p.Verify(ctx, c.a)
	if err == nil && id.Name == "" {
		err = errors.New("the answer names nobody")
	}
	c.check("verify names the account", err)
	c.check("a request signed with another secret is refused", c.forged(ctx))
	in, err := c.intent()
	if !c.check("a test picture", err) {
		return
	}
	if out, err := c.p.Lookup(ctx, in, nil); err != nil || out.Verdict == publishers.Delivered {
		c.check("lookup does not find what was never sent", errors.Join(err, verdict(out)))
	} else {
		c.check("lookup does not find what was never sent", nil)
	}
	state, err := c.p.Prepare(ctx, in, nil)
	if !c.check("prepare asks for the files it needs, and ends", err) {
		return
	}
	again, err := c.p.Prepare(ctx, in, state)
	if c.check("prepare can be repeated", err) {
		state = again
	}
	r, err := c.p.Commit(ctx, in, state)
	if !c.check("commit names the post", err) {
		return
	}
	receipt := dam.Receipt{Remote: r.Remote, URL: r.URL, Data: r.Data, At: time.Now(), Version: in.Content.Version,
		Caption: in.Content.Text, Media: []dam.SentMedia{}}
	c.delivered(ctx, in, state, r, receipt)
	if c.caps.Comments {
		remote, err := c.p.Comment(ctx, in, receipt)
		c.check("comment names the comment", err)
		receipt.Comment = &dam.SentComment{At: time.Now(), Text: in.Content.FirstComment, Remote: remote}
	} else {
		c.skip("comment names the comment", "it declares no comments")
	}
	c.recalled(ctx, in, receipt)
}

// forged asks with a secret the service does not know.
func (c *conformance) forged(ctx context.Context) error {
	other := c.a
	other.Secrets = map[string]string{"secret": "whsec_bm90IHRoZSByaWdodCBzZWNyZXQgYXQgYWxs"}
	_, err := c.p.Verify(ctx, other)
	switch publishers.ClassOf(err, publishers.ClassRetry) {
	case publishers.ClassDisconnected, publishers.ClassAuthExpired:
		return nil
	case "":
		return errors.New("it was answered: check webhook-signature over id.timestamp.body")
	}
	return fmt.Errorf("answer 401 or error auth_expired instead of: %w", err)
}

func (c *conformance) delivered(ctx context.Context, in publishers.Intent, state publishers.State, r publishers.Receipt,
	receipt dam.Receipt) {
	out, err := c.p.Lookup(ctx, in, state)
	if err == nil && c.caps.VisibleAfter == 0 && out.Verdict != publishers.Delivered &&
		c.caps.Idempotency != publishers.NoIdempotency {
		err = verdict(out)
	}
	if err == nil && out.Verdict == publishers.Delivered && out.Receipt.Remote != r.Remote {
		err = fmt.Errorf("it names %s, commit named %s", out.Receipt.Remote, r.Remote)
	}
	c.check("lookup finds what a lost answer hid", err)
	out, err = c.p.Status(ctx, in, receipt)
	if err == nil && out.Verdict == publishers.Absent {
		err = verdict(out)
	}
	c.check("status sees the post", err)
	if c.caps.Idempotency != publishers.Durable && c.caps.Idempotency != publishers.ByHandle {
		c.skip("a second commit makes no second post", "it declares idempotency "+string(c.caps.Idempotency)+
			", so Vitrine never sends a second one")
		return
	}
	second, err := c.p.Commit(ctx, in, state)
	if err == nil && second.Remote != r.Remote {
		err = fmt.Errorf("it made %s beside %s", second.Remote, r.Remote)
	}
	c.check("a second commit makes no second post", err)
}

func (c *conformance) recalled(ctx context.Context, in publishers.Intent, receipt dam.Receipt) {
	if !c.caps.Recall {
		c.skip("recall takes the post back", "it declares no recall; remove "+receipt.Remote+" by hand")
		return
	}
	_, err := c.p.Recall(ctx, in, &receipt)
	if !c.check("recall takes the post back", err) {
		return
	}
	out, err := c.p.Status(ctx, in, receipt)
	if err == nil && out.Verdict == publishers.Delivered {
		err = verdict(out)
	}
	c.check("status no longer sees it", err)
	_, err = c.p.Recall(ctx, in, &receipt)
	c.check("recall of what is gone is a success", err)
	never, err := c.intent()
	if err == nil {
		_, err = c.p.Recall(ctx, never, nil)
	}
	c.check("recall of what never was is a success", err)
}

func verdict(out publishers.Outcome) error {
	b, err := json.Marshal(out.Verdict)
	if err != nil {
		return err
	}
	return fmt.Errorf("the verdict is %s %s", b, out.Note)
}
