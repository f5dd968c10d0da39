package dam

import "strings"

// Locale returns a BCP 47 language tag in the case that RFC 5646 (2.1.1) recommends: fr, fr-CA, zh-Hant-TW. Tags that
// differ in case only are one locale. Subtags are not checked (see CheckLocale) and not replaced by others.
func Locale(tag string) string {
	if !strings.Contains(tag, "-") {
		return strings.ToLower(tag)
	}
	parts := strings.Split(tag, "-")
	extension := false // what follows a subtag of one letter has a meaning of its own
	for i, p := range parts {
		switch {
		case i > 0 && !extension && len(p) == 2:
			parts[i] = strings.ToUpper(p)
		case i > 0 && !extension && len(p) == 4:
			parts[i] = strings.ToUpper(p[:1]) + strings.ToLower(p[1:])
		default:
			parts[i] = strings.ToLower(p)
		}
		extension = extension || len(p) == 1
	}
	return strings.Join(parts, "-")
}
