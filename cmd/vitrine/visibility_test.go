package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
)

// call asks the API and expects a success.
func (h *house) call(method, path string, in, out any) {
	h.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			h.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(h.Context(), method, h.server.URL+path, body)
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	raw, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode < 300 && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil || answer.StatusCode >= 300 {
		h.Fatalf("%s %s: %d %v %s", method, path, answer.StatusCode, err, raw)
	}
}

// approves uploads a picture that is approved at once, and waits for its renditions.
func (h *house) approves(name string, data []byte) string {
	h.Helper()
	status, body := h.sends(name, data, "approve", "true")
	var out struct{ Asset dam.Asset }
	if err := json.Unmarshal(body, &out); err != nil || status != http.StatusCreated {
		h.Fatalf("%s: %d %v %s", name, status, err, body)
	}
	h.rendered(out.Asset.ID)
	return out.Asset.ID
}

func (h *house) acts(asset, verb string, in object) {
	h.Helper()
	if in == nil {
		in = object{}
	}
	h.call("POST", "/api/assets/"+asset+"/"+verb, in, nil)
}

// Whatever says whether the public may see an asset says the same of the same facts: the gate of publishing, delivery
// at /r/ and at /p/, the history of products, search, and the portal's status.
func TestPublicEverywhere(t *testing.T) {
	h := newHouse(t)
	h.token = h.newToken("admin") // channels are an administrator's
	day := func(d int) string { return time.Now().UTC().AddDate(0, 0, d).Format(time.DateOnly) }
	patch := func(rights object) func(string) {
		return func(id string) { h.call("PATCH", "/api/assets/"+id, object{"rights": rights}, nil) }
	}
	acts := func(verbs ...string) func(string) {
		return func(id string) {
			for _, verb := range verbs {
				h.acts(id, verb, map[string]object{"recall": {"reason": "wrong price"},
					"reinstate": {"reason": "the price is right"}, "reject": {"comment": "too dark"}}[verb])
			}
		}
	}
	cases := []struct {
		name   string
		change func(id string)
		status dam.PublicStatus
		code   int    // of its public URL
		state  string // of the product's history
		field  string // that the gate refuses, "" when it lets it pass
	}{
		{"approved", func(string) {}, dam.StatusPublic, 200, "shown", ""},
		{"in the bin", func(id string) {
			h.call("DELETE", "/api/assets/"+id, nil, nil)
		}, dam.StatusBinned, 410, "gone", "asset"},
		{"approval taken back", acts("reject"), dam.StatusWithdrawn, 410, "gone", "asset"},
		{"archived", acts("archive"), dam.StatusWithdrawn, 410, "gone", "asset"},
		{"recalled", acts("recall"), dam.StatusRecalled, 410, "gone", "asset"},
		{"recalled, archived, restored", acts("recall", "archive", "restore"), dam.StatusRecalled, 410,
			"gone", "asset"},
		{"recalled, approved again", acts("recall", "reject", "approve"), dam.StatusPublic, 200, "shown", ""},
		{"recalled, reinstated", acts("recall", "reinstate"), dam.StatusPublic, 200, "shown", ""},
		{"reinstated, recalled again", acts("recall", "reinstate", "recall"), dam.StatusRecalled, 410, "gone", "asset"},
		{"expired", patch(object{"until": day(-2)}), dam.StatusExpired, 410, "gone", "rights.until"},
		{"embargoed", patch(object{"from": day(3)}), dam.StatusEmbargoed, 404, "hidden", "at"},
		{"first and last day", patch(object{"from": day(-2), "until": day(2)}), dam.StatusPublic, 200, "shown", ""},
		// Nobody knows where who asks for a URL is; a channel says where it reaches.
		{"for one country", patch(object{"territories": []string{"FR"}}), dam.StatusPublic, 200, "shown",
			"rights.territories"},
	}
	var channel struct{ ID string }
	h.call("POST", "/api/channels", object{"name": "Site", "kind": "bucket", "config": object{"folder": "site"},
		"rule": object{"query": "", "presets": []string{}, "enabled": false}}, &channel)
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = h.approves(fmt.Sprintf("%d.png", i), blank(t, 40+i, 30))
		sku := fmt.Sprintf("V-%d", i)
		h.call("POST", "/api/products", object{"sku": sku}, nil)
		h.call("PUT", "/api/products/"+sku+"/slots/hero/1", object{"asset": ids[i]}, nil)
		c.change(ids[i])
	}
	var found struct{ Items []dam.Asset }
	head, err := h.cat.Log().Head(catalogtest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	shown := func(q string) []string {
		h.call("GET", fmt.Sprintf("/api/assets?limit=100&wait=%d&q=%s", head, url.QueryEscape(q)), nil, &found)
		var list []string
		for _, a := range found.Items {
			list = append(list, a.ID)
		}
		return list
	}
	live, not := shown("is:live"), shown("live:no")
	for i, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			public := c.status == dam.StatusPublic
			var a dam.Asset
			h.call("GET", "/api/assets/"+ids[i], nil, &a)
			if a.Public == nil || a.Public.Status != c.status || a.Public.Gone != (c.code == 410) {
				t.Errorf("the portal is told %+v, want %s", a.Public, c.status)
			}
			h.until(fmt.Sprintf("%s: /r/ answers %d", c.name, c.code), func() bool {
				code, _, _, err := h.reads("/r/" + ids[i] + "/thumb")
				return err == nil && code == c.code
			})
			if code, _, body, err := h.reads(fmt.Sprintf("/p/V-%d/hero/thumb", i)); err != nil || code != c.code {
				t.Errorf("/p/: %d %v %s", code, err, body)
			}
			code, _, body, err := h.reads(fmt.Sprintf("/p/V-%d.json", i))
			var card struct{ Slots []any }
			if err != nil || code == 200 && json.Unmarshal(body, &card) != nil || len(card.Slots) > 0 != public {
				t.Errorf("/p/….json: %d %v %s", code, err, body)
			}
			var history struct {
				Items []struct{ State, Reason string }
			}
			h.call("GET", fmt.Sprintf("/api/lookup?sku=V-%d", i), nil, &history)
			if len(history.Items) != 1 || history.Items[0].State != c.state {
				t.Errorf("the history says %+v, want %s", history.Items, c.state)
			}
			if got := slices.Contains(live, ids[i]); got != public {
				t.Errorf("is:live finds it: %t", got)
			}
			// the bin is searched by itself
			if got := slices.Contains(not, ids[i]); got != (!public && c.status != dam.StatusBinned) {
				t.Errorf("live:no finds it: %t", got)
			}
			var checks struct {
				Items []struct{ Problems []dam.Problem }
			}
			h.call("POST", "/api/publications/check", object{"asset": ids[i], "channel": channel.ID,
				"presets": []string{"thumb"}}, &checks)
			fields := []string{}
			for _, p := range checks.Items[0].Problems {
				fields = append(fields, p.Field)
			}
			if c.field == "" && len(fields) > 0 || c.field != "" && !slices.Contains(fields, c.field) {
				t.Errorf("the gate refuses %v, want %q", fields, c.field)
			}
		})
	}
	t.Run("a protected zone is cut", func(t *testing.T) {
		id := ids[0]
		h.call("PATCH", "/api/assets/"+id, object{"zones": []object{{"kind": "logo", "x": 0, "y": 0, "w": 1, "h": 1}}},
			nil)
		h.rendered(id)
		for preset, public := range map[string]bool{"square": false, "thumb": true} {
			want := map[bool]int{true: 200, false: 404}[public]
			for _, path := range []string{"/r/" + id + "/" + preset, "/p/V-0/hero/" + preset} {
				h.until(fmt.Sprintf("%s answers %d", path, want), func() bool {
					code, _, _, err := h.reads(path)
					return err == nil && code == want
				})
			}
			var history struct{ Items []struct{ State string } }
			h.call("GET", "/api/lookup?url=/r/"+id+"/"+preset, nil, &history)
			if state := history.Items[0].State; state != map[bool]string{true: "shown", false: "hidden"}[public] {
				t.Errorf("%s: the history says %s", preset, state)
			}
			var checks struct {
				Items []struct{ Problems []dam.Problem }
			}
			h.call("POST", "/api/publications/check", object{"asset": id, "channel": channel.ID,
				"presets": []string{preset}}, &checks)
			if list := checks.Items[0].Problems; (len(list) == 0) != public || !public && list[0].Field != "presets" {
				t.Errorf("%s: the gate says %+v", preset, list)
			}
			var made struct {
				Items []struct {
					Preset   string
					Withheld bool
				}
			}
			h.call("GET", "/api/assets/"+id+"/renditions", nil, &made)
			for _, r := range made.Items {
				if r.Preset == preset && r.Withheld == public {
					t.Errorf("%s: the portal is told that it is withheld: %t", preset, r.Withheld)
				}
			}
		}
	})
}
