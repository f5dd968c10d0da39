package reasons

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// Every sentence is there in both languages, names the same values in both, and is the remedy's that its code names.
func TestCatalogueIsWhole(t *testing.T) {
	c := All()
	if len(c.Reasons) < 100 || len(c.Remedies) < 100 {
		t.Fatalf("%d reasons, %d remedies", len(c.Reasons), len(c.Remedies))
	}
	given := map[string]bool{"": true}
	for what, list := range map[string]map[string]Entry{"reason": c.Reasons, "remedy": c.Remedies} {
		for code, e := range list {
			if e.English == "" || e.French == "" {
				t.Errorf("the %s %s has no text in English or in French", what, code)
			}
			english, french := Placeholders(e.English), Placeholders(e.French)
			slices.Sort(english)
			slices.Sort(french)
			if !slices.Equal(english, french) {
				t.Errorf("the %s %s names %v in English and %v in French", what, code, english, french)
			}
			for _, text := range []string{e.English, e.French} {
				for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
					form := strings.TrimPrefix(m[3], ":")
					if _, term := c.Terms[form]; form != "" && m[3] != ".remedy" && !term &&
						!slices.Contains(Written, form) {
						t.Errorf("the %s %s writes {%s} as %s, which is no form and no type of terms", what, code,
							m[2], form)
					}
				}
			}
			if bare := untyped(e.French); bare != "" {
				t.Errorf("the %s %s gives a French reader {%s} as the program writes it: give it a type", what,
					code, bare)
			}
			if _, ok := c.Remedies[e.Remedy]; e.Remedy != "" && !ok {
				t.Errorf("the reason %s has the remedy %s, which is not there", code, e.Remedy)
			}
			given[e.Remedy] = true
		}
	}
	for code, e := range c.Remedies {
		if !given[code] && !e.Apart {
			t.Errorf("the remedy %s belongs to no reason", code)
		}
	}
	if !json.Valid(file) || len(slices.Collect(maps.Keys(c.Reasons))) != len(c.Reasons) {
		t.Error("reasons.json is not JSON")
	}
}

// untyped finds a value that is a code or a time to the program, and stands within a sentence as it is. Between
// quotation marks it is what somebody wrote.
func untyped(sentence string) string {
	for _, name := range []string{"role", "need", "state", "unit", "at", "until", "grace", "duration", "timeout",
		"wait"} {
		if strings.Contains(sentence, "{"+name+"}") && !strings.Contains(sentence, "«\u00a0{"+name+"}\u00a0»") {
			return name
		}
	}
	return ""
}

func TestTermsAreWhole(t *testing.T) {
	c := All()
	if len(c.Terms) < 5 {
		t.Fatalf("%d types of terms", len(c.Terms))
	}
	for kind, values := range c.Terms {
		if slices.Contains(Written, kind) {
			t.Errorf("%s is a form, and a type of terms", kind)
		}
		for v, e := range values {
			if e.English == "" || e.French == "" {
				t.Errorf("the %s %s has no word in English or in French", kind, v)
			}
		}
	}
}

func TestSentences(t *testing.T) {
	inner := WatermarkUnreadable()
	for _, c := range []struct {
		r            Reason
		text, advice string
	}{
		{Reason{}, "", ""},
		{QueryNotAValue("aproved", "status").With(RemedyDidYouMeanValue("status", "approved")),
			"“aproved” is not a value of status", "did you mean status:approved?"},
		{InLine(3, inner), "line 3: the watermark's file can't be read", "give the preset another watermark"},
		{SettingValueInvalid(errors.New("not a number"), "VITRINE_X", `a "b"`, "write one"), "not a number",
			`it was set by VITRINE_X "a \"b\"": write one`},
		{PermissionNeeded("publish", "lib"), "this needs the permission to publish in the library lib",
			"ask an administrator"},
		{MaybeSentBeforeHoldAt(HoldBy(EpochDeclared(), "Ana"), time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)),
			"the catalogue was declared restored by hand by Ana (of about 2026-11-29T08:00:00Z): it may have been " +
				"sent since",
			"look at the channel, then say whether it is there"},
		{AnthiasDeleted(1), "assets of the device deleted: 1", ""}, // right for any number
		{XiboDeleted(1), "media of the library deleted, with their widgets: 1", ""},
		{PatternWithoutSku("x"), `"x" has no {sku}`, "for example {sku}_{slot}_{n}.{ext}"},
		{Reason{ReasonCode: "of_a_newer_version"}, "of_a_newer_version", ""},
	} {
		// What is stored and read again says the same.
		stored := Decode(Encode(c.r))
		if c.r.IsZero() {
			stored = []Reason{{}}
		}
		for _, r := range []Reason{c.r, stored[0]} {
			if r.Text() != c.text || r.Advice() != c.advice {
				t.Errorf("%s: %q, %q", r.ReasonCode, r.Text(), r.Advice())
			}
		}
	}
}

// A column that an earlier version wrote holds a sentence, whatever it looks like; both forms come out as reasons.
func TestStoredSentencesAreLegacy(t *testing.T) {
	if got := Decode(""); got != nil {
		t.Errorf("nothing: %v", got)
	}
	for _, s := range []string{"The preset “hero” could not be made: it is too small.", "[1] of 2", `[{"reason":`,
		`[{"code":"x"}]`} {
		got := Decode(s)
		if len(got) != 1 || got[0].ReasonCode != "legacy" || got[0].Text() != s {
			t.Errorf("%q: %v", s, got)
		}
	}
	list := []Reason{PresetRefused("hero", WatermarkUnreadable()),
		PresetRefused("thumb", RenditionOverCeiling("thumb", 20_000_000, 1000.5))}
	if got := Decode(Encode(list...)); len(got) != 2 || Join(got) != Join(list) {
		t.Errorf("%q, want %q", Join(got), Join(list))
	}
}

func TestComplete(t *testing.T) {
	newer, said, advice := Reason{ReasonCode: "of_a_newer_version"}, "the newer server's words", "its advice"
	if Complete(&newer, &said, &advice); said != "the newer server's words" || advice != "its advice" {
		t.Errorf("%q, %q", said, advice)
	}
	r, message, remedy := Reason{}, "it was so", "do this"
	if Complete(&r, &message, &remedy); r.ReasonCode != "legacy" || message != "it was so" || remedy != "do this" {
		t.Errorf("%v, %q, %q", r, message, remedy)
	}
	r, message, remedy = RatingRange(), "", ""
	if Complete(&r, &message, &remedy); message != "a rating is 0–5" || remedy != "0 clears it" {
		t.Errorf("%q, %q", message, remedy)
	}
}

type role string

func TestValuesAreWhatJSONCarries(t *testing.T) {
	for v, want := range map[any]any{role("editor"): "editor", int32(4): int64(4), errors.New("gone").Error(): "gone",
		uint8(3): uint64(3), true: true} {
		if got := value(v); !reflect.DeepEqual(got, want) {
			t.Errorf("%v: %#v, want %#v", v, got, want)
		}
	}
	r := InLine(1, Said("a\x00b", "")).Map(func(s string) string { return strings.ReplaceAll(s, "\x00", "") })
	if r.Text() != "line 1: ab" {
		t.Errorf("%q", r.Text())
	}
}
