package youtube

import "golang.org/x/text/language"

// languages lists the codes that YouTube knows, as i18nLanguages.list returned them in 2026
// (developers.google.com/youtube/v3/docs/i18nLanguages/list). A code that isn't among them, "nb" for instance, has the
// whole upload refused with invalidVideoMetadata (gist.github.com/alexdean/70af1b9e8687c7435ea7ee8a2cfa7b03).
var languages = [...]string{
	"af", "am", "ar", "as", "az", "be", "bg", "bn", "bs", "ca", "cs", "da", "de", "el", "en", "en-GB", "en-IN", "es",
	"es-419", "es-US", "et", "eu", "fa", "fi", "fil", "fr", "fr-CA", "gl", "gu", "hi", "hr", "hu", "hy", "id",
	"is", "it",
	"iw", "ja", "ka", "kk", "km", "kn", "ko", "ky", "lo", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my", "ne",
	"nl", "no",
	"or", "pa", "pl", "pt", "pt-PT", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sr-Latn", "sv", "sw", "ta", "te", "th",
	"tr", "uk", "ur", "uz", "vi", "zh-CN", "zh-HK", "zh-TW", "zu",
}

// languageCode returns YouTube's code for the language of a post, a BCP 47 tag: its own code for a language that has
// several (he is iw, nb is no), the language alone for a region that YouTube doesn't tell apart. It returns "" for a
// language that YouTube doesn't know: the video then goes without one.
func languageCode(tag string) string {
	want, err := language.All.Parse(tag)
	if err != nil || want == language.Und {
		return ""
	}
	base, _ := want.Base()
	var codes []string
	var known []language.Tag
	for _, l := range languages {
		t, err := language.All.Parse(l)
		if b, _ := t.Base(); err == nil && b == base {
			codes, known = append(codes, l), append(known, t)
		}
	}
	if len(known) == 0 {
		return ""
	}
	_, i, _ := language.NewMatcher(known).Match(want)
	return codes[i]
}
