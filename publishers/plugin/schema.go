package plugin

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
)

// schemaDialect is the dialect of Schema.
const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// steps are the steps' requests and answers. needs are the members that a step always has, besides those that its type
// requires.
var steps = []struct {
	name           string
	about          string
	request        []string
	answer         any
	needs          []string
	absent, always bool
}{
	{name: "describe", about: "What the service can do; asked when the channel is added, changed or tested",
		answer: described{}},
	{name: "verify", about: "Proof that the account works, leaving nothing visible", answer: dam.ChannelIdentity{}},
	{name: "refresh", about: "Renew the credentials, after auth_expired; on one node at a time", answer: refreshed{}},
	{name: "prepare", about: "Uploads; may be repeated, and nothing of it may be public", request: []string{"intent"},
		answer: prepared{}},
	{name: "commit", about: "The one irreversible call", request: []string{"intent"}, answer: answer{},
		needs: []string{"remote"}},
	{name: "lookup", about: "What became of a commit whose answer was lost", request: []string{"intent"},
		answer: answer{},
		needs:  []string{"verdict"}},
	{name: "status", about: "Whether something delivered is still there", request: []string{"intent", "receipt"},
		answer: answer{}, needs: []string{"verdict"}},
	{name: "comment", about: "Put content.first_comment under the post; asked once, if describe answers comments",
		request: []string{"intent", "receipt"}, answer: commented{}},
	{name: "recall", about: "Remove the post, its comment, and what prepare left; what is not there is a success. " +
		"The intent has id, content.asset and what was sent", request: []string{"intent"}, answer: recalled{}},
}

// Schema returns the contract as a JSON Schema: $defs has STEP.request and STEP.answer for every step, and error. It is
// made from the types that are sent.
func Schema() ([]byte, error) {
	g := generator{defs: map[string]any{}}
	for _, s := range steps {
		request := g.object(reflect.TypeFor[call]())
		if len(s.request) > 0 {
			request["required"] = s.request
		}
		request["description"] = s.about
		g.defs[s.name+".request"] = request
		reply := g.object(reflect.TypeOf(s.answer))
		if len(s.needs) > 0 {
			reply["required"] = s.needs
		}
		g.defs[s.name+".answer"] = reply
	}
	g.defs["error"] = g.object(reflect.TypeFor[fault]())
	return json.MarshalIndent(map[string]any{"$schema": schemaDialect, "title": "Vitrine plug-in contract",
		"description": "Each step is a signed POST <url>/STEP of STEP.request, answered by STEP.answer, or by error " +
			"with a status from 400 on. Members that are not listed may be added; skip what you don't know.",
		"$defs": g.defs}, "", " ")
}

type generator struct{ defs map[string]any }

// choices are the values of types that are enumerations.
var choices = map[reflect.Type][]any{
	reflect.TypeFor[publishers.Verdict](): {publishers.Delivered, publishers.Absent, publishers.Undecided},
	reflect.TypeFor[publishers.Idempotency](): {publishers.Durable, publishers.Windowed, publishers.ByHandle,
		publishers.NoIdempotency},
	reflect.TypeFor[publishers.Class](): {publishers.ClassRetry, publishers.ClassThrottled, publishers.ClassAuthExpired,
		publishers.ClassDisconnected, publishers.ClassPermanent, publishers.ClassUnknown},
}

// unsent are members of the Go types that are not part of the contract.
var unsent = map[string]bool{"capabilities.settle": true, "capabilities.limit_reasons": true}

func (g generator) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	case choices[t] != nil:
		return map[string]any{"type": "string", "enum": choices[t]}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem())
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": g.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": g.of(t.Elem())}
	case reflect.Struct:
		name := strings.ToLower(t.Name()[:1]) + t.Name()[1:]
		if _, known := g.defs[name]; !known {
			g.defs[name] = nil // it may refer to itself
			g.defs[name] = g.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	}
	return map[string]any{}
}

func (g generator) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, map[string]bool{}
	g.members(t, properties, required)
	out := map[string]any{"type": "object", "properties": properties}
	if len(required) > 0 {
		out["required"] = slices.Sorted(maps.Keys(required))
	}
	return out
}

// members adds the members of a struct; those of an embedded one come first, so that the outer ones take their place.
func (g generator) members(t reflect.Type, properties map[string]any, required map[string]bool) {
	fields := reflect.VisibleFields(t)
	for _, f := range fields {
		if f.Anonymous && len(f.Index) == 1 {
			g.members(f.Type, properties, required)
		}
	}
	for _, f := range fields {
		name, how, _ := strings.Cut(f.Tag.Get("json"), ",")
		key := strings.ToLower(t.Name()) + "." + name
		if len(f.Index) != 1 || f.Anonymous || name == "" || name == "-" || unsent[key] {
			continue
		}
		p := g.of(f.Type)
		if about := f.Tag.Get("doc"); about != "" {
			p["description"] = about
		} else if about := descriptions[key]; about != "" {
			p["description"] = about
		}
		properties[name] = p
		delete(required, name)
		// describe may leave out what it can't do
		if how != "omitempty" && t != reflect.TypeFor[publishers.Capabilities]() {
			required[name] = true
		}
	}
}

