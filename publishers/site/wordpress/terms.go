package wordpress

import (
	"context"
	"encoding/json"
	"errors"
	"html"
	"net/url"
	"strings"

	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// The taxonomies of posts, as the API and the options name them.
const (
	tags       = "tags"
	categories = "categories"
)

type term struct {
	ID   int    `json:"id"`
	Name string `json:"name"` // with HTML's entities
}

// stored writes a name as WordPress stores it (_wp_specialchars with ENT_NOQUOTES in WordPress 6.1, read in November
// 2026), which is what it searches.
var stored = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// terms returns the ids of tags or categories by their names, and makes those that the site doesn't have. Authors may
// make tags and not categories; both are for editors on some sites.
func (p *publisher) terms(ctx context.Context, a publishers.Account, taxonomy string, names []string) ([]int, error) {
	var out []int
	for _, name := range names {
		id, err := p.term(ctx, a, taxonomy, name)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

func (p *publisher) term(ctx context.Context, a publishers.Account, taxonomy, name string) (int, error) {
	var list []term
	if err := p.get(ctx, a, taxonomy, url.Values{"search": {stored.Replace(name)}, "per_page": {"100"}},
		&list); err != nil {
		return 0, err
	}
	for _, t := range list {
		if strings.EqualFold(html.UnescapeString(t.Name), name) {
			return t.ID, nil
		}
	}
	var made term
	err := p.send(ctx, a, taxonomy, map[string]string{"name": name}, &made)
	var e *apiError
	if !errors.As(err, &e) {
		return made.ID, err
	}
	switch e.Code {
	case "term_exists": // two nodes may make one at once
		var there struct {
			ID int `json:"term_id"`
		}
		if json.Unmarshal(e.Data, &there) == nil && there.ID > 0 {
			return there.ID, nil
		}
	case "rest_cannot_create", "rest_forbidden":
		why := reasons.SiteWithoutTag(name)
		if taxonomy == categories {
			why = reasons.SiteWithoutCategory(name)
		}
		return 0, publishers.Permanent("options."+taxonomy, why)
	}
	return 0, err
}
