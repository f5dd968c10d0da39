// Package bucket publishes renditions and a manifest to where a site can read them: an S3 bucket, a folder, or a folder
// of a server over SFTP.
//
//	<prefix><asset>/manifest.json              what is published, metadata and files
//	<prefix><asset>/<preset>-<sha256/16>.<ext> the files it names
//
// Names are deterministic and a PUT overwrites, so sending twice changes nothing. The manifest is written last, and
// deleted first when the asset is recalled, so that a reader of the manifest never sees an incomplete set of files.
package bucket

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "bucket"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "properties": {
  "folder": {"type": "string", "title": "Folder", "description": "A folder on the server instead of a bucket; relative to its publishing folder",
   "x-fr": {"title": "Dossier", "description": "Un dossier du serveur au lieu d’un compartiment, relatif à son dossier de publication"}},
  "endpoint": {"type": "string", "x-destination": true, "title": "Endpoint", "description": "host or host:port of the S3 server",
   "x-fr": {"title": "Point d’accès", "description": "hôte ou hôte:port du serveur S3"}},
  "bucket": {"type": "string", "title": "Bucket",
   "x-fr": {"title": "Compartiment"}},
  "region": {"type": "string", "title": "Region",
   "x-fr": {"title": "Région"}},
  "plain": {"type": "boolean", "x-destination": true, "title": "Without TLS",
   "x-fr": {"title": "Sans TLS"}},
  "prefix": {"type": "string", "title": "Prefix", "description": "Put before every name, for example media/",
   "x-fr": {"title": "Préfixe", "description": "Placé devant chaque nom, par exemple media/"}},
  "access_key": {"type": "string", "title": "Access key",
   "x-fr": {"title": "Clé d’accès"}},
  "secret_key": {"type": "string", "title": "Secret key", "writeOnly": true,
   "x-fr": {"title": "Clé secrète"}},
  "url": {"type": "string", "title": "Public URL", "description": "Where the prefix's parent is served, for links in the manifest",
   "x-fr": {"title": "URL publique", "description": "L’adresse qui sert le dossier parent du préfixe, pour les liens du manifeste"}},
  "cache_control": {"type": "string", "title": "Cache-Control of the files", "description": "public, max-age=31536000, immutable when empty: a file's name changes with its bytes", "pattern": "^[ -~]*$", "maxLength": 200,
   "x-fr": {"title": "Cache-Control des fichiers", "description": "public, max-age=31536000, immutable si le champ est vide : un fichier change de nom avec son contenu"}},
  "manifest_cache_control": {"type": "string", "title": "Cache-Control of the manifests", "description": "public, max-age=60 when empty", "pattern": "^[ -~]*$", "maxLength": 200,
   "x-fr": {"title": "Cache-Control des manifestes", "description": "public, max-age=60 si le champ est vide"}}
 }
}`

type config struct {
	Folder    string `json:"folder"`
	Endpoint  string `json:"endpoint"`
	Bucket    string `json:"bucket"`
	Region    string `json:"region"`
	Plain     bool   `json:"plain"`
	Prefix    string `json:"prefix"`
	AccessKey string `json:"access_key"`
	URL       string `json:"url"`
	// Headers of the objects in a bucket; a folder keeps none.
	CacheControl         string `json:"cache_control"`
	ManifestCacheControl string `json:"manifest_cache_control"`
}

// Options are the operator's limits.
type Options struct {
	// Folders are the folders that channels may write to; a relative folder is relative to the first. Without any,
	// channels can't write to folders.
	Folders []string
	// Transport makes the requests to S3 servers and decides which addresses are allowed; if it is nil, there are no S3
	// channels.
	Transport http.RoundTripper
}

// Kind returns the kind of channel.
func Kind(o Options) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Bucket or folder", Schema: json.RawMessage(schema),
		Publisher: &publisher{read: o.read, open: map[string]target{}}, Tested: "MinIO, versitygw",
		Overwrites: true, Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return strings.Join([]string{c.Folder, c.Endpoint, c.Bucket, c.Prefix}, "\x00")
		}}
}

// site is what a channel's settings say, for every kind of target.
type site struct {
	name   string // for people
	prefix string // put before every key
	url    string // the URL of the prefix's parent; "" if it has none
	// cacheControl is the header of the files, manifestCacheControl that of the manifests.
	cacheControl, manifestCacheControl string

	dial func() (target, error)
}

type publisher struct {
	// read decodes an account's settings; the error is a dam.Error if they are wrong.
	read func(publishers.Account) (site, error)
	mu   sync.Mutex
	open map[string]target // by settings: connections are reused
}

// manifest is the file that a site reads.
type manifest struct {
	Schema      string             `json:"schema"`
	Publication string             `json:"publication"`
	Revision    int64              `json:"revision"`
	Digest      string             `json:"digest"`
	Content     publishers.Content `json:"content"`
	Files       []file             `json:"files"`
}

type file struct {
	Path      string `json:"path" doc:"Next to the manifest"`
	URL       string `json:"url,omitempty"`
	Preset    string `json:"preset"`
	MediaType string `json:"media_type"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

