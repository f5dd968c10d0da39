package delivery

import (
	"time"

	"vitrine/dam"
)

// refused is nil when the public may see the asset now; else it answers as one that is gone, or as one that never was
// there.
func (r *record) refused(now time.Time) error {
	switch seen := dam.VisibilityAt(r.facts, now, dam.UnknownAudience); {
	case seen.Public():
		return nil
	case seen.Gone:
		return errGone()
	}
	return errNone()
}
