package main

import (
	"fmt"
	"time"

	"vitrine/test/upgrade"
)

func (w *world) channel(name, kind string, config object, rule object) error {
	if rule == nil {
		rule = object{"query": "", "presets": []string{"thumb"}, "enabled": false}
	}
	return w.created(name, "/api/channels", object{"name": name, "kind": kind, "config": config, "rule": rule})
}

const pluginSecret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

func (w *world) channels() error {
	if err := w.post("/api/webhooks", object{"url": w.remote.URL + "/hook",
		"types": []string{"asset.*", "publication.*"}, "description": "ERP"}, nil); err != nil {
		return err
	}
	if err := w.post("/api/webhooks", object{"url": w.remote.URL + "/hook", "types": []string{"product.*"}},
		nil); err != nil {
		return err
	}
	for _, c := range []struct {
		name, kind string
		config     object
		rule       object
	}{
		{"folder", "bucket", object{"folder": "site"}, object{"query": "tag:oak OR title:logo",
			"presets": []string{"thumb", "shop-square"}, "enabled": true}},
		{"shop", "json", object{"url": w.remote.URL + "/json", "secret": upgrade.Sesame},
			object{"query": "title:two", "presets": []string{"thumb"}, "enabled": true}},
		{"board", "plugin", object{"url": w.remote.URL + "/board", "secret": pluginSecret}, nil},
		{"stone", "plugin", object{"url": w.remote.URL + "/stone", "secret": pluginSecret}, nil},
		{"paused", "plugin", object{"url": w.remote.URL + "/board", "secret": pluginSecret}, nil},
		{"window", "signage", object{"zone": "Europe/Paris"}, nil},
		{"account", "youtube", object{"client_id": "an-id", "client_secret": "a-secret"}, nil},
	} {
		if err := w.channel(c.name, c.kind, c.config, c.rule); err != nil {
			return err
		}
	}
	return w.post("/api/channels/"+w.id["window"]+"/screens", object{"name": "Entrance"}, nil)
}

// publish plans a publication of an asset of its own; name is what both are remembered by.
func (w *world) publish(name, channel, caption, at, campaign string) error {
	w.shade++
	asset := "asset of " + name
	if err := w.approved(asset, "Post "+name+".jpg", jpg(60+w.shade)); err != nil {
		return err
	}
	var out struct {
		ID    string
		Items []struct{ ID string }
	}
	in := object{"asset": w.id[asset], "channel": w.id[channel], "presets": []string{"thumb"}}
	for k, v := range map[string]string{"caption": caption, "at": at, "campaign": campaign} {
		if v != "" {
			in[k] = v
		}
	}
	if err := w.post("/api/publications", in, &out); err != nil {
		return err
	}
	if w.id[name] = out.ID; out.ID == "" && len(out.Items) > 0 {
		w.id[name] = out.Items[0].ID
	}
	return nil
}

func (w *world) reaches(name, state string) error {
	var last string
	err := w.until(name+" is "+state, func() bool {
		var p struct {
			State   string
			Problem any
		}
		_ = w.get("/api/publications/"+w.id[name], &p)
		last = fmt.Sprint(p.State, p.Problem)
		return p.State == state
	})
	if err != nil {
		err = fmt.Errorf("%w, but %s", err, last)
	}
	return err
}