// descriptions are those of members whose types say nothing of them, by type and member.
var descriptions = map[string]string{
	"capabilities.media":        "Which files the remote takes; they are chosen from the renditions by it",
	"capabilities.caption_unit": "What caption_max counts: runes, graphemes, bytes or weighted",
	"capabilities.caption_max":  "The longest text; 0 is no limit",
	"capabilities.pull": "The service fetches the files from content.media[].url itself: the server needs a " +
		"public URL",
	"capabilities.idempotency": "What a second commit does; none when left out",
	"capabilities.update":      "A newer revision replaces what is there",
	"capabilities.repeat":      "Another publication of the same asset is a post of its own",
	"capabilities.recall":      "What was delivered can be taken back",
	"capabilities.residue":     "prepare leaves files where others can see them; recall removes those, too",
	"capabilities.parallel":    "How many publications may be sent at once; 1 when left out",
	"capabilities.comments":    "There is a step comment",
	"capabilities.link":        "A post has a place of its own for content.link; otherwise the link ends content.text",
	"capabilities.options": "JSON Schema of content.options: one flat object, without $ref. A property's x-values " +
		"has labels for its enum, x-fr its title, description and values in French",
	"capabilities.rates":        "Limits of the account, which are kept within",
	"capabilities.limits":       "The same in words, for people",
	"mediarules.single":         "One file is sent: the largest rendition that fits, a video before any picture",
	"mediarules.formats":        "jpeg, png, webp, avif, mp4 …; all when left out",
	"mediarules.max_bytes":      "Bytes; 0 is no limit",
	"mediarules.min_seconds":    "Of video",
	"mediarules.max_seconds":    "Of video; 0 is no limit",
	"mediarules.max_film_bytes": "Of video, if that differs from max_bytes",
	"rate.max":                  "Publications",
	"rate.minutes":              "In as many minutes",
	"channelidentity.id":        "Of the account at the remote; a change means another account",
	"channelidentity.name":      "Of the account, for people",
	"channelidentity.url":       "Of the account, for people",
	"content.asset":             "Id of the asset",
	"content.version":           "Id of the approved version",
	"content.title":             "By locale",
	"content.description":       "By locale",
	"content.alt":               "Alternative text of the picture, by locale",
	"content.caption":           "The asset's own caption, by locale; the post's text is text",
	"content.tags":              "The asset's keywords",
	"content.skus":              "Products that the asset shows",
	"content.slots":             "Places that the asset has on these products",
	"content.creator":           "Who made it",
	"content.copyright":         "The notice to be shown",
	"content.captured":          "When the picture was taken",
	"content.focal":             "The point that crops keep, as fractions of width and height",
	"content.rights":            "When and where it may be shown",
	"content.text":              "The post's text, as the person who planned it wrote it; absent for posts by rule",
	"content.link":              "The post's link, if describe answers link",
	"content.first_comment":     "What the step comment puts under the post",
	"content.options":           "The options of this publication, as describe's schema says",
	"slotposition.sku":          "Of the product",
	"media.preset":              "The preset that the rendition was made by",
	"media.format":              "jpeg, png, webp, avif, mp4 …",
	"media.media_type":          "As in Content-Type",
	"media.sha256":              "Of the file's bytes; its name in need and media/{sha256}",
	"media.size":                "Bytes",
	"media.width":               "Pixels",
	"media.height":              "Pixels",
	"point.x":                   "0 is the left edge, 1 the right one",
	"point.y":                   "0 is the upper edge, 1 the lower one",
	"receipt.url":               "Where people see it",
	"receipt.at":                "When it was delivered",
	"receipt.version":           "Id of the version that was sent",
	"receipt.media":             "The exact files that were sent",
	"receipt.caption":           "The text that was sent",
	"receipt.comment":           "The first comment",
	"receipt.gone":              "The proof of its recall",
	"sentmedia.preset":          "The preset that the rendition was made by",
	"sentmedia.format":          "jpeg, png, webp, avif, mp4 …",
	"sentmedia.sha256":          "Of the file's bytes",
	"sentcomment.at":            "When it was sent",
	"sentcomment.text":          "What was sent",
	"removal.at":                "When it was gone",
}