const (
	manifestSchema = "vitrine.manifest/1"
	manifestName   = "manifest.json"
	manifestLimit  = 1 << 20
)

// destination is one asset's folder at the target.
type destination struct {
	target
	site
	dir string
}

func (p *publisher) at(a publishers.Account, asset string) (destination, error) {
	s, err := p.read(a)
	if err != nil {
		return destination{}, err
	}
	secrets, err := json.Marshal(a.Secrets)
	if err != nil {
		return destination{}, err
	}
	key := string(a.Config) + "\x00" + string(secrets)
	p.mu.Lock()
	defer p.mu.Unlock()
	t, ok := p.open[key]
	if !ok {
		if t, err = s.dial(); err != nil {
			return destination{}, err
		}
		p.open[key] = t
	}
	return destination{t, s, s.prefix + asset + "/"}, nil
}

// read decodes the settings of a bucket or a folder.
func (o Options) read(a publishers.Account) (site, error) {
	var c config
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return site{}, unreadable()
	}
	if err := c.check(); err != nil {
		return site{}, err
	}
	name := c.Folder
	if name == "" {
		name = c.Endpoint + "/" + c.Bucket
	}
	return site{name: name, prefix: c.Prefix, url: c.URL,
		cacheControl:         cmp.Or(c.CacheControl, "public, max-age=31536000, immutable"),
		manifestCacheControl: cmp.Or(c.ManifestCacheControl, "public, max-age=60"),
		dial:                 func() (target, error) { return o.dial(c, a.Secrets["secret_key"]) }}, nil
}

func unreadable() error {
	return publishers.Permanent("config", reasons.SettingsUnreadable())
}

func (c config) check() error {
	switch {
	case c.Folder != "" && c.Bucket != "":
		return dam.InvalidInput("config.folder", reasons.FolderAndBucket())
	case c.Folder == "" && (c.Bucket == "" || c.Endpoint == ""):
		return dam.InvalidInput("config.bucket", reasons.BucketIncomplete())
	case !plain(c.Prefix):
		return dam.InvalidInput("config.prefix", reasons.PrefixForm())
	}
	return nil
}

// plain reports whether a prefix stays below the place it is appended to.
func plain(prefix string) bool {
	return !strings.HasPrefix(prefix, "/") && !strings.Contains("/"+prefix+"/", "/../") && !strings.Contains("/"+prefix,
		"/./") && !strings.Contains(prefix, "//") && !strings.ContainsAny(prefix, "\\\x00")
}

