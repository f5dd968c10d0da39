package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/retention"
	"vitrine/test/golden"
	"vitrine/test/upgrade"
)

type object = map[string]any

// scenario is a server on which everything has happened once, and what was made on it by a name.
type scenario struct {
	*house
	database string // "" is SQLite in the data folder
	remote   *upgrade.Remote
	base     string // where the server is asked
	admin    string // token
	person   string // cookie of the first administrator's session
	ids      map[string]string
	tokens   map[string]string
	former   []string // exact addresses of pictures that were replaced since
	screen   string   // token of a screen
}

// publicAddress is what the server believes its address to be, so that no port is in what it says.
const publicAddress = "http://media.example.com"

// newScenario starts the server and lives through the scenario. Nothing in it depends on the time or on chance,
// except for ids, times and secrets.
func newScenario(h *house, database string) *scenario {
	h.Helper()
	s := &scenario{house: h, database: database, base: h.server.URL, ids: map[string]string{},
		tokens: map[string]string{}, remote: upgrade.NewRemote(false)}
	s.admin = strings.TrimSpace(s.beside("token", "create", "--role", "admin", "--name", "golden"))
	h.Cleanup(s.remote.Close)
	s.person = s.session()
	s.people()
	s.settings()
	s.pictures()
	s.decisions()
	s.products()
	s.publishing()
	s.until("the alert", func() bool { return s.happened(dam.SearchMatched) })
	s.idle()
	return s
}

// beside runs a command on the server's data and database.
func (s *scenario) beside(args ...string) string {
	s.Helper()
	args = append(args, "--data", s.data)
	if s.database != "" {
		args = append(args, "--database", s.database)
	}
	return s.must(args...)
}

// ask sends a request with a token or a session's cookie and expects a success.
func (s *scenario) ask(token, method, path string, in, out any, header ...string) {
	s.Helper()
	var body io.Reader
	switch x := in.(type) {
	case nil:
	case io.Reader:
		body = x
	default:
		raw, err := json.Marshal(in)
		if err != nil {
			s.Fatal(err)
		}
		body, header = bytes.NewReader(raw), append([]string{"Content-Type", "application/json"}, header...)
	}
	req, err := http.NewRequestWithContext(s.Context(), method, s.base+path, body)
	if err != nil {
		s.Fatal(err)
	}
	if strings.HasPrefix(token, "vitrine_session=") {
		req.Header.Set("Cookie", token)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	} else {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	status, _, raw, err := upgrade.Do(req)
	if err != nil || status >= 300 {
		s.Fatalf("%s %s: %v %d %s", method, path, err, status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			s.Fatalf("%s %s: %v in %s", method, path, err, raw)
		}
	}
}

func (s *scenario) do(method, path string, in, out any) {
	s.Helper()
	s.ask(s.admin, method, path, in, out)
}

// make posts and remembers the id of what was made.
func (s *scenario) make(name, path string, in any) {
	s.Helper()
	var out struct {
		ID                   string
		User, Token, Webhook struct{ ID string }
		Secret               string
	}
	s.do("POST", path, in, &out)
	s.ids[name] = out.ID + out.User.ID + out.Token.ID + out.Webhook.ID
	if s.ids[name] == "" {
		s.Fatalf("%s has no id", name)
	}
	if out.Secret != "" {
		s.tokens[name] = out.Secret
	}
}

func (s *scenario) until(what string, ok func() bool) {
	s.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("never happened: %s", what)
		}
	}
}

// idle waits until no job waits or runs.
func (s *scenario) idle() {
	s.Helper()
	s.until("no job", func() bool {
		var j struct{ Counts map[string]int }
		s.do("GET", "/api/jobs?state=running&limit=1", nil, &j)
		return j.Counts["waiting"]+j.Counts["running"] == 0
	})
}

