package youtube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/outbound"
	"vitrine/publishers"
	"vitrine/publishers/planning"
	"vitrine/publishers/publishertest"
)

func kind(y *simulator) publishers.Kind {
	return Kind(Hosts{API: y.URL, Token: y.URL, Login: y.URL}, outbound.Operator(10*time.Second))
}

func harness(t *testing.T) (*simulator, publishertest.Harness) {
	y := newSimulator(t)
	config, err := json.Marshal(map[string]string{"client_id": YouTubeClient, "client_secret": YouTubeSecret,
		"access_token": YouTubeToken, "refresh_token": YouTubeMore})
	if err != nil {
		t.Fatal(err)
	}
	return y, publishertest.Harness{Kind: kind(y), Config: config, Videos: true,
		Posts: func(asset string) int { return len(y.Videos(asset, false)) },
		Live:  func(asset string) int { return len(y.Videos(asset, true)) },
		Fault: func(f publishertest.Fault) (func(), bool) { y.Fail(f); return func() { y.Fail("") }, true }}
}

func TestConformance(t *testing.T) {
	publishertest.RunEmbedded(t, func(t *testing.T) publishertest.Harness { _, h := harness(t); return h })
}

// The browser is asked for offline access, with a code challenge; a day later the token has been renewed, without a new
// refresh token.
func TestConnect(t *testing.T) {
	_, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	w.Videos(5, 0)
	ch, asked, err := w.Connect(t, h.Kind, fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, YouTubeClient,
		YouTubeSecret), "good")
	if err != nil || ch.Identity.Name != "Shoes" || asked.Get("access_type") != "offline" ||
		asked.Get("code_challenge_method") != "S256" || asked.Get("code_challenge") == "" {
		t.Errorf("%+v %v, asked for %v", ch, err, asked)
	}
}

// A picture is refused at planning; title, privacy and audience are options of each video.
func TestVideo(t *testing.T) {
	y, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	if _, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
		planning.PublishInput{Asset: w.Asset("picture").ID, Channel: ch.ID}); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("a picture: %v", err)
	}
	w.Videos(5, 0)
	a := w.Asset("a <red> shoe")
	in := planning.PublishInput{Asset: a.ID, Channel: ch.ID, Caption: "new " + strings.Repeat("é", 2498)}
	for caption, options := range map[string]string{in.Caption + "é": `{}`, "a < b": `{}`,
		"a": `{"title":"` + strings.Repeat("x", 101) + `"}`, "b": `{"privacy":"friends"}`} {
		bad := in
		bad.Caption, bad.Post = caption, dam.Post{Options: json.RawMessage(options)}
		if _, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary,
			bad); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%.10q %s: %v", caption, options, err)
		}
	}
	publish := func(language, options string) Video {
		t.Helper()
		in.Post = dam.Post{Language: language, Options: json.RawMessage(options)}
		p, err := s.Planning.Publish(catalogtest.Context(t), dam.DefaultLibrary, in)
		if err != nil {
			t.Fatal(err)
		}
		w.Until(s, p.ID, dam.PubDelivered)
		list := y.Videos("new ", true)
		return list[len(list)-1]
	}
	if v := publish("", `{}`); v.Title != "a ‹red› shoe" || v.Privacy != "public" || v.MadeForKids ||
		v.Description != in.Caption || v.Category != "22" {
		t.Errorf("made %+v", v)
	}
	if v := publish("", `{"title":"Red shoe","privacy":"unlisted","made_for_kids":true}`); v.Title != "Red shoe" ||
		v.Privacy != "unlisted" || !v.MadeForKids || v.Language != "en" {
		t.Errorf("made %+v", v)
	}
	if v := publish("nb", `{}`); v.Language != "no" {
		t.Errorf("made %+v", v)
	}
}

// YouTube has codes of its own for some languages, and refuses a video with one that it doesn't know.
func TestLanguageCode(t *testing.T) {
	for tag, want := range map[string]string{"en": "en", "en-GB": "en-GB", "fr": "fr", "fr-CA": "fr-CA", "fr-CH": "fr",
		"nb": "no", "nn": "", "no": "no", "he": "iw", "id": "id", "zh-Hant-TW": "zh-TW", "zh-Hans": "zh-CN",
		"zh-HK": "zh-HK",
		"pt-BR": "pt", "pt-PT": "pt-PT", "es-MX": "es-419", "sr-Latn": "sr-Latn", "tl": "fil", "mi": "", "br": "",
		"und": "", "": "", "x-klingon": "", "not a tag": ""} {
		if got := languageCode(tag); got != want {
			t.Errorf("%q: %q, want %q", tag, got, want)
		}
	}
}

