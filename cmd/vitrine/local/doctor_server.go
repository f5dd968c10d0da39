package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"vitrine/cmd/vitrine/config"
	"vitrine/cmd/vitrine/server"
	"vitrine/dam/rendition/sandbox"
)

// examineServer asks the running server about its parts, the search index among them.
func examineServer(ctx context.Context, c config.Config) []Symptom {
	listen := c.Listen
	address, running := server.Running(c)
	switch {
	case c.From("listen") == "--listen": // somebody knows better
	case running && address != "":
		listen = address
	case !running:
		listen = ""
	}
	var status int
	var body []byte
	err := errors.New("no server runs on " + c.Data)
	if listen != "" {
		if status, _, body, err = ask(ctx, "http://"+config.Loopback(listen)+"/readyz"); err != nil {
			err = errors.New("no server answers at " + listen)
		}
	}
	if err != nil {
		out := bad(Warning, "server", err, "start it with vitrine serve, or name its address with --listen")
		if _, err := os.Stat(c.IndexDir()); err != nil {
			return append(out, Symptom{"search", Warning, "there is no search index yet", "the next start builds it"})
		}
		return append(out, ok("search", "the index is at %s; a running server says whether it is up to date",
			c.IndexDir())...)
	}
	if status != http.StatusOK {
		return []Symptom{{"server", Failed, strings.TrimSpace(string(body)), "see its log"}}
	}
	out := ok("server", "ready at %s", listen)
	var answer struct {
		Parts map[string]string `json:"parts"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Parts == nil {
		return bad(Failed, "server", fmt.Errorf("%s answers, and is not Vitrine", listen),
			"name the server's address with --listen")
	}
	for _, part := range slices.Sorted(maps.Keys(answer.Parts)) {
		if said := answer.Parts[part]; said != "ok" {
			out = append(out, Symptom{part, Warning, said, remedyOf(part)})
		}
	}
	if building := answer.Parts["search_index"]; answer.Parts["search_follows"] == "ok" &&
		(building == "ok" || building == "") {
		out = append(out, ok("search", "ready")...)
	}
	return out
}

// remedyOf a part of /readyz that is not well.
func remedyOf(part string) string {
	switch part {
	case "objects":
		return "bring them back with `vitrine repair --from` a backup or another store, or upload the same files again"
	case "channel_versions":
		return "upgrade Vitrine before then; see “When an interface ends” in docs/publishing.md"
	case "hold":
		return "`vitrine hold status` shows what waits, `vitrine hold release` lets it go"
	}
	return "it heals by itself when the cause is gone; see “Monitoring” in docs/operations.md"
}

// examinePublic asks for the server as the world does; the answer's date tells whether this clock is right.
func examinePublic(ctx context.Context, c config.Config) []Symptom {
	const name = "public URL"
	if address, running := server.Running(c); running && address != "" && c.From("public_url") == "default" &&
		c.From("listen") != "--listen" {
		c.PublicURL = "http://" + config.Loopback(address) // the default follows the address that the server has
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return bad(Failed, name, err, "")
	}
	status, date, _, err := ask(ctx, c.PublicURL+"/healthz")
	ip := net.ParseIP(u.Hostname())
	local := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	var out []Symptom
	switch {
	case err != nil && local:
		out = bad(Warning, name, fmt.Errorf("%s does not answer", c.PublicURL), "start the server")
	case err != nil:
		out = bad(Failed, name, err,
			"check DNS, the proxy and its certificate; links, sign-in and channels use this address")
	case status != http.StatusOK:
		out = bad(Failed, name, fmt.Errorf("%s answers %d, not as Vitrine does", c.PublicURL, status),
			"point the proxy at "+c.Listen)
	case u.Scheme == "http" && !local:
		out = bad(Warning, name, fmt.Errorf("%s is not encrypted", c.PublicURL),
			"put a proxy with a certificate in front and set --public-url to https://…")
	default:
		out = ok(name, "%s answers", c.PublicURL)
	}
	if date.IsZero() || local {
		return append(out, judgeClock(time.Now(), time.Time{})...)
	}
	return append(out, judgeClock(time.Now(), date)...)
}

// judgeClock compares this machine's clock with another's, zero when there is none to compare with.
func judgeClock(here, there time.Time) []Symptom {
	const name = "clock"
	const remedy = "keep it with NTP: schedules, rights and signatures depend on it"
	switch off := here.Sub(there); {
	case here.Year() < 2025:
		return bad(Failed, name, fmt.Errorf("it says %s", here.Format(time.RFC3339)), remedy)
	case there.IsZero():
		return ok(name, "%s", here.UTC().Format(time.RFC3339))
	case off.Abs() > 30*time.Second:
		return bad(Failed, name, fmt.Errorf("it is %s off the public address's", off.Round(time.Second)), remedy)
	}
	return ok(name, "agrees with the public address's")
}

func ask(ctx context.Context, address string) (status int, date time.Time, body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, date, nil, err
	}
	answer, err := (&http.Client{Timeout: 5 * time.Second}).Do(r)
	if err != nil {
		return 0, date, nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	date, _ = http.ParseTime(answer.Header.Get("Date"))
	body, err = io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	return answer.StatusCode, date, body, err
}

// examineFormats makes a picture of a small file of each format.
func examineFormats(ctx context.Context, c config.Config) (out []Symptom) {
	box := sandbox.New(server.SandboxOptions(c, ""))
	engine := server.OpenWorkers(c, box, slog.New(slog.DiscardHandler))
	defer func() { _ = engine.Close() }()
	for _, t := range server.TryFormats(ctx, c, box, engine) {
		if t.Err == nil {
			out = append(out, ok(t.Name, "shown")...)
		} else {
			out = append(out, bad(Warning, t.Name, fmt.Errorf("kept, not shown: %w", t.Err), "")...)
		}
	}
	return out
}

func examineTools(ctx context.Context, c config.Config) []Symptom {
	box := sandbox.New(server.SandboxOptions(c, ""))
	engine := server.OpenWorkers(c, box, slog.New(slog.DiscardHandler))
	defer func() { _ = engine.Close() }()
	out := ok("renditions", "%s", engine.Describe())
	if engine.Demoted != nil {
		out = append(out, bad(Warning, "walls", engine.Demoted, "libvips is used again once one of them works")...)
	} else if _, err := engine.Check(ctx); err != nil {
		out = append(out, bad(Failed, "walls", err, "see the reason; without workers nothing is rendered")...)
	} else {
		out = append(out, ok("walls", "workers: %s; programs: %s", box.Describe(box.WorkerWalls()),
			box.Describe(box.Walls()))...)
	}
	for _, t := range server.Tools(box, engine) {
		if t.Present {
			effect := t.Effect
			if t.Walls != "" {
				effect += "; behind " + t.Walls
			}
			out = append(out, ok(t.Name, "%s", effect)...)
		} else {
			out = append(out, Symptom{t.Name, Warning, "missing: " + t.Effect, ""})
		}
	}
	return out
}
