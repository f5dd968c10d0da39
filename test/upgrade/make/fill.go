package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vitrine/test/upgrade"
)

type object = map[string]any

// created posts and remembers the id of what was made.
func (w *world) created(name, path string, in any) error {
	var out struct{ ID string }
	err := w.post(path, in, &out)
	w.id[name] = out.ID
	return err
}

var roles = []string{"viewer", "contributor", "editor", "publisher", "admin"}

func (w *world) person(name, role string, collections ...string) error {
	mail := name + "@example.com"
	w.mails = append(w.mails, mail)
	var out struct{ User struct{ ID string } }
	err := w.post("/api/users", object{"email": mail, "name": strings.ToUpper(name[:1]) + name[1:], "role": role,
		"password": upgrade.Password, "collections": collections}, &out)
	w.id[mail] = out.User.ID
	return err
}

func (w *world) token(name string, in object) error {
	var out struct {
		Token  struct{ ID string }
		Secret string
	}
	in["name"] = name
	err := w.post("/api/tokens", in, &out)
	w.tokens[name], w.id["token "+name] = out.Secret, out.Token.ID
	return err
}

func (w *world) people() error {
	w.mails = append(w.mails, upgrade.Admin)
	for _, r := range roles {
		if err := w.person("the-"+r, r); err != nil {
			return err
		}
		if r == "admin" {
			continue // has one
		}
		if err := w.token(r, object{"role": r}); err != nil {
			return err
		}
	}
	if err := w.person("gone", "editor"); err != nil {
		return err
	}
	if err := w.as("admin", "PATCH", "/api/users/"+w.id["gone@example.com"], object{"disabled": true},
		nil); err != nil {
		return err
	}
	if err := w.person("forgotten", "editor"); err != nil {
		return err
	}
	if err := w.created("spring", "/api/collections", object{"name": "Spring"}); err != nil {
		return err
	}
	if err := w.person("agency", "contributor", w.id["spring"]); err != nil {
		return err
	}
	for name, in := range map[string]object{
		"limited": {"role": "viewer", "collections": []string{w.id["spring"]}},
		"lasting": {"role": "viewer", "expires_at": "2099-01-01T00:00:00Z"},
		"short":   {"role": "editor", "expires_at": time.Now().Add(3 * time.Second)},
		"revoked": {"role": "editor"},
	} {
		if err := w.token(name, in); err != nil {
			return err
		}
	}
	if err := w.as("admin", "DELETE", "/api/tokens/"+w.id["token revoked"], nil, nil); err != nil {
		return err
	}
	for _, name := range []string{"the-editor", "agency", "forgotten"} {
		cookie, err := w.signIn(name + "@example.com")
		if err != nil {
			return err
		}
		w.sessions["session of "+name] = cookie
	}
	return nil
}

