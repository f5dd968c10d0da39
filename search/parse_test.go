package search

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vitrine/dam"
)

var testEnv = Env{Now: time.Date(2024, 7, 15, 1, 30, 0, 0, time.FixedZone("", 2*3600)),
	Zone: time.FixedZone("", 2*3600)}

// show formats a tree in one line.
func show(n Node) string {
	list := func(op string, nodes []Node) string {
		var s []string
		for _, c := range nodes {
			s = append(s, show(c))
		}
		return "(" + op + " " + strings.Join(s, " ") + ")"
	}
	switch n := n.(type) {
	case And:
		return list("and", n)
	case Or:
		return list("or", n)
	case Not:
		return "(not " + show(n.Node) + ")"
	case *Words:
		s := strings.Join(n.Terms, "+")
		if n.Field != TextAll {
			s = map[TextField]string{TextOwn: "own:", TextTitle: "title:", TextFile: "file:"}[n.Field] + s
		}
		if n.Quoted {
			s = `"` + s + `"`
		}
		if n.Prefix {
			s += "*"
		}
		return s
	case *Match:
		var s []string
		for _, k := range n.Values {
			v := k.Key
			if k.Prefix {
				v += "*"
			}
			s = append(s, v)
		}
		return n.Field.Name + "=" + strings.Join(s, "|")
	case *Range:
		end := func(x int64, open int64) string {
			if x == open {
				return ""
			}
			switch n.Field.Kind {
			case KindInstant, KindWall, KindDay:
				return time.UnixMilli(x).UTC().Format("2006-01-02T15:04:05.000")
			}
			return fmt.Sprint(x)
		}
		return n.Field.Name + "=" + end(n.Lo, minValue) + ".." + end(n.Hi, maxValue)
	case *Near:
		return fmt.Sprintf("near=%g,%g,%gm", n.Lat, n.Lon, n.Metres)
	}
	return fmt.Sprintf("%T", n)
}

