package main

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"vitrine/test/upgrade"
)

// exact remembers immutable addresses of pictures before they are replaced.
func (w *world) exact() error {
	for _, name := range []string{"focal", "chair"} {
		list, err := w.addresses(w.id[name])
		if err != nil {
			return err
		}
		w.former = append(w.former, list...)
	}
	return nil
}

func (w *world) addresses(asset string) (out []string, err error) {
	var list struct {
		Items []struct {
			Preset string
			Exact  string `json:"exact_url"`
		}
	}
	err = w.get("/api/assets/"+asset+"/renditions", &list)
	for _, r := range list.Items {
		if r.Preset == "thumb" || r.Preset == "shop-square" {
			out = append(out, strings.TrimPrefix(r.Exact, upgrade.PublicURL))
		}
	}
	return out, err
}

// record asks for everything and writes the answers down.
func (w *world) record(r *upgrade.Record) error {
	paths := slices.Clone(w.former)
	for _, name := range slices.Sorted(maps.Keys(w.id)) {
		id := w.id[name]
		if !strings.HasPrefix(id, "a_") {
			continue
		}
		presets := []string{"thumb", "medium", "shop-square", "shop-square@2x"}
		if name == "chair" || name == "logo" {
			presets = append(presets, "print")
		}
		for _, preset := range presets {
			paths = append(paths, "/r/"+id+"/"+preset)
		}
		paths = append(paths, "/oembed?url="+url.QueryEscape(upgrade.PublicURL+"/r/"+id+"/medium"))
		if name != "erased" {
			list, err := w.addresses(id)
			if err != nil {
				return err
			}
			paths = append(paths, list...)
		}
	}
	var chair struct{ Live string }
	if err := w.get("/api/assets/"+w.id["chair"], &chair); err != nil {
		return err
	}
	signed, err := w.cli("sign", "/t/"+chair.Live+",w_30,h_30,fit_cover/"+w.id["chair"]+".webp")
	if err != nil {
		return err
	}
	paths = append(paths, strings.TrimPrefix(signed, upgrade.PublicURL))
	for _, sku := range []string{"CHR-1", "chr-1", "~main/CHR-1", "CHR-3"} {
		paths = append(paths, "/p/"+sku+".json", "/p/"+sku+"/hero/thumb", "/p/"+sku+"/hero/2/thumb",
			"/p/"+sku+"/detail/medium")
	}
	paths = append(paths, "/p/CHR-2/hero/thumb", "/p/nothing.json")
	for _, path := range paths {
		accepts := []string{""}
		if strings.HasSuffix(path, "/thumb") || strings.HasSuffix(path, "/medium") {
			accepts = append(accepts, "image/avif,image/webp,*/*", "image/webp,*/*")
		}
		for _, accept := range accepts {
			a, err := upgrade.Ask(w.url, path, accept)
			if err != nil {
				return err
			}
			if strings.HasSuffix(path, "/print") && a.Status >= 400 { // made when first asked for
				if err := w.until(path, func() bool {
					a, err = upgrade.Ask(w.url, path, accept)
					return err != nil || a.Status < 400
				}); err != nil {
					return err
				}
			}
			r.Public = append(r.Public, a)
		}
	}
	w.idle()
	maps.Copy(r.Holders, w.tokens)
	maps.Copy(r.Holders, w.sessions)
	for _, mail := range w.mails {
		if r.People[mail], err = upgrade.Role(w.url, mail, upgrade.Password); err != nil {
			return err
		}
	}
	calls, err := w.calls()
	if err != nil {
		return err
	}
	for _, c := range calls {
		if c, err = upgrade.RecordAnswers(w.url, c, r.Holders); err != nil {
			return err
		}
		r.Calls = append(r.Calls, c)
	}
	var events struct {
		Items []struct{ Seq int64 }
	}
	if err := w.get("/api/events?after=0&limit=1000&wait=0", &events); err != nil {
		return err
	}
	r.Head = events.Items[len(events.Items)-1].Seq
	return nil
}

// calls are every operation of the description that can be called without an effect: a
// write gets a body it has to refuse, an id is one that is not there. Of assets, which
// have owners and borders, also each single one.
func (w *world) calls() (out []upgrade.Call, err error) {
	var doc upgrade.Description
	if err := w.get("/api/openapi.json", &doc); err != nil {
		return nil, err
	}
	out = upgrade.Calls(doc, "/api/login", "/api/logout", "/api/events/stream", "/api/searches/recent", "/api/events",
		"/api/openapi.json", "/api/system", "/api/jobs", "/api/snapshot")
	for _, q := range []string{"tag:oak", "chaise", "couch", "season:summer", "status:approved type:image",
		"rights:expired", "sku:CHR-1", "-chair", "bin:true"} {
		out = append(out, upgrade.Call{Method: "GET", Path: "/api/assets?limit=200&q=" + url.QueryEscape(q)})
	}
	for _, name := range slices.Sorted(maps.Keys(w.id)) {
		if id := w.id[name]; strings.HasPrefix(id, "a_") {
			out = append(out, upgrade.Call{Method: "GET", Path: "/api/assets/" + id},
				upgrade.Call{Method: "PATCH", Path: "/api/assets/" + id, Body: "{}"},
				upgrade.Call{Method: "GET", Path: "/api/assets/" + id + "/download"})
		}
	}
	return out, nil
}