// Google's reasons become what a person can do, or the time of the next attempt.
func TestRefusals(t *testing.T) {
	y, h := harness(t)
	w := publishertest.NewWorld(t, catalogtest.SQLite(t))
	w.Videos(5, 0)
	s := w.Service("a", h.Kind)
	ch := w.Channel(s, Name, h.Config)
	for reason, want := range map[string]string{"invalidTags": "tags", "invalidCategoryId": "config.category",
		"somethingNew": ""} {
		y.Refuse(reason)
		p := w.Until(s, w.Publish(s, w.Asset("shoe").ID, ch.ID).ID, dam.PubFailed)
		if p.Problem.Field != want || p.Problem.Message == "" {
			t.Errorf("%s: %+v", reason, p.Problem)
		}
	}
	for _, reason := range []string{"uploadLimitExceeded", "quotaExceeded"} {
		if y.Refuse(reason); reason == "quotaExceeded" { // by the 101st upload of the day, whoever made the others
			y.Refuse("")
			y.Spend(insertsADay, 0)
		}
		in := videoIntent(t, 100)
		_, err := h.Kind.Publisher.Prepare(t.Context(), in, nil)
		var e *publishers.Error
		if !errors.As(err, &e) || e.Class != publishers.ClassThrottled || time.Until(e.Until) <= 0 ||
			time.Until(e.Until) > 25*time.Hour {
			t.Errorf("%s: %+v", reason, err)
		}
	}
}

// isVideo returns a publication of a video of the given size.
func videoIntent(t *testing.T, size int) publishers.Intent {
	in := publishertest.Intent(t, json.RawMessage(`{}`), map[string]string{publishers.AccessToken: YouTubeToken})
	m := &in.Content.Media[0]
	m.Format, m.MediaType, m.Size = dam.MP4, "video/mp4", int64(size)
	in.Open = func(context.Context, publishers.Media) (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(pattern{}, int64(size))), nil
	}
	return in
}

type pattern struct{}

func (pattern) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'v'
	}
	return len(b), nil
}

// If a node dies during an upload, the next one continues it where it was.
func TestResume(t *testing.T) {
	y := newSimulator(t)
	p := kind(y).Publisher
	in := videoIntent(t, 2*part+3*block+7)
	var kept publishers.State
	in.Keep = func(_ context.Context, s publishers.State) error { kept = slices.Clone(s); return nil }
	ctx, die := context.WithCancel(t.Context())
	y.OnPart(func(from int64) {
		if from == part {
			die()
		}
	})
	if _, err := p.Prepare(ctx, in, nil); err == nil || kept == nil {
		t.Fatalf("it went on without its node: %s %v", kept, err)
	}
	y.OnPart(func(from int64) {
		if from == 0 {
			t.Error("the file is sent from its beginning again")
		}
	})
	state, err := p.Prepare(t.Context(), in, kept)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Absent ||
		len(y.Videos("v", false)) != 0 {
		t.Fatalf("before the last part: %+v %v", out, err)
	}
	y.OnPart(nil)
	// The whole file is there but the video is not: Vitrine must not report that nothing was made, and must not send it
	// again.
	y.Late(true)
	for range 2 {
		if _, err := p.Commit(t.Context(), in, state); publishers.ClassOf(err, "") != publishers.ClassUnknown {
			t.Errorf("a video that is being made: %v", err)
		}
	}
	if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Undecided {
		t.Errorf("a video that is being made: %+v %v", out, err)
	}
	y.Late(false)
	first, err := p.Commit(t.Context(), in, state)
	if err != nil {
		t.Fatal(err)
	}
	out, err := p.Lookup(t.Context(), in, state)
	if err != nil || out.Verdict != publishers.Delivered || out.Receipt.Remote != first.Remote {
		t.Errorf("looked up: %+v %v", out, err)
	}
	if again, err := p.Commit(t.Context(), in, state); err != nil || again.Remote != first.Remote ||
		len(y.Videos("v", false)) != 1 {
		t.Errorf("a second commit: %+v %v, %d videos", again, err, len(y.Videos("v", false)))
	}
	// A session that Google has forgotten doesn't say what it made.
	y.Forget()
	if out, err := p.Lookup(t.Context(), in, state); err != nil || out.Verdict != publishers.Undecided ||
		out.Note.IsZero() {
		t.Errorf("without the session: %+v %v", out, err)
	}
	if _, err := p.Commit(t.Context(), in, state); publishers.ClassOf(err, "") != publishers.ClassRetry {
		t.Errorf("a commit without the session: %v", err)
	}
}

// All parts except the last must be whole blocks, whatever the length.
func TestLastPart(t *testing.T) {
	for _, size := range []int64{1, block - 1, block, block + 1, part, part + 1, 3*part + 5} {
		if at := (upload{Size: size}).last(); at%block != 0 || at >= size || size-at > block {
			t.Errorf("of %d bytes the last part begins at %d", size, at)
		}
	}
}