func (o Options) dial(c config, secret string) (target, error) {
	if c.Folder == "" {
		return openS3(c, secret, o.Transport)
	}
	if len(o.Folders) == 0 {
		return nil, dam.InvalidInput("config.folder", reasons.NoFolderPublishing())
	}
	dir := c.Folder
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(o.Folders[0], dir)
	}
	for _, allowed := range o.Folders {
		if inside, err := filepath.Rel(allowed, filepath.Clean(dir)); err == nil && filepath.IsLocal(inside) {
			root, err := openFolder(allowed)
			if err != nil {
				return nil, err
			}
			if inside == "." {
				return root, nil
			}
			// Opened through the allowed folder, so that no link leads out of it.
			if err := root.root.MkdirAll(inside, 0o755); err != nil {
				return nil, errors.Join(err, root.root.Close())
			}
			sub, err := root.root.OpenRoot(inside)
			return &folder{sub}, errors.Join(err, root.root.Close())
		}
	}
	return nil, dam.InvalidInput("config.folder", reasons.FolderNotAllowed(strings.Join(o.Folders, " or ")))
}

func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Idempotency: publishers.Durable, Update: true, Recall: true, PublicStaging: true,
		Parallel: 4,

		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitEveryRendition()}}, nil
}

func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	at, err := p.at(a, "")
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	if err := at.check(ctx, at.prefix); err != nil {
		return dam.ChannelIdentity{}, settings(err)
	}
	return dam.ChannelIdentity{ID: at.name + "/" + at.prefix, Name: at.name, URL: at.url}, nil
}

// Refresh implements publishers.Publisher. Keys and passwords don't expire; a person has to enter new ones.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.PlaceRefusesCredentials(), nil)
}

func (p *publisher) Validate(context.Context, publishers.Intent) []dam.Problem { return nil }

// Prepare uploads the files. Their names contain their hash, so a file that exists with the same size is the same.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.State, error) {
	touched := publishers.State(`{"uploaded":true}`)
	at, err := p.at(in.Account, in.Content.Asset)
	if err != nil {
		return nil, class(err)
	}
	have, err := at.list(ctx, at.dir)
	if err != nil {
		return nil, class(err)
	}
	for _, m := range in.Content.Media {
		key := at.dir + fileName(m)
		if size, ok := have[key]; ok && size == m.Size {
			continue
		}
		if err := upload(ctx, at, key, in, m); err != nil {
			return touched, class(err)
		}
	}
	return touched, nil
}

func upload(ctx context.Context, at destination, key string, in publishers.Intent, m publishers.Media) error {
	r, err := in.Open(ctx, m)
	if err != nil {
		return err
	}
	return errors.Join(at.put(ctx, key, r, m.Size, object{m.MediaType, at.cacheControl}), r.Close())
}

func fileName(m publishers.Media) string {
	return m.Preset + "-" + m.SHA256[:16] + "." + m.Format.Ext()
}

// Commit writes the manifest, then deletes the files that only an older manifest names.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Receipt, error) {
	at, err := p.at(in.Account, in.Content.Asset)
	if err != nil {
		return publishers.Receipt{}, refused(err)
	}
	// A node that was delayed must not overwrite a newer revision with an older one.
	if there, err := at.manifest(ctx); err == nil && there.Publication == in.ID && there.Revision > in.Revision {
		return at.receipt(there), nil
	}
	m := manifest{Schema: manifestSchema, Publication: in.ID, Revision: in.Revision, Digest: in.Digest,
		Content: in.Content, Files: []file{}}
	keep := map[string]bool{at.dir + manifestName: true}
	for _, x := range in.Content.Media {
		f := file{Path: fileName(x), Preset: x.Preset, MediaType: x.MediaType, SHA256: x.SHA256, Size: x.Size,
			Width: x.Width, Height: x.Height}
		if at.url != "" {
			f.URL = at.link(f.Path)
		}
		keep[at.dir+f.Path] = true
		m.Files = append(m.Files, f)
	}
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return publishers.Receipt{}, publishers.Permanent("", reasons.ManifestNotWritable())
	}
	about := object{"application/json", at.manifestCacheControl}
	if err := at.put(ctx, at.dir+manifestName, bytes.NewReader(b), int64(len(b)), about); err != nil {
		return publishers.Receipt{}, refused(err)
	}
	// Leftover files are harmless: the next Commit or Recall deletes them.
	if have, err := at.list(ctx, at.dir); err == nil {
		for key := range have {
			if !keep[key] {
				_ = at.remove(ctx, key)
			}
		}
	}
	return at.receipt(m), nil
}