func (s *scenario) addPerson(name string, role dam.Role) {
	s.Helper()
	s.make(name, "/api/users", object{"email": name + "@example.com", "name": strings.ToUpper(name[:1]) + name[1:],
		"role": role, "password": "a long enough one"})
}

// people: one with a token of each role, one who sees a collection only, one who may not sign in any more.
func (s *scenario) people() {
	s.make("spring", "/api/collections", object{"name": "Spring"})
	s.do("PATCH", "/api/collections/"+s.ids["spring"], object{"name": "Spring and summer"}, nil)
	s.make("emptied", "/api/collections", object{"name": "Emptied"})
	s.do("DELETE", "/api/collections/"+s.ids["emptied"], nil, nil)
	s.do("POST", "/api/collections/"+s.ids["emptied"]+"/undelete", nil, nil)
	s.do("PUT", "/api/collections/"+s.ids["emptied"]+"/favourite", nil, nil)
	s.do("DELETE", "/api/collections/"+s.ids["emptied"]+"/favourite", nil, nil)
	s.do("DELETE", "/api/collections/"+s.ids["emptied"], nil, nil)
	s.addPerson("ana", dam.Editor)
	s.do("PATCH", "/api/users/"+s.ids["ana"], object{"disabled": true}, nil)
	for _, role := range dam.Roles {
		s.make("token "+string(role), "/api/tokens", object{"name": string(role), "role": role})
	}
	s.make("token limited", "/api/tokens", object{"name": "limited", "role": "viewer",
		"collections": []string{s.ids["spring"]}})
	s.make("token agency", "/api/tokens", object{"name": "agency", "role": "contributor",
		"collections": []string{s.ids["spring"]}})
	s.make("token revoked", "/api/tokens", object{"name": "revoked", "role": "editor"})
	s.do("DELETE", "/api/tokens/"+s.ids["token revoked"], nil, nil)
}

func (s *scenario) settings() {
	s.do("PUT", "/api/fields",
		object{"items": []object{{"key": "season", "type": "choice", "choices": []string{"summer", "winter"},
			"label": object{"en": "Season", "fr": "Saison"}}}}, nil)
	s.do("POST", "/api/vocabularies", object{"name": "Objects"}, nil)
	s.do("PUT", "/api/synonyms", object{"lines": []string{"sofa, couch, canapé"}}, nil)
	for _, p := range []string{"square", "og"} { // what is left is enough, and quick
		s.do("DELETE", "/api/presets/"+p, nil, nil)
	}
	s.do("PUT", "/api/presets/shop", shopPreset(24), nil)
	s.do("PUT", "/api/presets/print", object{"name": "print", "width": 80, "height": 80, "fit": "contain",
		"formats": []object{{"format": "png"}}, "apply": "demand"}, nil)
}

func shopPreset(side int) object {
	return object{"name": "shop", "width": side, "height": side, "fit": "cover",
		"formats": []object{{"format": "jpeg", "quality": 80}}, "dpr": []int{2}}
}

// plate is a PNG without compression, the same bytes whatever the library: each shade is another picture.
func plate(shade, width, height int, alpha bool) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(shade * 23), uint8(x * 255 / width), uint8(y * 255 / height), 255}
			if (x/8+y/8+shade)%3 == 0 {
				c = color.NRGBA{uint8(255 - shade*17), uint8(shade * 5), 90, 255}
			}
			if alpha && x < width/2 {
				c.A = 60
			}
			m.SetNRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&b, m); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}

// torn is a PNG whose header can be read and whose pixels end early.
func torn() []byte {
	b := plate(90, 64, 48, false)
	at := bytes.Index(b, []byte("IDAT"))
	size := binary.BigEndian.Uint32(b[at-4:])
	copy(b[at+6:], make([]byte, size-8))
	return b
}