func TestParse(t *testing.T) {
	env := testEnv
	env.Resolve = func(field, value string) []string {
		if field == "collection" && value == "Summer 2024" {
			return []string{"c_1", "c_2"}
		}
		return nil
	}
	for q, want := range map[string]string{
		"":                                "(and )",
		"  ":                              "(and )",
		"Robe d'été":                      "(and robe ete)",
		"robe de soirée":                  "(and robe soiree)",
		"de la":                           "(and de la)",
		`"robe de soirée"`:                `"robe+de+soiree"`,
		"-brouillon robe":                 "(and (not brouillon) robe)",
		"a OR b c OR d":                   "(or a (and b c) d)",
		"(a OR b) AND NOT c":              "(and (or a b) (not c))",
		"--x":                             "x",
		"or ORANGE":                       "(and or orange)",
		"rob*":                            "rob*",
		"DRS-1042-BLU":                    "drs+1042+blu",
		"drs-10*":                         "drs-10*",
		"red & blue":                      "(and red blue)",
		"12:30 https://x.fr note: red":    "(and 12+30 https+x+fr note red)",
		"title:robe title:\"robe d'été\"": `(and title:robe "title:robe+ete")`,
		"file:img_2041":                   "file:img+2041",
		"type:image,video":                "type=image|video",
		"-type:image":                     "(not type=image)",
		"kind:Image":                      "type=image",
		"status:in-review":                "status=in_review",
		"status:review":                   "status=in_review",
		"format:.JPG":                     "format=jpeg",
		`tag:"Robe d'Été",nat*`:           "tag=robe d'ete|nat*",
		`collection:"Summer 2024"`:        "collection=c_1|c_2",
		"collection:c_9":                  "collection=c_9",
		"territory:FR":                    "territory=fr|*",
		"missing:alt":                     "(not has=alt)",
		"missing:alt,tag":                 "(or (not has=alt) (not has=tags))",
		"has:location":                    "has=place",
		"width:>2000":                     "width=2001..",
		"width:1000..2000":                "width=1000..2000",
		"width:..2000":                    "width=..2000",
		"size:<5MB":                       "size=..4999999",
		"size:1.5KiB":                     "size=1536..1536",
		"rating:>=4":                      "rating=4..",
		"taken:2024-01..2024-03":          "taken=2024-01-01T00:00:00.000..2024-03-31T23:59:59.999",
		"taken:>2024":                     "taken=2025-01-01T00:00:00.000..",
		"taken:today":                     "taken=2024-07-15T00:00:00.000..2024-07-15T23:59:59.999",
		"uploaded:today":                  "uploaded=2024-07-14T22:00:00.000..2024-07-15T21:59:59.999",
		"created:7d":                      "uploaded=2024-07-08T22:00:00.000..2024-07-15T21:59:59.999",
		"expires:30d":                     "expires=2024-07-15T00:00:00.000..2024-08-13T23:59:59.999",
		"expires:<2025":                   "expires=..2024-12-31T23:59:59.999",
		"near:48.85,2.35,10km":            "near=48.85,2.35,10000m",
		"near:48.85,2.35":                 "near=48.85,2.35,10000m",
		"near:-1,2,500m":                  "near=-1,2,500m",
		`tag:"12"" rule"`:                 `tag=12" rule`,
		"(robe)(bleu)":                    "(and robe bleu)",
		`robe"bleu ciel"`:                 `(and robe "bleu+ciel")`,
		"id:a_01hzzzzzzzzzzzzzzzzzzzzzzz": "id=a_01hzzzzzzzzzzzzzzzzzzzzzzz",
	} {
		n, err := newSchema().parse(q, env)
		if err != nil {
			t.Errorf("%s: %v", q, err)
			continue
		}
		if got := show(n); got != want {
			t.Errorf("%s:\n got %s\nwant %s", q, got, want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for q, want := range map[string]string{
		`été "robe`:    `4+1: this quotation mark is never closed`,
		"(robe":        "0+1: this parenthesis is never closed",
		"robe)":        "4+1: this parenthesis was never opened",
		"a ()":         "3+1: there is nothing between",
		"OR robe":      "0+2: OR needs something before",
		"robe OR":      "5+2: OR needs something after",
		"robe NOT":     "5+3: NOT needs something after",
		"???":          "0+3: there is no word",
		"tpye:image":   "0+4: there is no field “tpye” (did you mean type: ?)",
		"zzzzzz:image": `0+6: there is no field “zzzzzz” (put it in quotation marks to search for the text: "zzzzzz:image")`,
		"type:":        "0+5: type: needs a value",
		"type:imgae":   "5+5: “imgae” is not a value of type (did you mean type:image?)",
		"type:jpeg": "5+4: “jpeg” is not a value of type (use one of image, video, audio, " +
			"document, other; file formats are asked for with format:jpeg)",
		"status:draft,aproved":        "13+7: “aproved” is not a value of status (did you mean status:approved?)",
		"width:wide":                  "6+4: “wide” is not a value of width",
		"width:3..1":                  "6+4: this range ends before it starts (did you mean width:1..3?)",
		"size:5XB":                    "5+3: “5XB” is not a value of size",
		"taken:2024-13":               "6+7: “2024-13” is not a value of taken",
		"taken:2024..soon":            "12+4: “soon” is not a value of taken",
		"near:48.85":                  "5+5: a place is written as",
		"near:98,2,1km":               "5+8: the latitude",
		"near:48,2,farkm":             "5+10: the distance",
		"ro*be":                       "2+1: * only works at the end",
		"tag:r*d":                     "5+1: * only works at the end",
		"id:42":                       "3+2: this is not the id",
		"missing:foo":                 "8+3: “foo” is not a value of missing",
		"été type:imgae":              "9+5: “imgae”", // characters, not bytes
		strings.Repeat("(", 60) + "a": "50+1: parentheses are nested too deep",
		strings.Repeat("a", 5000):     "0+5000: the query is longer",
	} {
		_, err := newSchema().parse(q, testEnv)
		var se *SyntaxError
		if !errors.As(err, &se) {
			t.Errorf("%s: got %v", q, err)
			continue
		}
		got := fmt.Sprintf("%d+%d: %s", se.Pos, se.Len, se.Reason.Text())
		if se.Reason.Advice() == "" {
			t.Errorf("%s: %s: no suggestion", q, se.Reason.Text())
		}
		got += " (" + se.Reason.Advice() + ")"
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s:\n got %s\nwant %s", q, got, want)
		}
		var de *dam.Error
		if !errors.As(err, &de) || de.Code != dam.Invalid || de.Field != "q" || de.Advice() == "" {
			t.Errorf("%s: not a dam.Error about q: %v", q, err)
		}
	}
}

// Every example of the table is a valid query, and every field has one.
func TestFieldExamples(t *testing.T) {
	for _, f := range Fields() {
		if f.Doc == "" || f.Example == "" {
			t.Errorf("%s: no documentation", f.Name)
		}
		if f.Kind == KindID || f.Kind == KindSimilar {
			continue // their examples are shortened
		}
		if _, err := Parse(f.Example, testEnv); err != nil {
			t.Errorf("%s: %v", f.Example, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`a "b c" -d (e OR f*)`, "type:image,video width:>3 near:1,2,3km", "((", `tag:"`, "-:a:b",
		"taken:1..2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, q string) {
		n, err := Parse(q, testEnv)
		var se *SyntaxError
		if err != nil && (!errors.As(err, &se) || se.Pos < 0 || se.Len < 1 || se.Reason.Text() == "" ||
			se.Reason.Advice() == "") {
			t.Errorf("%q: %v", q, err)
		}
		if err == nil && n == nil {
			t.Errorf("%q: no tree", q)
		}
	})
}

// An own field that somebody doesn't see keeps its name: nothing else is meant by it.
func TestHiddenFieldKeepsItsName(t *testing.T) {
	defs := []dam.CustomField{{Key: "brand", Type: dam.FieldText, SeenBy: []dam.Role{dam.Publisher}}}
	schema, _ := newSchema().with(map[string][]dam.CustomField{"l": defs})
	st := state{schema: schema}
	see := func(role dam.Role, library, name string) *Field {
		grants := []dam.Grant{{Role: role, May: dam.SetOf(dam.MaySee), Whole: true}}
		return st.shownTo(dam.Principal{ID: "u", Access: map[string]dam.Access{
			"l": {Fields: dam.FieldRules(defs), Grants: grants}, "m": {Grants: grants}}}).schema.lookup(library, name)
	}
	own, builtIn := schema.custom["l"][0], schema.byName["brand"]
	for _, c := range []struct {
		role          dam.Role
		library, name string
		want          *Field
	}{
		{dam.Viewer, "l", "brand", nil}, {dam.Publisher, "l", "brand", own}, {dam.Viewer, "m", "brand", builtIn},
		{dam.Viewer, "l", "category", schema.byName["category"]},
	} {
		if got := see(c.role, c.library, c.name); got != c.want {
			t.Errorf("%s of %s is for a %s %v, want %v", c.name, c.library, c.role, got, c.want)
		}
	}
}
