// Command generate writes what is generated from dam/reasons/reasons.json: the constructors of package reasons, and the
// texts of the portal in every language but English, which the server's answers have already.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vitrine/dam/reasons"
)

func main() {
	root := filepath.Join("..", "..") // go generate runs it in the folder of the package
	b, err := os.ReadFile("reasons.json")
	if err != nil {
		log.Fatal(err)
	}
	var c reasons.Catalogue
	if err := json.Unmarshal(b, &c); err != nil {
		log.Fatal(err)
	}
	for path, make := range outputs {
		text, err := make(c)
		if err == nil {
			err = os.WriteFile(filepath.Join(root, path), text, 0o644)
		}
		if err != nil {
			log.Fatal(path, ": ", err)
		}
	}
}

// outputs names every generated file, below the module's folder.
var outputs = map[string]func(reasons.Catalogue) ([]byte, error){
	"dam/reasons/codes.go":                       constructors,
	"web/portal/src/api/generated/reasons.fr.ts": french,
}

func constructors(c reasons.Catalogue) ([]byte, error) {
	var w bytes.Buffer
	fmt.Fprint(&w, "// Code generated from reasons.json by go generate; DO NOT EDIT.\n\npackage reasons\n")
	for _, code := range slices.Sorted(maps.Keys(c.Reasons)) {
		e := c.Reasons[code]
		names := reasons.Placeholders(e.English + c.Remedies[e.Remedy].English)
		fmt.Fprintf(&w, "\n// Code%s is the code of %s.\nconst Code%s = %q\n", name(code), name(code), name(code), code)
		fmt.Fprintf(&w, "\n// %s: %s\n", name(code), comment(e.English))
		if advice := c.Remedies[e.Remedy].English; advice != "" {
			fmt.Fprintf(&w, "// → %s\n", comment(advice))
		}
		fmt.Fprintf(&w, "func %s(%s) Reason {\n\treturn Reason{ReasonCode: %q%s", name(code), arguments(names), code,
			values(names))
		if e.Remedy != "" {
			fmt.Fprintf(&w, ", RemedyCode: %q", e.Remedy)
		}
		fmt.Fprint(&w, "}\n}\n")
	}
	for _, code := range slices.Sorted(maps.Keys(c.Remedies)) {
		e := c.Remedies[code]
		if !e.Apart {
			continue
		}
		names := reasons.Placeholders(e.English)
		fmt.Fprintf(&w, "\n// Remedy%s: %s\n", name(code), comment(e.English))
		fmt.Fprintf(&w, "func Remedy%s(%s) Remedy {\n\treturn Remedy{Code: %q%s}\n}\n", name(code), arguments(names),
			code, values(names))
	}
	return format.Source(w.Bytes())
}

func comment(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func arguments(names []string) string {
	if len(names) == 0 {
		return ""
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = argument(n)
	}
	return strings.Join(out, ", ") + " any"
}

func values(names []string) string {
	if len(names) == 0 {
		return ""
	}
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = fmt.Sprintf("%q: value(%s)", n, argument(n))
	}
	return ", Params: Params{" + strings.Join(out, ", ") + "}"
}

// name is not_found as NotFound.
func name(code string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(code, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// argument is a placeholder as a parameter of Go.
func argument(placeholder string) string {
	s := name(placeholder)
	s = strings.ToLower(s[:1]) + s[1:]
	switch s {
	case "type", "range", "func", "var", "map", "value": // taken by the language or by this package
		return s + "Of"
	}
	return s
}

func french(c reasons.Catalogue) ([]byte, error) {
	var w bytes.Buffer
	fmt.Fprint(&w, "// Generated from dam/reasons/reasons.json by go generate; don't edit.\n")
	write := func(what string, entries map[string]reasons.Entry) error {
		fmt.Fprintf(&w, "export const %s: Readonly<Record<string, string>> = {\n", what)
		for _, code := range slices.Sorted(maps.Keys(entries)) {
			var text bytes.Buffer
			e := json.NewEncoder(&text)
			e.SetEscapeHTML(false)
			if err := e.Encode(entries[code].French); err != nil {
				return err
			}
			fmt.Fprintf(&w, "  '%s': %s,\n", code, bytes.TrimSpace(text.Bytes()))
		}
		fmt.Fprint(&w, "};\n")
		return nil
	}
	if err := write("reasons", c.Reasons); err != nil {
		return nil, err
	}
	if err := write("remedies", c.Remedies); err != nil {
		return nil, err
	}
	fmt.Fprint(&w, "export const terms: Readonly<Record<string, Readonly<Record<string, string>>>> = {\n")
	for _, kind := range slices.Sorted(maps.Keys(c.Terms)) {
		fmt.Fprintf(&w, "  '%s': {\n", kind)
		for _, value := range slices.Sorted(maps.Keys(c.Terms[kind])) {
			fmt.Fprintf(&w, "    '%s': %q,\n", value, c.Terms[kind][value].French)
		}
		fmt.Fprint(&w, "  },\n")
	}
	fmt.Fprint(&w, "};\n")
	return w.Bytes(), nil
}