// upload sends a file as an asset, or as a version of one.
func (s *scenario) upload(token, name, file string, data []byte, fields ...string) {
	s.Helper()
	path := "/api/assets"
	if s.ids[name] != "" {
		path += "/" + s.ids[name] + "/versions"
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		if err := m.WriteField(fields[i], fields[i+1]); err != nil {
			s.Fatal(err)
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
		s.Fatal(err)
	}
	var out struct{ Asset dam.Asset }
	s.ask(token, "POST", path, &b, &out, "Content-Type", m.FormDataContentType())
	if out.Asset.ID != "" { // a version's answer has none
		s.ids[name] = out.Asset.ID
	}
}

// approved are pictures that the public sees at first.
var approved = []string{"chair", "logo", "heir", "replaced", "recalled", "embargoed", "expired", "french", "archived",
	"binned", "erased", "hero", "reinstated"}

func (s *scenario) pictures() {
	for i, name := range approved {
		s.upload(s.admin, name, strings.ToUpper(name[:1])+name[1:]+".png", plate(i, 96, 64, name == "logo"), "approve",
			"true")
	}
	s.upload(s.admin, "text", "Notes.txt", []byte("Notes about the chairs.\n"), "approve", "true")
	s.upload(s.admin, "draft", "Draft.png", plate(30, 40, 40, false))
	s.upload(s.tokens["token contributor"], "own", "Of the contributor.png", plate(31, 40, 40, false))
	s.upload(s.admin, "rejected", "Rejected.png", plate(32, 40, 40, false))
	s.upload(s.admin, "torn", "Torn.png", torn())
	refused := upgrade.Call{Method: "POST", Path: "/api/assets",
		Body: "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Broken.jpg\"\r\n\r\n\xff\xd8\xff\xe0" +
			strings.Repeat("\x00", 300) + "\r\n--x--\r\n"}
	if status, body, err := refused.Send(s.base, s.admin, "Content-Type",
		"multipart/form-data; boundary=x"); err != nil || status < 400 {
		s.Fatalf("a broken file: %v %d %s", err, status, body)
	}
	s.idle()
}

func (s *scenario) edit(name string, in any) { s.do("PATCH", "/api/assets/"+s.ids[name], in, nil) }
func (s *scenario) act(name, verb string, in any) {
	if in == nil {
		in = struct{}{}
	}
	s.do("POST", "/api/assets/"+s.ids[name]+"/"+verb, in, nil)
}

// decisions: everything that happens to assets.
func (s *scenario) decisions() {
	s.make("search", "/api/searches", object{"name": "Chairs", "query": "tag:oak", "shared": true})
	s.do("PATCH", "/api/searches/"+s.ids["search"], object{"name": "All chairs"}, nil)
	s.make("search gone", "/api/searches", object{"name": "Gone", "query": "tag:gone"})
	s.do("DELETE", "/api/searches/"+s.ids["search gone"], nil, nil)
	var alert struct{ ID string }
	s.ask(s.person, "POST", "/api/searches", object{"name": "Alert", "query": "type:image", "alert": true}, &alert)
	s.ids["alert"] = alert.ID
	s.upload(s.admin, "late", "Late.png", plate(41, 40, 40, false))
	s.edit("chair", object{"title": object{"en": "Blue chair", "fr": "Chaise bleue"},
		"alt": object{"en": "A blue chair"}, "tags": []string{"oak", "summer"}, "creator": "Ana",
		"copyright": "© Vitrine", "rating": 4,
		"focal": object{"x": 0.25, "y": 0.5}, "custom": object{"season": "summer"},
		"rights": object{"from": "2020-01-01"}})
	s.idle()
	s.former = s.exact("chair")
	s.make("relation", "/api/assets/"+s.ids["late"]+"/relations", object{"kind": "derived_from", "to": s.ids["chair"]})
	s.upload(s.admin, "chair", "Second.png", plate(40, 96, 64, false))
	s.idle()
	s.act("chair", "submit", nil)
	s.act("chair", "approve", nil)
	s.do("PUT", "/api/collections/"+s.ids["spring"]+"/assets",
		object{"assets": []string{s.ids["chair"], s.ids["draft"]}}, nil)
	s.act("rejected", "reject", object{"comment": "too dark for the catalogue"})
	s.act("heir", "archive", nil)
	s.act("heir", "restore", nil)
	s.act("archived", "archive", nil)
	s.act("recalled", "recall", object{"reason": "wrong price"})
	s.act("reinstated", "recall", object{"reason": "wrong price"})
	s.act("reinstated", "reinstate", object{"reason": "the price is right"})
	s.edit("embargoed", object{"rights": object{"from": "2099-05-01"}})
	s.edit("expired", object{"rights": object{"until": "2020-12-31"}})
	s.edit("replaced", object{"rights": object{"until": "2020-12-31", "successor": s.ids["heir"]}})
	s.edit("french", object{"rights": object{"territories": []string{"FR"}}})
	s.do("DELETE", "/api/assets/"+s.ids["rejected"], nil, nil)
	s.act("rejected", "undelete", nil)
	s.do("DELETE", "/api/assets/"+s.ids["binned"], nil, nil)
	s.beside("erase", "asset", s.ids["erased"], "--yes")
	s.make("bulk", "/api/assets/bulk", object{"filter": object{"assets": []string{s.ids["logo"], s.ids["hero"]}},
		"change": object{"add_tags": []string{"bulk"}}})
	s.downloads()
	s.rights()
	s.relations()
	s.access()
	s.idle()
	s.do("PUT", "/api/presets/shop", shopPreset(20), nil)
	s.idle()
}

// access makes a role, a group and a grant, and takes them back.
func (s *scenario) access() {
	s.do("POST", "/api/roles", object{"name": "press", "permissions": []string{"see", "download_originals"}}, nil)
	s.do("PATCH", "/api/roles/press", object{"permissions": []string{"see", "download_presets"}}, nil)
	s.make("group", "/api/groups", object{"name": "Agency"})
	s.do("PATCH", "/api/groups/"+s.ids["group"], object{"name": "Agencies"}, nil)
	s.make("grant", "/api/grants", object{"holder": s.ids["group"], "role": "press", "collection": s.ids["spring"]})
	s.do("DELETE", "/api/grants/"+s.ids["grant"], nil, nil)
	s.do("DELETE", "/api/groups/"+s.ids["group"], nil, nil)
	s.do("DELETE", "/api/roles/press", nil, nil)
}

// libraries makes a second library, and archives it for a while.
func (s *scenario) libraries() {
	s.do("POST", "/api/libraries", object{"id": "shoes", "name": "Shoes"}, nil)
	s.do("PATCH", "/api/libraries/shoes", object{"zone": "Europe/Paris", "quota": 1 << 40}, nil)
	s.do("POST", "/api/libraries/shoes/archive", nil, nil)
	s.do("POST", "/api/libraries/shoes/restore", nil, nil)
}

// relations confirms what a new version has made stale, and ends the relation.
func (s *scenario) relations() {
	path := "/api/assets/" + s.ids["late"] + "/relations/" + s.ids["relation"]
	s.do("POST", path+"/confirm", object{}, nil)
	s.do("DELETE", path, nil, nil)
}

// rights enters a licence and a consent that are linked to nothing.
func (s *scenario) rights() {
	s.make("licence", "/api/licences", object{"licensor": "Agency", "number": "G-1"})
	s.do("PATCH", "/api/licences/"+s.ids["licence"], object{"note": "Editorial use only."}, nil)
	s.make("consent", "/api/consents", object{"person": "Ana", "scope": "spring"})
	s.do("PATCH", "/api/consents/"+s.ids["consent"], object{"terms": object{"until": "2030-12-31"}}, nil)
	s.do("POST", "/api/consents/"+s.ids["consent"]+"/withdraw", object{}, nil)
	s.do("PUT", "/api/rights/requirements", object{"licence": false, "consent": false}, nil)
}

// downloads takes something out under terms, which are over afterwards.
func (s *scenario) downloads() {
	s.do("PUT", "/api/downloads/terms", object{"text": "Editorial use only.", "reason_required": true}, nil)
	var d struct{ Link string }
	s.do("POST", "/api/downloads", object{"filter": object{"assets": []string{s.ids["chair"]}}, "accept": 1,
		"reason": "press"}, &d)
	s.do("GET", d.Link, nil, nil)
	s.until("the archive", func() bool { return s.happened(dam.DownloadSent) })
	s.make("download", "/api/downloads", object{"filter": object{"assets": []string{s.ids["chair"]}},
		"reason": "press"})
	s.do("POST", "/api/downloads/"+s.ids["download"]+"/cancel", nil, nil)
	s.do("PUT", "/api/downloads/terms", object{"text": "", "reason_required": false}, nil)
}

func (s *scenario) drafts() {
	post := object{"draft": true, "asset": s.ids["heir"], "channels": []object{{"channel": s.ids["stone"]}},
		"caption": "a draft", "at": "2099-02-01T09:00:00Z", "presets": []string{"thumb"}}
	s.make("post draft", "/api/publications", post)
	draft := "/api/publications/drafts/" + s.ids["post draft"]
	s.do("PUT", draft, post, nil)
	s.do("DELETE", draft, nil, nil)
	s.do("POST", draft+"/restore", nil, nil)
	post["draft"], post["from_draft"] = false, s.ids["post draft"]
	s.make("from draft", "/api/publications", post)
	s.do("POST", "/api/publications/"+s.ids["from draft"]+"/recall", nil, nil)
	s.make("post draft", "/api/publications", object{"draft": true, "caption": "a draft"})
}

func (s *scenario) products() {
	s.do("PUT", "/api/products/rules", s.rules(), nil)
	s.do("POST", "/api/products", object{"sku": "CHR-1", "names": object{"en": "Blue chair", "fr": "Chaise bleue"},
		"attributes": object{"colour": "blue"}}, nil)
	s.do("POST", "/api/products", object{"sku": "CHR-2", "names": object{"en": "Stool"}}, nil)
	s.do("POST", "/api/families", object{"key": "chairs", "labels": object{"en": "Chairs", "fr": "Chaises"},
		"slots":      []string{"hero"},
		"attributes": []object{{"key": "height", "type": "number", "unit": "cm", "required": true}}}, nil)
	s.do("POST", "/api/products", object{"sku": "CHR-1-B", "parent": "CHR-1", "brand": "Acme",
		"category": "Furniture > Chairs", "launch": "2026-01-01"}, nil)
	s.do("PATCH", "/api/products/CHR-1", object{"family": "chairs"}, nil)
	for _, x := range [][2]string{{"hero/1", "hero"}, {"hero/2", "logo"}, {"detail/1", "expired"}} {
		s.do("PUT", "/api/products/CHR-1/slots/"+x[0], object{"asset": s.ids[x[1]]}, nil)
	}
	s.do("PATCH", "/api/products/CHR-1/stock", object{"stock": 7}, nil)
	s.do("PATCH", "/api/products/CHR-1", object{"stocks": object{"paris": 3},
		"prices": object{"paris": []object{{"amount": 1990, "currency": "EUR", "from": "2026-06-01"}}}}, nil)
	s.ask(s.admin, "POST", "/api/products/import", strings.NewReader("sku,name_en,stock\nCHR-3,Table,12\n"), nil,
		"Content-Type", "text/csv")
	s.do("POST", "/api/assets/"+s.ids["chair"]+"/download/copy", nil, nil)
	s.idle()
}

// rules are those that there are, sent back.
func (s *scenario) rules() (out object) {
	s.do("GET", "/api/products/rules", nil, &out)
	delete(out, "revision")
	return out
}

const pluginSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

// publishing brings a publication into every state that lasts.
func (s *scenario) publishing() {
	s.make("hook", "/api/webhooks", object{"url": s.remote.URL + "/hook", "types": []string{"asset.*"},
		"description": "ERP"})
	s.do("PATCH", "/api/webhooks/"+s.ids["hook"], object{"description": "The ERP"}, nil)
	s.make("hook gone", "/api/webhooks", object{"url": s.remote.URL + "/hook", "types": []string{"product.*"}})
	s.do("DELETE", "/api/webhooks/"+s.ids["hook gone"], nil, nil)
	rule := object{"query": "", "presets": []string{"thumb"}, "enabled": false}
	for name, c := range map[string]struct {
		kind   string
		config object
	}{
		"folder": {"bucket", object{"folder": "site"}},
		"board":  {"plugin", object{"url": s.remote.URL + "/board", "secret": pluginSecret}},
		"stone":  {"plugin", object{"url": s.remote.URL + "/stone", "secret": pluginSecret}},
		"window": {"signage", object{"zone": "Europe/Paris"}},
		"gone":   {"bucket", object{"folder": "gone"}},
	} {
		s.make(name, "/api/channels", object{"name": name, "kind": c.kind, "config": c.config, "rule": rule})
	}
	s.do("PATCH", "/api/channels/"+s.ids["folder"], object{"name": "Site"}, nil)
	s.do("DELETE", "/api/channels/"+s.ids["gone"], nil, nil)
	var screen dam.Screen
	s.do("POST", "/api/channels/"+s.ids["window"]+"/screens", object{"name": "Entrance"}, &screen)
	_, after, _ := strings.Cut(screen.URL, "#screen=")
	s.screen, _, _ = strings.Cut(after, "&")
	s.ids["screen"] = screen.ID
	s.make("campaign", "/api/campaigns", object{"name": "Autumn"})
	s.do("PATCH", "/api/campaigns/"+s.ids["campaign"], object{"name": "Early autumn"}, nil)
	s.make("campaign gone", "/api/campaigns", object{"name": "Gone"})
	s.do("DELETE", "/api/campaigns/"+s.ids["campaign gone"], nil, nil)
	s.make("series", "/api/series", object{"asset": s.ids["heir"], "channel": s.ids["stone"],
		"presets": []string{"thumb"}, "caption": "every week",
		"repeat": object{"start": "2099-01-05T09:00", "zone": "Europe/Paris", "every": "week",
			"days": []string{"mon", "thu"}, "count": 3}})
	s.do("POST", "/api/series/"+s.ids["series"]+"/end", struct{}{}, nil)
	s.drafts()

	for _, p := range []struct{ name, asset, channel, caption, at, state string }{
		{"delivered", "chair", "folder", "", "", "delivered"},
		{"shown", "chair", "window", "", "", "delivered"},
		{"refused", "chair", "board", upgrade.Refused, "", "failed"},
		{"lost", "logo", "board", upgrade.Lost, "", "unconfirmed"},
		{"cancelled", "heir", "board", "", "2099-06-01T09:00:00Z", "planned"},
		{"back", "hero", "board", "taken back", "", "delivered"},
		{"manual", "hero", "stone", "for ever", "", "delivered"},
	} {
		in := object{"asset": s.ids[p.asset], "channel": s.ids[p.channel], "presets": []string{"thumb"}}
		if p.channel == "window" {
			in["presets"] = []string{"shop"} // in JPEG only
		}
		if p.caption != "" {
			in["caption"] = p.caption
		}
		if p.at != "" {
			in["at"] = p.at
		}
		s.publish(p.name, in)
		s.reaches(p.name, p.state)
	}
	for name, state := range map[string]string{"cancelled": "cancelled", "back": "recalled", "manual": "manual"} {
		s.do("POST", "/api/publications/"+s.ids[name]+"/recall", object{"reason": "wrong price"}, nil)
		s.reaches(name, state)
	}
}

func (s *scenario) publish(name string, in object) {
	s.Helper()
	var out struct {
		ID    string
		Items []struct{ ID string }
	}
	s.do("POST", "/api/publications", in, &out)
	if s.ids[name] = out.ID; out.ID == "" && len(out.Items) > 0 {
		s.ids[name] = out.Items[0].ID
	}
}

func (s *scenario) reaches(name, state string) {
	s.Helper()
	s.until(name+" is "+state, func() bool {
		var p struct{ State string }
		s.do("GET", "/api/publications/"+s.ids[name], nil, &p)
		return p.State == state
	})
}

// aftermath is what may happen only after everything else has been asked: damage and its repair, the end of the
// bin, a catalogue that was put back.
func (s *scenario) aftermath() {
	key := s.rendition("logo")
	path := filepath.Join(s.data, "objects", key)
	raw, err := os.ReadFile(path)
	if err == nil {
		raw[len(raw)/2] ^= 1
		err = os.Chmod(path, 0o600)
	}
	if err == nil {
		err = os.WriteFile(path, raw, 0o600)
	}
	if err != nil {
		s.Fatal(err)
	}
	s.until("the damage is mended", func() bool {
		look := upgrade.Call{Method: "GET", Path: "/api/assets/" + s.ids["logo"] + "/preview/thumb"}
		if _, _, err := look.Send(s.base, s.admin); err != nil {
			s.Fatal(err)
		}
		return s.happened(dam.ObjectRepaired)
	})

	if err := upgrade.Exec(s.Context(), s.cat, "UPDATE assets SET deleted_at=deleted_at-40*86400000000 WHERE id='"+
		s.ids["binned"]+"'"); err != nil {
		s.Fatal(err)
	}
	s.enqueue(retention.SweepArgs{})
	s.until("the bin is emptied", func() bool { return s.happened(dam.AssetPurged) })
	s.beside("hold", "begin", "--by", "Ana", "--note", "the machine was put back")
	s.must("hold", "release", "--yes", "--server", s.base, "--token", s.admin)
}

// rendition is the key of an asset's thumbnail in JPEG.
func (s *scenario) rendition(name string) string {
	s.Helper()
	v := s.asset(s.ids[name]).Latest
	list, err := s.cat.Renditions().List(s.Context(), v.ID)
	if err != nil {
		s.Fatal(err)
	}
	for _, r := range list {
		if r.Preset == "thumb" && r.Format == dam.JPEG {
			return dam.RenditionKey(v.SHA256, r.Hash, r.Format)
		}
	}
	s.Fatalf("%s has no thumbnail in %+v", name, list)
	return ""
}

// happened reports whether the log has an event of the type.
func (s *scenario) happened(typ dam.EventType) bool {
	s.Helper()
	for _, e := range s.events() {
		if e.Type == typ {
			return true
		}
	}
	return false
}

func (s *scenario) events() []dam.Event {
	s.Helper()
	list, err := s.cat.Log().Events(s.Context(), "", 0, 10_000)
	if err != nil {
		s.Fatal(err)
	}
	return list
}

// enqueue adds a job as another node does.
func (s *scenario) enqueue(args jobs.Args) {
	s.Helper()
	queue, err := jobs.New(s.cat, "golden", slog.New(slog.DiscardHandler))
	if err == nil {
		err = s.cat.Write(s.Context(), func(tx *catalog.Tx) error {
			return queue.Enqueue(s.Context(), tx, args, jobs.Options{})
		})
	}
	if err != nil {
		s.Fatal(err)
	}
}

// names are what differs from run to run. What the scenario made keeps the name it has there.
func (s *scenario) names() *golden.Names {
	n := golden.NewNames()
	for name, id := range s.ids {
		n.Call(id, name)
	}
	for name, secret := range s.tokens {
		n.Call(secret, "secret of "+name)
	}
	n.Call(s.remote.URL, "remote")
	n.Number("id", `\b[a-z]{1,3}_[0-9a-hjkmnp-tv-z]{16,32}\b`)
	n.Hide("time", `\b20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`)
	return n
}