func (w *world) signIn(mail string) (string, error) {
	in := strings.NewReader(`{"email":"` + mail + `","password":"` + upgrade.Password + `"}`)
	res, err := http.Post(w.url+"/api/login", "application/json", in)
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	for _, c := range res.Cookies() {
		if c.Name == "vitrine_session" {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("sign-in of %s: %s", mail, res.Status)
}

func (w *world) settings() error {
	for _, x := range []struct {
		path string
		in   any
	}{
		{"/api/fields",
			object{"items": []object{{"key": "season", "type": "choice", "choices": []string{"summer", "winter"},
				"label": object{"en": "Season", "fr": "Saison"}},
				{"key": "shot", "type": "date"}, {"key": "cost", "type": "number"},
				{"key": "notes", "type": "text", "multi": true}, {"key": "final", "type": "boolean"}}}},
		{"/api/synonyms", object{"lines": []string{"sofa, couch, canapé", "tv => television"}}},
		{"/api/presets/shop-square", object{"name": "shop-square", "width": 24, "height": 24, "fit": "cover",
			"formats": []object{{"format": "jpeg", "quality": 80}, {"format": "webp", "quality": 80}},
			"dpr":     []int{2}}},
		{"/api/presets/print", object{"name": "print", "width": 80, "height": 80, "fit": "contain",
			"formats": []object{{"format": "png"}}, "apply": "demand"}},
	} {
		if err := w.as("admin", "PUT", x.path, x.in, nil); err != nil {
			return err
		}
	}
	return nil
}

// pictures makes an asset of each kind and in each state.
func (w *world) pictures() error {
	for i, x := range []struct{ name, file string }{
		{"chair", "Blue chair.jpg"}, {"versions", "Two versions.jpg"}, {"review", "Second in review.jpg"},
		{"rejected", "Rejected.jpg"}, {"archived", "Archived.jpg"},
		{"recalled", "Recalled.jpg"}, {"embargoed", "Embargoed.jpg"}, {"expired", "Expired.jpg"}, {"heir", "Heir.jpg"},
		{"replaced", "Replaced.jpg"}, {"binned", "Binned.jpg"},
		{"focal", "Focal.jpg"}, {"french", "Only in France.jpg"}, {"erased", "Erased.jpg"}, {"undone", "Undone.jpg"},
	} {
		if err := w.approved(x.name, x.file, jpg(i)); err != nil {
			return err
		}
	}
	svg := []byte(
		`<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40"><rect width="60" height="40" fill="#268"/><circle cx="30" cy="20" r="12" fill="#fd6"/></svg>`)
	for name, f := range map[string]struct {
		file string
		data []byte
	}{"logo": {"Logo.png", transparent(3)}, "loop": {"Loop.gif", animation()}, "drawing": {"Drawing.svg", svg},
		"text": {"Notes.txt", []byte("Notes about the chairs.\n")}} {
		if err := w.approved(name, f.file, f.data); err != nil {
			return err
		}
	}
	if err := w.upload("admin", "draft", "Draft.jpg", jpg(20)); err != nil {
		return err
	}
	if err := w.upload("contributor", "own", "Of the contributor.jpg", jpg(21)); err != nil {
		return err
	}
	if err := w.upload("admin", "kept", "Kept twice.jpg", jpg(20), "on_duplicate", "keep"); err != nil {
		return err
	}
	for _, f := range []func() error{
		func() error {
			return w.edit("chair", object{"title": object{"en": "Blue chair", "fr": "Chaise bleue"},
				"description": object{"en": "Oak and wool"}, "alt": object{"en": "A blue chair"},
				"caption": object{"en": "For the terrace"},
				"tags":    []string{"oak", "summer"}, "creator": "Ana", "copyright": "© Vitrine", "rating": 4,
				"focal": object{"x": 0.3, "y": 0.6}, "place": object{"lat": 48.85, "lon": 2.29},
				"custom": object{"season": "summer", "shot": "2026-03-01", "cost": 12.5,
					"notes": []string{"first", "second"}, "final": true}, "rights": object{"from": "2020-01-01"}})
		},
		func() error { return w.upload("admin", "versions", "Second.jpg", jpg(30)) },
		func() error { return w.act("versions", "approve", nil) },
		func() error { return w.upload("admin", "review", "Second in review.jpg", jpg(31)) },
		func() error { return w.act("review", "submit", nil) },
		func() error { return w.act("rejected", "reject", object{"comment": "too dark for the catalogue"}) },
		func() error { return w.act("archived", "archive", nil) },
		func() error { return w.act("recalled", "recall", object{"reason": "wrong price"}) },
		func() error { return w.edit("embargoed", object{"rights": object{"from": "2099-05-01"}}) },
		func() error { return w.edit("expired", object{"rights": object{"until": "2020-12-31"}}) },
		func() error {
			return w.edit("replaced", object{"rights": object{"until": "2020-12-31", "successor": w.id["heir"]}})
		},
		func() error { return w.edit("french", object{"rights": object{"territories": []string{"FR"}}}) },
		func() error { return w.remove("/api/assets/" + w.id["binned"]) },
		func() error {
			return w.as("admin", "PUT", "/api/collections/"+w.id["spring"]+"/assets",
				object{"assets": []string{w.id["chair"], w.id["draft"], w.id["own"]}}, nil)
		},
		func() error { return w.created("empty", "/api/collections", object{"name": "Nothing yet"}) },
		w.exact,
		func() error { return w.edit("focal", object{"focal": object{"x": 0.9, "y": 0.1}}) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	w.idle()
	return nil
}

func (w *world) remove(path string) error { return w.as("admin", "DELETE", path, nil, nil) }

func (w *world) products() error {
	csv := "sku,name_en,name_fr,colour,gtin,stock,price,currency\nCHR-1,Blue chair,Chaise " +
		"bleue,blue,4006381333931,12,19.90,EUR\nCHR-3,Stool,Tabouret,red,,0,,\n"
	var job struct{ ID string }
	if err := w.as("admin", "POST", "/api/products/import", strings.NewReader(csv), &job, "Content-Type",
		"text/csv"); err != nil {
		return err
	}
	if err := w.until("the import", func() bool {
		var i struct{ State string }
		return w.get("/api/products/imports/"+job.ID, &i) == nil && i.State == "done"
	}); err != nil {
		return err
	}
	for i, file := range []string{"CHR-1_hero_1.jpg", "CHR-1_hero_2.jpg", "CHR-1_detail_1.jpg", "CHR-2_hero_1.jpg"} {
		if err := w.approved(file, file, jpg(40+i)); err != nil {
			return err
		}
	}
	for _, f := range []func() error{
		func() error {
			return w.as("admin", "PUT", "/api/products/CHR-3/slots/hero/1", object{"asset": w.id["chair"]}, nil)
		},
		func() error { return w.remove("/api/products/CHR-1/slots/hero/2") },
		func() error { return w.as("admin", "PATCH", "/api/products/CHR-1/stock", object{"stock": 7}, nil) },
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) searches() error {
	for _, x := range []struct {
		who string
		in  object
	}{
		{"session of the-editor", object{"name": "Oak", "query": "tag:oak", "alert": true}},
		{"session of the-editor", object{"name": "All pictures", "query": "type:image", "sort": "-created",
			"shared": true}},
		{"session of agency", object{"name": "Ours", "query": "chair"}},
	} {
		if err := w.as(x.who, "POST", "/api/searches", x.in, nil); err != nil {
			return err
		}
	}
	return w.as("session of the-editor", "POST", "/api/searches/recent", object{"query": "blue chair"}, nil)
}

// bulk runs a job, and one that is undone.
func (w *world) bulk() error {
	ended := func(id string) error {
		return w.until("bulk job "+id, func() bool {
			var b struct{ State string }
			return w.get("/api/bulk/"+id, &b) == nil && b.State == "done"
		})
	}
	var b struct{ ID string }
	for _, name := range []string{"chair", "undone"} {
		if err := w.post("/api/assets/bulk", object{"filter": object{"assets": []string{w.id[name], w.id["logo"]}},
			"change": object{"add_tags": []string{"bulk-" + name}}}, &b); err != nil {
			return err
		}
		if err := ended(b.ID); err != nil {
			return err
		}
	}
	var u struct{ ID string }
	if err := w.post("/api/bulk/"+b.ID+"/undo", struct{}{}, &u); err != nil {
		return err
	}
	return ended(u.ID)
}

// unfinished leaves an upload half done, a question about a duplicate, and a file in quarantine.
func (w *world) unfinished() error {
	begin := func(name string, size int) (at string, err error) {
		err = w.as("contributor", "POST", "/api/uploads", nil, &at, "Tus-Resumable", "1.0.0", "Upload-Length",
			fmt.Sprint(size),
			"Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))
		return strings.TrimPrefix(at, upgrade.PublicURL), err
	}
	send := func(at string, data []byte) error {
		return w.as("contributor", "PATCH", at, strings.NewReader(string(data)), nil, "Tus-Resumable", "1.0.0",
			"Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")
	}
	data := jpg(50)
	at, err := begin("Half.jpg", len(data))
	if err != nil {
		return err
	}
	if err := send(at, data[:len(data)/2]); err != nil {
		return err
	}
	w.half, w.sent = at, len(data)/2
	twin := jpg(0) // of the chair
	if at, err = begin("Again.jpg", len(twin)); err != nil {
		return err
	}
	_ = send(at, twin) // 409: a question
	_ = w.upload("admin", "broken", "Broken.jpg", append([]byte{0xff, 0xd8, 0xff, 0xe0}, make([]byte, 300)...))
	var q struct{ Items []struct{ ID string } }
	if err := w.get("/api/quarantine", &q); err != nil {
		return err
	}
	if len(q.Items) == 0 {
		return fmt.Errorf("nothing is in quarantine")
	}
	return nil
}

func (w *world) erase() error {
	if _, err := w.cli("erase", "asset", w.id["erased"], "--yes"); err != nil {
		return err
	}
	_, err := w.cli("erase", "user", "forgotten@example.com", "--yes")
	return err
}
