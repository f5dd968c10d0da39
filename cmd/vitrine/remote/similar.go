package remote

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"vitrine/dam"
)

const (
	// similarScore is the least likeness that is told, the one at which the portal's report of near duplicates begins.
	similarScore = 0.9
	// similarLines is how many look-alikes are named; the others are only counted.
	similarLines = 20
	similarPause = 300 * time.Millisecond
)

// likeness is what GET /api/assets/{id}/similar says, as far as it is needed.
type likeness struct {
	Items []struct {
		Asset dam.Asset `json:"asset"`
		Score float64   `json:"score"`
	} `json:"items"`
	Pending bool `json:"pending"`
}

// findSimilar says which of the new assets look like others in the library. The server looks at pictures after their
// upload; what it has not got to within the time is said to be unknown.
func (im *importer) findSimilar(ctx context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	left, found := im.created, 0
	for len(left) > 0 {
		left = slices.DeleteFunc(left, func(line Imported) bool {
			if ctx.Err() != nil {
				return false
			}
			var is likeness
			err := im.Object(ctx, http.MethodGet, fmt.Sprintf("/api/assets/%s/similar?min=%g&limit=1",
				url.PathEscape(line.Asset), similarScore), nil, &is)
			if err != nil || is.Pending {
				return false
			}
			if len(is.Items) > 0 {
				if found++; found <= similarLines {
					_, _ = fmt.Fprintf(im.diag, "%s looks like %s, %.0f %%\n", line.Path, is.Items[0].Asset.ID,
						100*is.Items[0].Score)
				}
			}
			return true
		})
		select {
		case <-ctx.Done():
			im.similarSummary(found, len(left))
			return
		case <-time.After(similarPause):
		}
	}
	im.similarSummary(found, 0)
}

func (im *importer) similarSummary(found, unknown int) {
	if found == 0 && unknown == 0 {
		return
	}
	s := fmt.Sprintf("%d look like something in the library", found)
	if unknown > 0 {
		s += fmt.Sprintf("; %d have not been looked at yet", unknown)
	}
	_, _ = fmt.Fprintln(im.diag, s+" (vitrine duplicates lists them)")
}
