package dam

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"vitrine/test/golden"
)

// Every declared event type has one complete entry in the table.
func TestEventTypes(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".go") && !strings.HasSuffix(f.Name(), "_test.go") {
			names = append(names, declared(t, f.Name(), "EventType")...)
		}
	}
	entries := map[string]int{}
	members := regexp.MustCompile(`^([a-z0-9_]+\??( |$))*$`)
	for _, e := range EventTypes() {
		entries[string(e.Type)]++
		if e.Subject == "" || e.Doc == "" || strings.HasSuffix(e.Doc, ".") || !members.MatchString(e.Data) {
			t.Errorf("%s: subject %q, doc %q, data %q", e.Type, e.Subject, e.Doc, e.Data)
		}
		if (e.English == "") != (e.French == "") || strings.Contains(e.English, "{who}") != strings.Contains(e.French,
			"{who}") {
			t.Errorf("%s: the sentences %q and %q don't say the same", e.Type, e.English, e.French)
		}
	}
	for _, n := range names {
		if entries[n] != 1 {
			t.Errorf("%s has %d entries in EventTypes", n, entries[n])
		}
	}
	if len(names) != len(entries) || len(names) < 60 {
		t.Errorf("%d event types are declared, %d in the table", len(names), len(entries))
	}
}

// The documentation's table of event types is generated from EventTypes.
func TestEventDocumentation(t *testing.T) {
	var b strings.Builder
	b.WriteString("| Type | Subject | Data | When |\n|---|---|---|---|\n")
	for _, e := range EventTypes() {
		var data []string
		for _, m := range strings.Fields(e.Data) {
			if name, optional := strings.CutSuffix(m, "?"); optional {
				data = append(data, "(`"+name+"`)")
			} else {
				data = append(data, "`"+m+"`")
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.Type, e.Subject, strings.Join(data, " "), e.Doc)
	}
	golden.Document(t, "../docs/api.md", "events", b.String())
}

// The recorded events of a server carry the data that the table declares.
func TestEventData(t *testing.T) {
	golden, err := os.ReadFile("../cmd/vitrine/testdata/golden/events.txt")
	if err != nil {
		t.Fatal(err)
	}
	member, seen := regexp.MustCompile(`(?m)^  "([a-z0-9_]+)":`), 0
	for _, text := range strings.Split(string(golden), "\n=== ") {
		name, body, _ := strings.Cut(strings.TrimPrefix(text, "=== "), "\n")
		info, ok := eventInfo[EventType(name)]
		if !ok {
			t.Errorf("%q is not in EventTypes", name)
			continue
		}
		seen++
		_, data, _ := strings.Cut(body, "\n \"data\": {")
		has := map[string]bool{}
		for _, m := range member.FindAllStringSubmatch(data, -1) {
			has[m[1]] = true
		}
		for _, m := range strings.Fields(info.Data) {
			key, optional := strings.CutSuffix(m, "?")
			if !has[key] && !optional {
				t.Errorf("%s has no %s in its data", name, key)
			}
			delete(has, key)
		}
		for key := range has {
			t.Errorf("%s has %s in its data, which EventTypes does not name", name, key)
		}
	}
	if seen < 50 {
		t.Errorf("only %d events are recorded", seen)
	}
}
