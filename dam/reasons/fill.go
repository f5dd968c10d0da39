package reasons

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}|\{(\w+)(:\w+|\.remedy)?\}`)

// Placeholders lists the values that a sentence names, each once, in their order.
func Placeholders(sentence string) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(sentence, -1) {
		if name := m[2]; name != "" && !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

func fill(sentence string, params Params) string {
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	return placeholder.ReplaceAllStringFunc(sentence, func(s string) string {
		m := placeholder.FindStringSubmatch(s)
		if m[1] != "" {
			return "{" + m[1] + "}"
		}
		switch v := params[m[2]]; m[3] {
		case ":q":
			return strconv.Quote(written(v))
		case ":list":
			return strings.Join(each(v), "; ")
		case ":sentence":
			return Sentence(written(v))
		case ".remedy":
			inner, _ := within(v)
			return inner.Advice()
		default:
			return term(strings.TrimPrefix(m[3], ":"), written(v))
		}
	})
}

// term is a value of one of the catalogue's types in English; what is of none of them, as it is.
func term(kind, v string) string {
	if e, ok := texts().Terms[kind][v]; ok {
		return e.English
	}
	return v
}

// written is a value as English writes it.
func written(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []Reason, []any:
		return strings.Join(each(v), " ")
	case float64: // also every number that was stored
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	if r, ok := within(v); ok {
		return r.Text()
	}
	return fmt.Sprint(v)
}

// each writes the reasons of a list, also of one that comes back from JSON.
func each(v any) []string {
	var texts []string
	switch v := v.(type) {
	case []Reason:
		for _, r := range v {
			texts = append(texts, r.Text())
		}
	case []any:
		for _, r := range v {
			texts = append(texts, written(r))
		}
	}
	return texts
}

// within reads a reason that is a value of another, as it was given or as it comes back from JSON.
func within(v any) (Reason, bool) {
	switch v := v.(type) {
	case Reason:
		return v, true
	case map[string]any:
		code, ok := v["reason"].(string)
		remedy, _ := v["remedy_code"].(string)
		params, _ := v["params"].(map[string]any)
		return Reason{ReasonCode: code, Params: params, RemedyCode: remedy}, ok
	}
	return Reason{}, false
}

// value makes of whatever a caller names what JSON can carry: texts, numbers, truths and reasons.
func value(v any) any {
	switch v := v.(type) {
	case Reason:
		if v.IsZero() {
			return ""
		}
		return v
	case nil, string, bool, int, int64, float64, []Reason:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	case interface{ Why() Reason }: // an error that has a reason of its own
		return v.Why()
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return r.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return r.Uint()
	case reflect.Float32, reflect.Float64:
		return r.Float()
	case reflect.Bool:
		return r.Bool()
	}
	return fmt.Sprint(v)
}

// Encode writes reasons as they are stored; "" for none.
func Encode(list ...Reason) string {
	if len(list) == 0 {
		return ""
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts, numbers, truths and reasons always marshal
	}
	return string(b)
}

// legacy is CodeLegacy; here it is spelled out, so that the generator runs without what it generates.
const legacy = "legacy"

// Decode reads what Encode wrote. Anything else was stored by a version that kept sentences: it becomes one reason
// with the code legacy, whose text is the sentence.
func Decode(stored string) []Reason {
	if stored == "" {
		return nil
	}
	var list []Reason
	if strings.HasPrefix(stored, `[{"reason":`) && json.Unmarshal([]byte(stored), &list) == nil {
		return list
	}
	return []Reason{worded(stored, "")}
}

// Sentence begins with a capital and ends with a stop. What begins with a name that has none keeps it.
func Sentence(s string) string {
	if s == "" {
		return ""
	}
	if c := s[0]; 'a' <= c && c <= 'z' && len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' || strings.HasPrefix(s, "a ") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.ContainsRune(".!?…}", rune(s[len(s)-1])) && !strings.HasSuffix(s, "…") {
		s += "."
	}
	return s
}

// Join puts the texts of several reasons one after the other.
func Join(list []Reason) string {
	texts := make([]string, len(list))
	for i, r := range list {
		texts[i] = r.Text()
	}
	return strings.Join(texts, " ")
}

// Map puts every text among the values through f, those of reasons within too.
func (r Reason) Map(f func(string) string) Reason {
	if len(r.Params) == 0 {
		return r
	}
	all := make(Params, len(r.Params))
	for k, v := range r.Params {
		all[k] = v
		switch v := v.(type) {
		case string:
			all[k] = f(v)
		case Reason:
			all[k] = v.Map(f)
		}
	}
	r.Params = all
	return r
}

// Complete makes the sentences of what has a reason, for people; what has sentences only was stored by a version
// without codes, and gets the code legacy.
func Complete(r *Reason, message, remedy *string) {
	switch {
	case r.IsZero() && *message != "":
		*r = worded(*message, *remedy)
	case r.ReasonCode == legacy && *remedy != "":
		*r = worded(r.Text(), *remedy)
	case *message != "" && !known(r.ReasonCode):
		return // a newer version's: its own words are better than a code
	}
	*message, *remedy = r.Text(), r.Advice()
}

func known(code string) bool { _, ok := texts().Reasons[code]; return ok }

func worded(text, remedy string) Reason {
	return Reason{ReasonCode: legacy, Params: Params{"text": text, "remedy": remedy}, RemedyCode: "as_said"}
}

// Note is what a note says, for people and as codes. The zero Reason says nothing.
func Note(why ...Reason) (string, []Reason) {
	why = slices.DeleteFunc(why, Reason.IsZero)
	if len(why) == 0 {
		return "", nil
	}
	return Join(why), why
}

// Reworded makes the sentence of a note that is stored in both forms. One that was stored by a version without codes
// gets the code legacy; one of a newer version keeps its own words.
func Reworded(said string, why []Reason) (string, []Reason) {
	if len(why) == 0 {
		return said, Decode(said)
	}
	if said != "" && slices.ContainsFunc(why, func(r Reason) bool { return !known(r.ReasonCode) }) {
		return said, why
	}
	return Join(why), why
}
