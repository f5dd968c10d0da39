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

// A rule goes by what products say of a picture, and follows when they say something else. One of a release in which
// words didn't find it by that keeps its meaning.
func TestRulesThatNameProducts(t *testing.T) {
	h := newHouse(t)
	h.token = h.newToken("admin")
	add := func(name, query string) (ch dam.Channel) {
		h.call("POST", "/api/channels", object{"name": name, "kind": "bucket", "config": object{"folder": name},
			"rule": object{"query": query, "presets": []string{"thumb"}, "enabled": true}}, &ch)
		return ch
	}
	former := add("former", "chair")
	if err := upgrade.Exec(h.Context(), h.cat,
		`UPDATE channels SET rule=replace(rule,',"grown":true','')`); err != nil {
		t.Fatal(err)
	}
	words, brand, without := add("words", "chair"), add("brand", "brand:Acme"), add("without", "-brand:Acme")
	asset := h.approves("a.png", plate(1, 96, 64, false))
	published := func(ch dam.Channel) (n int) {
		var list struct{ Items []dam.Publication }
		h.call("GET", "/api/publications?channel="+ch.ID, nil, &list)
		for _, p := range list.Items {
			if !p.State.Closed() {
				n++
			}
		}
		return n
	}
	h.until("what has no brand is published", func() bool { return published(without) == 1 })
	h.call("POST", "/api/products", object{"sku": "A", "names": object{"en": "Blue chair"}}, nil)
	h.call("PUT", "/api/products/A/slots/hero/1", object{"asset": asset}, nil)
	h.until("a rule of words publishes", func() bool { return published(words) == 1 })
	h.call("PATCH", "/api/products/A", object{"brand": "Acme"}, nil)
	h.until("a rule of a brand publishes", func() bool { return published(brand) == 1 })
	h.until("a rule of other brands takes it back", func() bool { return published(without) == 0 })
	if n := published(former); n != 0 {
		t.Errorf("a rule of before publishes %d", n)
	}
}
