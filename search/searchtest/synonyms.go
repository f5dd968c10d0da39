package searchtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/search"
)

// expand adds what a library's lines say, the slow way: words of the query, the longest
// run first, against every term of every line.
func (ref reference) expand(n search.Node, lines []string) search.Node {
	if len(lines) == 0 {
		return n
	}
	switch n := n.(type) {
	case search.Or:
		var out search.Or
		for _, c := range n {
			out = append(out, ref.expand(c, lines))
		}
		return out
	case search.Not:
		return search.Not{Node: ref.expand(n.Node, lines)}
	case *search.Words:
		if others := ref.others(typed(n), lines); others != nil {
			return search.Or{n, others}
		}
	case search.And:
		var out search.And
		for i := 0; i < len(n); {
			size := len(n) - i
			for ; size > 1; size-- {
				var words []string
				for _, c := range n[i : i+size] {
					if typed(c) == nil {
						words = nil
						break
					}
					words = append(words, typed(c)...)
				}
				if others := ref.others(words, lines); others != nil {
					var run search.And
					for _, c := range n[i : i+size] {
						run = append(run, ref.expand(c, lines))
					}
					out = append(out, search.Or{run, others})
					break
				}
			}
			if size == 1 {
				out = append(out, ref.expand(n[i], lines))
			}
			i += size
		}
		return out
	}
	return n
}

// typed returns the words of a node that synonyms speak of.
func typed(n search.Node) []string {
	w, ok := n.(*search.Words)
	if !ok || w.Field != search.TextAll || w.Prefix || w.Quoted {
		return nil
	}
	return w.Terms
}

func (ref reference) others(words []string, lines []string) search.Or {
	var out search.Or
	for _, line := range lines {
		left, right, arrow := strings.Cut(line, "=>")
		if !arrow {
			right = left
		}
		for _, l := range strings.Split(left, ",") {
			if len(words) == 0 || !ref.alike(words, plainWords(l)) {
				continue
			}
			for _, r := range strings.Split(right, ",") {
				if to := plainWords(r); !slices.Equal(to, words) {
					out = append(out, &search.Words{Terms: to, Synonym: true})
				}
			}
		}
	}
	return out
}

// alike compares words by their stems in one language, without little words.
func (ref reference) alike(a, b []string) bool {
	says := func(words []string) []string {
		var out []string
		for _, w := range words {
			if !slices.Contains(strings.Fields("the of and le la de des"), w) {
				out = append(out, w)
			}
		}
		if out == nil {
			return words
		}
		return out
	}
	return slices.ContainsFunc([]string{"fr", "en"}, func(lang string) bool {
		return slices.EqualFunc(says(a), says(b), func(x, y string) bool {
			s := ref.stemOf(lang, x)
			return x == y || s != "" && s == ref.stemOf(lang, y)
		})
	})
}

// synonyms are followed like everything else: from their event on, without a reindex, and
// they outlive one and a restart.
func synonyms(t *testing.T, e search.TextEngine) {
	w := newWorld(t, e, 37)
	for _, title := range []string{
		"Velvet sofa", "Grey couches", "Canapé d'angle", "Sofa bed", // 1 to 4
		"Mobile phone", "GSM", // 5, 6
		"Lounge chair", "Living room", "Salle de bain", "Bathroom mirror", "Living in one room", // 7 to 11
	} {
		w.next++
		w.cat.Put(dam.Asset{ID: fmt.Sprintf("a_%026d", w.next), Number: w.next, Library: dam.DefaultLibrary,
			CreatedAt: clock, Title: dam.Text{"": title}})
	}
	w.open()
	want := func(q, want string) {
		t.Helper()
		res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: q, Sort: "created",
			WaitSeq: w.head()})
		if got := strings.Trim(fmt.Sprint(res.Numbers), "[]"); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", q, got, err, want)
		}
	}
	want("sofa", "1 4")
	if err := search.CheckSynonyms(lines()); err != nil {
		t.Fatal(err)
	}
	w.cat.SetSynonyms(dam.DefaultLibrary, lines()...)
	check := func() {
		t.Helper()
		want("sofa", "1 2 3 4")
		want("Canapés", "1 2 3 4") // plurals of what is on a line
		want("gsm", "5 6")
		want("mobile phone", "5") // one way only
		want("living room", "7 8 11")
		want("living chair", "") // what stands for two words needs both
		want("salle de bain", "9 10")
		want("bathroom", "9 10")
		want("salles-de-bain", "9 10")
		want("-sofa -bathroom", "5 6 7 8 11")
		want("velvet OR gsm", "1 5 6")
		want("grey sofa", "2")
		want(`"sofa"`, "1 4")
		want("title:sofa", "1 4")
		want("sof*", "1 4")
		want("sofda", "1 4") // a typing error: only what was typed is forgiven
	}
	check()
	res, err := w.x.Query(w.ctx(), search.Request{Library: dam.DefaultLibrary, Q: "sofa", Sort: "relevance"})
	if err != nil || len(res.Numbers) != 4 || slices.Max(res.Numbers[:2]) != 4 || slices.Min(res.Numbers[:2]) != 1 {
		t.Errorf("what was typed comes first: %v %v", res.Numbers, err)
	}
	none, err := w.x.Query(w.ctx(), search.Request{Library: "outlet", Q: "sofa"})
	if err != nil || none.Total != 0 {
		t.Errorf("another library: %+v %v", none, err)
	}
	if err := w.x.Reindex(w.ctx(), nil); err != nil {
		t.Fatal(err)
	}
	check()
	w.close()
	w.open()
	check()
	w.cat.SetSynonyms(dam.DefaultLibrary, "sofa, banquette")
	want("sofa", "1 4")
	// Nothing is found, though a synonym is near a word that is there: it was not typed.
	w.cat.SetSynonyms(dam.DefaultLibrary, "fauteuil, mirrow")
	want("fauteuil", "")
	want("mirrow", "10")
	for line, at := range map[string]string{"sofa": "two different", "a, ": "missing", "Été, ete": "two different",
		"a => b => c": "arrows", "sof* , couch": "signs", "=> b": "missing",
		"one two three four five six seven eight nine, x": "more than 8"} {
		err := search.CheckSynonyms([]string{"# comment", "", line})
		if dam.CodeOf(err) != dam.Invalid || !strings.Contains(err.Error(), "line 3: ") ||
			!strings.Contains(err.Error(), "lines[2]") || !strings.Contains(err.Error(), at) {
			t.Errorf("%q: %v", line, err)
		}
	}
}

func lines() []string {
	return []string{"# furniture", "sofa, couch, canapé", "", "gsm => mobile phone", "living room => lounge",
		"salle de bain, bathroom"}
}
