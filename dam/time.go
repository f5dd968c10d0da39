package dam

import (
	"time"

	"vitrine/dam/reasons"
)

// WallLayout is a wall-clock time without a zone.
const WallLayout = "2006-01-02T15:04:05"

// Capture is when a picture was taken: the camera's wall clock, and its offset
// from UTC when the camera recorded one ("+02:00", "" when unknown).
type Capture struct {
	Wall   string `json:"wall" doc:"YYYY-MM-DDTHH:MM:SS by the camera's clock"`
	Offset string `json:"offset,omitempty" doc:"±HH:MM; absent when the camera did not say"`
}

// Time returns the instant; if the offset is missing, the wall clock is read in the given zone.
func (c Capture) Time(zone *time.Location) (time.Time, error) {
	if c.Offset != "" {
		return time.Parse("2006-01-02T15:04:05-07:00", c.Wall+c.Offset)
	}
	return time.ParseInLocation(WallLayout, c.Wall, zone)
}

// Resolve returns the instant of a wall-clock time in a zone: in the gap of a spring change the next valid minute, in
// the overlap of an autumn change the first of the two.
func Resolve(wall string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(WallLayout, wall, zone)
	if err != nil {
		return time.Time{}, InvalidInput("at", reasons.NotAWallClockSecond())
	}
	if t.Format(WallLayout) == wall {
		// Overlap: if an earlier instant shows the same wall clock, it wins. No zone shifts by more than 3 hours.
		for _, d := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour, 3 * time.Hour} {
			if e := t.Add(-d); e.Format(WallLayout) == wall {
				return e, nil
			}
		}
		return t, nil
	}
	// Gap: the first instant after the change. The clock before it has the offset of some hours earlier; find the
	// change by bisection.
	lo, hi := t.Add(-6*time.Hour), t.Add(6*time.Hour)
	_, before := lo.Zone()
	for hi.Sub(lo) > time.Second {
		mid := lo.Add(hi.Sub(lo) / 2)
		if _, off := mid.Zone(); off == before {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi.Truncate(time.Second), nil
}
