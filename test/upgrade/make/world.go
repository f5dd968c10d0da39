package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"vitrine/test/ports"
	"vitrine/test/upgrade"
)

// world is a running server of the older build, and what was made on it.
type world struct {
	binary, dir, database string
	url, addr             string
	cmd                   *exec.Cmd
	log                   bytes.Buffer
	remote                *upgrade.Remote
	release               func() // of the address

	tokens   map[string]string // by role
	sessions map[string]string
	mails    []string
	id       map[string]string // of whatever was made, by a name of this program's
	former   []string          // addresses of pictures that were replaced since
	leased   string
	half     string // address of an upload of which sent bytes have arrived
	sent     int
	shade    int // of the last picture of a publication
}

func (w *world) dsn() string {
	if w.database != "" {
		return w.database
	}
	return "sqlite:" + filepath.Join(w.dir, "vitrine.db")
}

func (w *world) command(args ...string) *exec.Cmd {
	c := exec.Command(w.binary, args...)
	c.Env = append(os.Environ(), "VITRINE_DATA="+w.dir, "VITRINE_DATABASE="+w.dsn(), "VITRINE_SECRET_KEY="+upgrade.Key,
		"VITRINE_ADMIN_EMAIL="+upgrade.Admin,
		"VITRINE_ADMIN_PASSWORD="+upgrade.Password, "VITRINE_PUBLIC_URL="+upgrade.PublicURL,
		"VITRINE_WEBHOOKS_ALLOW_PRIVATE=true", "VITRINE_NODE=upgrade")
	return c
}

func (w *world) cli(args ...string) (string, error) {
	out, err := w.command(args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("vitrine %v: %s", args, exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

func (w *world) start() error {
	w.tokens, w.sessions, w.id = map[string]string{}, map[string]string{}, map[string]string{}
	var err error
	if w.addr, w.release, err = ports.Hold(); err != nil {
		return err
	}
	w.url = "http://" + w.addr
	w.cmd = w.command("serve", "--listen", w.addr, "--log-level", "warn")
	w.cmd.Stdout, w.cmd.Stderr = &w.log, &w.log
	if err := w.cmd.Start(); err != nil {
		return err
	}
	if err := w.until("ready", func() bool {
		res, err := http.Get(w.url + "/readyz")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}); err != nil {
		return err
	}
	w.tokens["admin"], err = w.cli("token", "create", "--role", "admin", "--name", "admin")
	return err
}

func (w *world) kill() {
	if w.cmd != nil {
		_ = w.cmd.Process.Kill() // it may have ended already
		_ = w.cmd.Wait()
		w.cmd = nil
		w.release()
	}
}

func (w *world) until(what string, ok func() bool) error {
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("never happened: %s", what)
		}
	}
	return nil
}

// idle waits until no job waits or runs.
func (w *world) idle() {
	_ = w.until("no job", func() bool { // what never ends is as good to upgrade
		var j struct{ Counts map[string]int }
		return w.get("/api/jobs?state=running&limit=1", &j) == nil && j.Counts["waiting"]+j.Counts["running"] == 0
	})
}

// as sends a request as the holder of a token, expects a success and reads the answer into out.
func (w *world) as(role, method, path string, in, out any, header ...string) error {
	var body io.Reader
	switch x := in.(type) {
	case nil:
	case io.Reader:
		body = x
	default:
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, header = bytes.NewReader(raw), append([]string{"Content-Type", "application/json"}, header...)
	}
	req, err := http.NewRequest(method, w.url+path, body)
	if err != nil {
		return err
	}
	if cookie := w.sessions[role]; cookie != "" {
		req.Header.Set("Cookie", cookie)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	} else {
		req.Header.Set("Authorization", "Bearer "+w.tokens[role])
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s as %s: %s: %s", method, path, role, res.Status, raw)
	}
	if l, ok := out.(*string); ok {
		*l = res.Header.Get("Location")
		return nil
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}

func (w *world) post(path string, in, out any) error { return w.as("admin", "POST", path, in, out) }
func (w *world) get(path string, out any) error      { return w.as("admin", "GET", path, nil, out) }
func (w *world) edit(name string, in any) error {
	return w.as("admin", "PATCH", "/api/assets/"+w.id[name], in, nil)
}

// act posts to an asset.
func (w *world) act(name, verb string, in any) error {
	if in == nil {
		in = struct{}{}
	}
	return w.post("/api/assets/"+w.id[name]+"/"+verb, in, nil)
}

// upload sends a file as an asset, or as a new version of one, and waits for its renditions.
func (w *world) upload(role, name, file string, data []byte, fields ...string) error {
	path := "/api/assets"
	if at := w.id[name]; at != "" {
		path = "/api/assets/" + at + "/versions"
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			return err
		}
	}
	f, err := m.CreateFormFile("file", file)
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		return err
	}
	var out struct{ Asset struct{ ID string } }
	if err := w.as(role, "POST", path, &b, &out, "Content-Type", m.FormDataContentType()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if out.Asset.ID != "" {
		w.id[name] = out.Asset.ID
	}
	return w.until("renditions of "+name, func() bool {
		var a struct{ Latest struct{ Renditions string } }
		return w.get("/api/assets/"+w.id[name], &a) == nil && a.Latest.Renditions != "pending"
	})
}

func (w *world) approved(name, file string, data []byte, fields ...string) error {
	if err := w.upload("admin", name, file, data, fields...); err != nil {
		return err
	}
	return w.act(name, "approve", nil)
}

// picture is a small one; each shade is another.
func picture(shade, width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(shade * 11), uint8(x * 255 / width), uint8(y * 255 / height), 255}
			if (x/8+y/8+shade)%3 == 0 {
				c = color.NRGBA{uint8(255 - shade*7), uint8(shade * 5), 90, 255}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func encoded(write func(io.Writer) error) []byte {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}

func jpg(shade int) []byte {
	return encoded(func(w io.Writer) error {
		return jpeg.Encode(w, picture(shade, 96, 64), &jpeg.Options{Quality: 70})
	})
}

func transparent(shade int) []byte {
	m := picture(shade, 40, 40)
	for i := 3; i < len(m.Pix)/2; i += 4 {
		m.Pix[i] = 60
	}
	return encoded(func(w io.Writer) error { return png.Encode(w, m) })
}

func animation() []byte {
	g := &gif.GIF{}
	for i := range 3 {
		p := image.NewPaletted(image.Rect(0, 0, 32, 32), color.Palette{color.Black, color.White,
			color.NRGBA{200, 30, 30, 255}})
		for j := range p.Pix {
			p.Pix[j] = uint8((j/32 + j + i*7) / 5 % 3)
		}
		g.Image, g.Delay = append(g.Image, p), append(g.Delay, 20)
	}
	return encoded(func(w io.Writer) error { return gif.EncodeAll(w, g) })
}
