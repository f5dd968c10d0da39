package proving

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// The test picture and the test video.
var (
	//go:embed test.jpg
	picture []byte
	//go:embed test.mp4
	video []byte
)

// Path is the path below the public URL at which remotes that fetch files get the test picture and the test video.
const Path = "/test-post/"

// file is one of the two.
type file struct {
	publishers.Media
	bytes []byte
}

func (f file) words() string {
	kind := "a test picture"
	if f.Format.IsVideo() {
		kind = fmt.Sprintf("a test video of %g s", f.Duration)
	}
	return fmt.Sprintf("%s (%s, %d × %d, %d kB)", kind, f.Format, f.Width, f.Height, (f.Size+999)/1000)
}

func files() []file {
	all := []file{
		{publishers.Media{Preset: "test", Format: dam.JPEG, Width: 1200, Height: 1200}, picture},
		{publishers.Media{Preset: "test", Format: dam.MP4, Width: 720, Height: 1280, Duration: 5}, video},
	}
	for i := range all {
		f := &all[i]
		sum := sha256.Sum256(f.bytes)
		f.SHA256 = hex.EncodeToString(sum[:])
		f.Hash, f.Size, f.MediaType = f.SHA256[:16], int64(len(f.bytes)), f.Format.MediaType()
	}
	return all
}

// media returns what a channel gets: as of any asset, the files that it accepts; of a channel that takes all files, the
// picture.
func media(caps publishers.Capabilities) []file {
	all := files()
	if !caps.Media.Single {
		all = all[:1]
	}
	var list []publishers.Media
	for _, f := range all {
		list = append(list, f.Media)
	}
	chosen, problem := caps.Media.Choose(list)
	if problem != nil {
		return nil
	}
	return slices.DeleteFunc(all, func(f file) bool {
		return !slices.ContainsFunc(chosen, func(m publishers.Media) bool { return m.SHA256 == f.SHA256 })
	})
}

func capabilities(row catalog.ChannelRow) (c publishers.Capabilities) {
	if json.Unmarshal(row.Capabilities, &c) != nil {
		c = publishers.Capabilities{Idempotency: publishers.NoIdempotency}
	}
	return c
}

// text is the test post's. The id makes it differ from every other: networks refuse what was said before.
func text(publication string, leave bool) string {
	if leave {
		return "Vitrine test post " + publication
	}
	return "Vitrine test post " + publication + ". It will be deleted in a moment."
}

// compose writes the test post of a channel.
func compose(ctx context.Context, s *Service, row catalog.ChannelRow, in Input) (dam.ProofPost, error) {
	lib, err := s.Catalog.Libraries().Library(ctx, row.Library)
	if err != nil {
		return dam.ProofPost{}, err
	}
	caps, post := capabilities(row), dam.ProofPost{Publication: dam.NewID(dam.PublicationPrefix)}
	c := publishers.Content{Asset: dam.NewID(dam.AssetPrefix), Version: dam.NewID(dam.VersionPrefix),
		Title: dam.Text{lib.Locale: "Vitrine test post"}, Alt: dam.Text{lib.Locale: "A test picture"},
		Text: text(post.Publication, in.Leave), Tags: []string{}, SKUs: append([]string{}, in.SKUs...),
		Media: []publishers.Media{}}
	for _, f := range media(caps) {
		c.SHA256 = f.SHA256
		c.Media = append(c.Media, f.Media)
	}
	if len(c.Media) == 0 {
		return post, &dam.Error{Code: dam.Conflict, Reason: reasons.ProofNoFile()}
	}
	if len(in.Options) > 0 {
		raw, err := json.Marshal(in.Options)
		if err != nil {
			return post, err
		}
		checked, refused := publishers.CheckOptions(row.Name, caps.Options, raw)
		if refused != nil {
			return post, refused
		}
		c.Options = checked
	}
	post.Content, err = json.Marshal(c)
	return post, err
}

// intent returns the test post as a channel sees it, without credentials.
func (s *Service) intent(ctx context.Context, row catalog.ChannelRow, p *catalog.ProofRow) (in publishers.Intent,
	err error) {
	lib, err := s.Catalog.Libraries().Library(ctx, row.Library)
	if err != nil {
		return in, err
	}
	if err := json.Unmarshal(p.Post.Content, &in.Content); err != nil {
		return in, err
	}
	in.ID, in.Revision, in.Digest, in.CreatedAt = p.Post.Publication, 1, in.Content.Digest(), p.CreatedAt
	in.Limits, in.Locale = capabilities(row), lib.Locale
	if p.Post.Committed != nil {
		in.CommittedAt = *p.Post.Committed
	}
	in.Open = func(_ context.Context, m publishers.Media) (io.ReadCloser, error) {
		for _, f := range files() {
			if f.SHA256 == m.SHA256 {
				return io.NopCloser(bytes.NewReader(f.bytes)), nil
			}
		}
		return nil, publishers.Permanent("media", reasons.ProofNoFile()) // another version has other files
	}
	in.Link = func(m publishers.Media) string {
		if s.PublicURL == "" {
			return ""
		}
		return strings.TrimRight(s.PublicURL, "/") + Path + m.Hash + "." + m.Format.Ext()
	}
	return in, nil
}

// Files serves the test picture and the test video to remotes that fetch them.
func Files(w http.ResponseWriter, r *http.Request) {
	for _, f := range files() {
		if strings.TrimPrefix(r.URL.Path, Path) == f.Hash+"."+f.Format.Ext() {
			w.Header().Set("Content-Type", f.MediaType)
			w.Header().Set("Cache-Control", "public, max-age=3600")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.bytes))
			return
		}
	}
	http.NotFound(w, r)
}
