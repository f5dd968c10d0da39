package main

import (
	"strings"
	"testing"
)

// The commands name collections by path, say what a removal touches, and bring back what they removed.
func TestCollectionCommand(t *testing.T) {
	h := newHouse(t)
	h.token = h.newToken("admin")
	run := func(args ...string) (int, string, string) {
		return vitrine(t.Context(), append(append([]string{"collection"}, args...), "--server", h.server.URL, "--token",
			h.token)...)
	}
	ok := func(args ...string) string {
		t.Helper()
		code, out, diag := run(args...)
		if code != 0 {
			t.Fatalf("%v: %d %s %s", args, code, out, diag)
		}
		return strings.TrimSpace(out)
	}
	asset := h.approves("a.png", plate(1, 96, 64, false))
	clients := ok("create", "Clients")
	ok("create", "Acme", "--in", "Clients")
	ok("create", "Summer", "--in", "Clients/Acme", "--description", "of Acme")
	other := ok("create", "Summer", "--asset", asset)
	if code, _, diag := run("move", "Summer"); code != 1 || !strings.Contains(diag, "Clients/Acme/Summer") ||
		!strings.Contains(diag, other) {
		t.Errorf("a name of two: %d %s", code, diag)
	}
	ok("add", "acme/summer", asset)
	ok("set", "Acme/Summer", "--name", "Summer 2026")
	list := ok("list")
	for _, line := range []string{"Clients/Acme/Summer 2026  1       plain  ",
		"Summer                    1       plain  "} {
		if !strings.Contains(list, line) {
			t.Errorf("the list lacks %q:\n%s", line, list)
		}
	}
	ok("take", "Summer 2026", asset)
	if code, _, diag := run("move", "Clients", "--in", "Summer 2026"); code != 1 {
		t.Errorf("a collection below itself: %d %s", code, diag)
	}
	ok("create", "Live", "--query", "is:live")
	ok("set", "Live", "--frozen")
	if list := ok("list", "--find", "live"); !strings.Contains(list, "smart, frozen") {
		t.Error(list)
	}
	if code, out, diag := run("remove", "Clients", "--below"); code != 2 ||
		!strings.Contains(diag, "3 collections") {
		t.Errorf("asked: %d %s %s", code, out, diag)
	}
	if code, _, diag := run("remove", "Clients", "--yes"); code != 1 {
		t.Errorf("with others below it: %d %s", code, diag)
	}
	ok("remove", "Clients", "--below", "--yes")
	if list := ok("list"); strings.Contains(list, "Clients") {
		t.Error(list)
	}
	if bin := ok("bin"); !strings.Contains(bin, clients) {
		t.Error(bin)
	}
	ok("restore", "Clients")
	if list := ok("list", "--in", "Clients"); !strings.Contains(list, "Clients/Acme") {
		t.Error(list)
	}
	if code, _, diag := run("add", "Nowhere", asset); code != 1 || !strings.Contains(diag, "Nowhere") {
		t.Errorf("a collection that is not there: %d %s", code, diag)
	}
}