// publications brings one into every state of the ledger that lasts.
func (w *world) publications() error {
	future, soon := "2099-06-01T09:00:00Z", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	if err := w.created("autumn", "/api/campaigns", object{"name": "Autumn"}); err != nil {
		return err
	}
	if err := w.post("/api/campaigns/"+w.id["autumn"]+"/hold", struct{}{}, nil); err != nil {
		return err
	}
	if err := w.post("/api/channels/"+w.id["paused"]+"/pause", struct{}{}, nil); err != nil {
		return err
	}
	for _, x := range []struct{ name, channel, caption, at, campaign, state string }{
		{"delivered", "board", "hello", "", "", "delivered"},
		{"signage", "window", "", "", "", "delivered"},
		{"refused", "board", upgrade.Refused, "", "", "failed"},
		{"lost", "board", upgrade.Lost, "", "", "unconfirmed"},
		{"wondering", "board", upgrade.Wondering, "", "", "unknown"},
		{"cancelled", "board", "", future, "", "planned"},
		{"back", "board", "taken back", "", "", "delivered"},
		{"manual", "stone", "for ever", "", "", "delivered"},
		{"planned", "board", "in time", future, "", "planned"},
		{"soon", "board", "in an hour", soon, "", "planned"},
		{"held", "board", "of the campaign", "", "Autumn", "planned"},
		{"waiting", "paused", "on a paused channel", "", "", "planned"},
	} {
		if err := w.publish(x.name, x.channel, x.caption, x.at, x.campaign); err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		if err := w.reaches(x.name, x.state); err != nil {
			return err
		}
	}
	for name, state := range map[string]string{"cancelled": "cancelled", "back": "recalled", "manual": "manual"} {
		if err := w.post("/api/publications/"+w.id[name]+"/recall", object{"reason": "wrong price"}, nil); err != nil {
			return err
		}
		if err := w.reaches(name, state); err != nil {
			return err
		}
	}
	series := object{"asset": w.id["heir"], "channel": w.id["stone"], "presets": []string{"thumb"},
		"caption": "every week",
		"repeat": object{"start": "2099-01-05T09:00", "zone": "Europe/Paris", "every": "week",
			"days": []string{"mon", "thu"}, "count": 6}}
	return w.post("/api/series", series, nil)
}

// willHang plans what hanging sends on its way.
func (w *world) willHang() error {
	if err := w.publish("recalling", "board", upgrade.HangRecall, "", ""); err != nil {
		return err
	}
	if err := w.reaches("recalling", "delivered"); err != nil {
		return err
	}
	for _, p := range []struct{ name, channel, caption string }{
		{"preparing", "paused", upgrade.HangPreparing}, {"leased", "paused", upgrade.HangPreparing},
		{"committing", "board", upgrade.HangCommit},
	} {
		if err := w.publish(p.name, p.channel, p.caption, "2099-06-01T09:00:00Z", ""); err != nil {
			return err
		}
	}
	return nil
}

// hanging leaves publications in the middle of each step, and webhooks undelivered.
func (w *world) hanging() error {
	w.remote.Deaf(true)
	for _, name := range []string{"preparing", "leased", "committing"} {
		if err := w.as("admin", "PATCH", "/api/publications/"+w.id[name],
			object{"at": time.Now().UTC().Format(time.RFC3339)}, nil); err != nil {
			return err
		}
	}
	// What waits on the paused channel must not go out with the two that shall hang.
	if err := w.post("/api/publications/"+w.id["recalling"]+"/recall", object{"reason": "wrong price"},
		nil); err != nil {
		return err
	}
	if err := w.as("admin", "PATCH", "/api/publications/"+w.id["waiting"], object{"at": "2099-06-01T09:00:00Z"},
		nil); err != nil {
		return err
	}
	if err := w.post("/api/channels/"+w.id["paused"]+"/resume", struct{}{}, nil); err != nil {
		return err
	}
	for name, state := range map[string]string{"preparing": "preparing", "leased": "preparing",
		"committing": "committing", "recalling": "recalling"} {
		if err := w.reaches(name, state); err != nil {
			return err
		}
	}
	w.remote.Hanging(4)
	w.leased = w.id["leased"]
	if err := w.post("/api/channels/"+w.id["paused"]+"/pause", struct{}{}, nil); err != nil {
		return err
	}
	if err := w.as("admin", "PATCH", "/api/publications/"+w.id["waiting"],
		object{"at": time.Now().UTC().Format(time.RFC3339)}, nil); err != nil {
		return err
	}
	return w.edit("archived", object{"tags": []string{"told"}})
}