func (at destination) manifest(ctx context.Context) (manifest, error) {
	var m manifest
	b, err := at.get(ctx, at.dir+manifestName, manifestLimit)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(b, &m); err != nil || m.Schema != manifestSchema {
		return m, errAbsent // not a manifest of this server, or incomplete
	}
	return m, nil
}

func (at destination) link(name string) string {
	return strings.TrimRight(at.url, "/") + "/" + path.Join(at.dir, name)
}

func (at destination) receipt(m manifest) publishers.Receipt {
	r := publishers.Receipt{Remote: at.dir + manifestName, Data: json.RawMessage(`{"digest":"` + m.Digest + `"}`)}
	if at.url != "" {
		r.URL = at.link(manifestName)
	}
	return r
}

func (p *publisher) Status(ctx context.Context, in publishers.Intent, _ dam.Receipt) (publishers.Outcome, error) {
	at, err := p.at(in.Account, in.Content.Asset)
	if err != nil {
		return publishers.Outcome{}, class(err)
	}
	m, err := at.manifest(ctx)
	if errors.Is(err, errAbsent) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	if err != nil {
		return publishers.Outcome{}, class(err)
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: at.receipt(m)}, nil
}

// Lookup implements publishers.Publisher. The manifest has the revision.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	at, err := p.at(in.Account, in.Content.Asset)
	if err != nil {
		return publishers.Outcome{}, class(err)
	}
	m, err := at.manifest(ctx)
	switch {
	case errors.Is(err, errAbsent):
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	case err != nil:
		return publishers.Outcome{}, class(err)
	case m.Publication == in.ID && (m.Digest == in.Digest || m.Revision > in.Revision):
		return publishers.Outcome{Verdict: publishers.Delivered, Receipt: at.receipt(m)}, nil
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall deletes the manifest, then every other file of the asset.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, _ *dam.Receipt) (reasons.Reason, error) {
	at, err := p.at(in.Account, in.Content.Asset)
	if err != nil {
		return reasons.Reason{}, class(err)
	}
	if err := at.remove(ctx, at.dir+manifestName); err != nil {
		return reasons.Reason{}, class(err)
	}
	have, err := at.list(ctx, at.dir)
	if err != nil {
		return reasons.Reason{}, class(err)
	}
	for key := range have {
		if err := at.remove(ctx, key); err != nil {
			return reasons.Reason{}, class(err)
		}
	}
	return reasons.FolderRemoved(at.dir), nil
}

// class classifies a target's error, first by the server's error name.
func class(err error) error {
	var d *dam.Error
	var e *publishers.Error
	if errors.As(err, &e) {
		return err
	}
	if errors.As(err, &d) {
		out := publishers.Permanent(d.Field, d.Reason)
		out.Err = err
		return out
	}
	r := minio.ToErrorResponse(err)
	if r.Code != "" && r.StatusCode > 0 { // the server's own texts are not shown
		err = &publishers.Answer{Status: r.StatusCode, Name: r.Code}
	}
	if _, why, ok := failure(r); ok {
		return publishers.Disconnected(why, err)
	}
	switch r.Code {
	case "RequestTimeTooSkewed":
		return &publishers.Error{Class: publishers.ClassRetry, Reason: reasons.ClocksDiffer(), Err: err}
	case "SlowDown", "TooManyRequests", "RequestLimitExceeded":
		return publishers.Throttled(time.Time{}, err)
	case "EntityTooLarge", "InvalidBucketName", "KeyTooLongError":
		out := publishers.Permanent("bucket", reasons.BucketRefusesObject())
		out.Err = err
		return out
	}
	if errors.Is(err, os.ErrPermission) {
		return publishers.Disconnected(reasons.FolderNotWritable(), err)
	}
	return publishers.Retry(0, err)
}

// refused is class for Commit: only an error that the server named guarantees that nothing was written.
func refused(err error) error {
	var e *publishers.Error
	if c := class(err); errors.As(c, &e) && e.Class != publishers.ClassRetry {
		return c
	}
	return publishers.Unknown(err)
}
