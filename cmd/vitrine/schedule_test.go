package main

import (
	"strings"
	"testing"
)

// A schedule keeps what no flag names; publish --wait fails for what is not delivered, and says so.
func TestScheduleCommand(t *testing.T) {
	h := newHouse(t)
	h.token = h.newToken("admin")
	run := func(args ...string) (int, string, string) {
		return vitrine(t.Context(), append(args, "--server", h.server.URL, "--token", h.token)...)
	}
	ok := func(args ...string) string {
		t.Helper()
		code, out, diag := run(args...)
		if code != 0 {
			t.Fatalf("%v: %d %s %s", args, code, out, diag)
		}
		return out
	}
	if code, _, diag := run("channel", "add", "Site"); code != 2 || !strings.Contains(diag, "kind") {
		t.Errorf("without a kind: %d %s", code, diag)
	}
	ok("channel", "add", "Site", "--kind", "bucket", "--config", `{"folder":"site"}`)
	ok("channel", "schedule", "Site", "--slot", "mon@09:00", "--slot", "thu@18:30", "--zone", "Europe/Paris")
	ok("channel", "schedule", "Site", "--catch-up", "ask", "--grace", "30", "--rate", "25/1440")
	want := "slots     mon@09:00 thu@18:30\nzone      Europe/Paris\ncatch-up  ask\ngrace     30 minutes\n" +
		"limits    25/1440\n"
	if got := ok("channel", "schedule", "Site"); got != want {
		t.Errorf("the schedule:\n%s", got)
	}
	if got := ok("channel", "schedule", "Site", "--no-slots"); !strings.Contains(got, "slots     none") ||
		!strings.Contains(got, "25/1440") {
		t.Errorf("without slots:\n%s", got)
	}
	asset := h.approves("a.png", plate(1, 96, 64, false))
	ok("channel", "pause", "Site")
	code, out, diag := run("publish", asset, "--channel", "Site", "--preset", "thumb", "--wait", "1ms")
	if code != 1 || !strings.Contains(out, "planned") ||
		!strings.Contains(diag, "not delivered") {
		t.Errorf("on a paused channel: %d %s %s", code, out, diag)
	}
	planned := func(at, over string) {
		t.Helper()
		_, out, diag := run("publish", asset, "--channel", "Site", "--preset", "thumb", "--at", at)
		if !strings.Contains(out, "planned") || strings.Contains(diag, "what is planned for "+over) != (over != "") {
			t.Errorf("planned for %s over %q: %s%s", at, over, out, diag)
		}
	}
	planned("2096-12-05T09:00:00Z", "")
	planned("2096-12-06T09:00:00Z", "2096-12-05")
	ok("channel", "resume", "Site")
	ok("publish", asset, "--channel", "Site", "--preset", "thumb", "--wait", "1m")
	planned("2096-12-07T09:00:00Z", "")
	planned("2096-12-08T09:00:00Z", "2096-12-07")
}
