// Package delivery decides what the public may see now, and caches the answers. It contains the grammar of public URLs,
// the resolution of an asset to stored bytes by review state and rights, the caches, and the follower of the event log
// that drops changed entries. It doesn't depend on HTTP; see vitrine/web/delivery.
package delivery

import (
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Kind is a family of public URLs.
type Kind uint8

const (
	// Live is /r/{asset}/{preset}: the version that is live now.
	Live Kind = iota + 1
	// Exact is /r/{asset}/{rendition-hash}/{preset}.{ext}: bytes that never change.
	Exact
	// AdHoc is /t/{signature}/{operations}/{asset}.{ext}: signed operations.
	AdHoc
	// Slot is /p/{sku}/{slot}/{preset}: what the slot of a product shows now. A number after the slot is the position;
	// ~{library}/ before the SKU names the library.
	Slot
	// Product is /p/{sku}.json: every slot of a product.
	Product
)

// Ref is a parsed public path. Its strings are parts of the path.
type Ref struct {
	Kind   Kind
	Asset  string
	Preset string // Live, Exact
	Hash   string // Exact: the rendition hash
	Ext    string // Exact, AdHoc: without the dot

	Signature  string // AdHoc
	Operations string // AdHoc, not yet parsed

	Library string // Slot, Product: "" if the path names none
	SKU     string // Slot, Product
	Slot    string // Slot
	N       int    // Slot: 0 if the path has none
}

const (
	maxPath       = 512
	maxPreset     = 43 // 40 and a density such as @2x
	maxOperations = 256
)

// Parse parses the path of a public URL without its query, so that unknown parameters never create cache entries. It
// returns dam.NotFound for a path outside the grammar.
func Parse(path string) (Ref, error) {
	if len(path) > maxPath || dam.CheckLine("path", path) != nil {
		return Ref{}, errPath()
	}
	family, rest, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || path[0] != '/' {
		return Ref{}, errPath()
	}
	var ref Ref
	switch family {
	case "r":
		ref, ok = parseRendition(rest)
	case "t":
		ref, ok = parseAdHoc(rest)
	case "p":
		ref, ok = parseProduct(rest)
	default:
		ok = false
	}
	if !ok {
		return Ref{}, errPath()
	}
	return ref, nil
}

func parseRendition(rest string) (Ref, bool) {
	asset, rest, ok := strings.Cut(rest, "/")
	if !ok || !isID(dam.AssetPrefix, asset) {
		return Ref{}, false
	}
	hash, file, exact := strings.Cut(rest, "/")
	if !exact {
		return Ref{Kind: Live, Asset: asset, Preset: rest}, isPreset(rest)
	}
	preset, ext, ok := strings.Cut(file, ".")
	return Ref{Kind: Exact, Asset: asset, Hash: hash, Preset: preset, Ext: ext},
		ok && isHash(hash) && isPreset(preset) && isExt(ext)
}

func parseAdHoc(rest string) (Ref, bool) {
	signature, rest, _ := strings.Cut(rest, "/")
	operations, file, _ := strings.Cut(rest, "/")
	asset, ext, _ := strings.Cut(file, ".")
	return Ref{Kind: AdHoc, Asset: asset, Ext: ext, Signature: signature, Operations: operations},
		signature != "" && operations != "" && len(operations) <= maxOperations && isID(dam.AssetPrefix, asset) &&
			isExt(ext)
}

func errPath() error {
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NothingUnderPath()}
}

// isID is dam.IsID without allocations: it runs on every public request.
func isID(prefix, s string) bool {
	if len(s) != len(prefix)+27 || s[:len(prefix)] != prefix || s[len(prefix)] != '_' {
		return false
	}
	for i := len(prefix) + 1; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
		case 'a' <= c && c <= 'z' && c != 'i' && c != 'l' && c != 'o' && c != 'u':
		default:
			return false
		}
	}
	return true
}

func isPreset(s string) bool {
	if n := len(s) - 3; n > 0 && s[n] == '@' && '2' <= s[n+1] && s[n+1] <= '4' && s[n+2] == 'x' {
		s = s[:n]
	}
	if s == "" || len(s) > maxPreset || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func isHash(s string) bool {
	if len(s) < 16 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func isExt(s string) bool {
	if len(s) < 2 || len(s) > 5 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
