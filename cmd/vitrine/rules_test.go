package main

import (
	"testing"

	"vitrine/dam"
	"vitrine/test/upgrade"
)

// A rule finds collections by name. One of a release that didn't keeps its meaning, so that an upgrade publishes
// nothing that nobody asked for, until it is saved again.
func TestRulesThatNameCollections(t *testing.T) {
	h := newHouse(t)
	h.token = h.newToken("admin")
	var summer dam.Collection
	h.call("POST", "/api/collections", object{"name": "Summer"}, &summer)
	add := func(name string) (ch dam.Channel) {
		h.call("POST", "/api/channels", object{"name": name, "kind": "bucket", "config": object{"folder": name},
			"rule": object{"query": "collection:Summer", "presets": []string{"thumb"}, "enabled": true}}, &ch)
		return ch
	}
	former := add("former")
	if err := upgrade.Exec(h.Context(), h.cat,
		`UPDATE channels SET rule=replace(rule,',"by_name":true','')`); err != nil {
		t.Fatal(err)
	}
	now := add("now")
	asset := h.approves("a.png", plate(1, 96, 64, false))
	published := func(ch dam.Channel) int {
		var list struct{ Items []dam.Publication }
		h.call("GET", "/api/publications?channel="+ch.ID, nil, &list)
		return len(list.Items)
	}
	h.call("PUT", "/api/collections/"+summer.ID+"/assets", object{"assets": []string{asset}}, nil)
	h.until("the rule publishes", func() bool { return published(now) == 1 })
	if n := published(former); n != 0 {
		t.Errorf("a rule of before publishes %d", n)
	}
	h.call("PATCH", "/api/channels/"+former.ID, object{"rule": former.Rule}, nil)
	h.until("the saved rule publishes", func() bool { return published(former) == 1 })
}
