package delivery

import (
	"time"

	"vitrine/dam"
)

// refused returns nil if the public may see the asset now, and otherwise the error: dam.Gone or dam.NotFound.
func (r *record) refused(now time.Time) error {
	switch seen := dam.VisibilityAt(r.facts, now, dam.UnknownAudience); {
	case seen.Public():
		return nil
	case seen.Gone:
		return errGone()
	}
	return errNone()
}
