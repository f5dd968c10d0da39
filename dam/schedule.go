package dam

import (
	"encoding/json"
	"slices"
	"time"

	"vitrine/dam/reasons"
)

// Schedule is when a channel publishes: its queue, its policy for late publications and its limits.
type Schedule struct {
	Zone  string      `json:"zone,omitempty" doc:"IANA zone of the slots; the library's when left out"`
	Slots []QueueSlot `json:"slots,omitempty" doc:"The weekly queue: \"next-slot\" takes the first that is free"`
	// CatchUp is what happens to a publication that could not start in time.
	CatchUp CatchUp `json:"catch_up,omitempty" enum:"late,skip,ask" doc:"late when left out"`
	// GraceMinutes is how late a publication still counts as in time, for skip and ask.
	GraceMinutes int `json:"grace_minutes,omitempty" minimum:"0" maximum:"10080" doc:"Minutes; 15 when 0"`
	// Rates are limits set by people, in addition to those of the remote.
	Rates []Rate `json:"rates,omitempty"`
}

// QueueSlot is a weekly moment at which a channel publishes one item of its queue.
type QueueSlot struct {
	Day string `json:"day" enum:"mon,tue,wed,thu,fri,sat,sun"`
	At  string `json:"at" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"HH:MM by the clock on the wall"`
}

// CatchUp is a policy for publications that missed their time.
type CatchUp string

const (
	CatchUpLate CatchUp = "late" // sent as soon as possible
	CatchUpSkip CatchUp = "skip" // cancelled, with the reason
	CatchUpAsk  CatchUp = "ask"  // failed, with the reason; a person retries or cancels
)

// Rate is a limit of an account: at most Max publications in any span of the given length.
type Rate struct {
	Max     int `json:"max" minimum:"1"`
	Minutes int `json:"minutes" minimum:"1" maximum:"525600"`
}

// Per returns the span of the limit.
func (r Rate) Per() time.Duration { return time.Duration(r.Minutes) * time.Minute }

// weekdays are in the order of time.Weekday.
var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Grace returns how late a publication still counts as in time.
func (s Schedule) Grace() time.Duration {
	if s.GraceMinutes == 0 {
		return 15 * time.Minute
	}
	return time.Duration(s.GraceMinutes) * time.Minute
}

// Validate checks zone, slots, policy and rates.
func (s Schedule) Validate() error {
	if s.Zone != "" {
		if _, err := Zone(s.Zone); err != nil {
			return InvalidInput("schedule.zone", reasons.NoTimeZone(s.Zone))
		}
	}
	for _, x := range s.Slots {
		if _, err := time.Parse("15:04", x.At); err != nil || len(x.At) != 5 || !slices.Contains(weekdays[:], x.Day) {
			return InvalidInput("schedule.slots", reasons.NotAScheduleSlot())
		}
	}
	switch s.CatchUp {
	case "", CatchUpLate, CatchUpSkip, CatchUpAsk:
	default:
		return InvalidInput("schedule.catch_up", reasons.NoCatchUpPolicy(string(s.CatchUp)))
	}
	for _, r := range s.Rates {
		if r.Max < 1 || r.Minutes < 1 {
			return InvalidInput("schedule.rates", reasons.RateForm())
		}
	}
	if s.GraceMinutes < 0 {
		return InvalidInput("schedule.grace_minutes", reasons.GraceNegative())
	}
	return nil
}

// SlotsBetween returns the instants of the slots from ≤ t < until, in order and without repetition.
func (s Schedule) SlotsBetween(from, until time.Time, zone *time.Location) []time.Time {
	var out []time.Time
	for day := from.In(zone).AddDate(0, 0, -1); day.Before(until.AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		for _, x := range s.Slots {
			if x.Day != weekdays[day.Weekday()] {
				continue
			}
			t, err := Resolve(day.Format(time.DateOnly)+"T"+x.At+":00", zone)
			if err == nil && !t.Before(from) && t.Before(until) {
				out = append(out, t.UTC())
			}
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return slices.Compact(out)
}

// Zone loads an IANA zone. It refuses "Local" and "".
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, &Error{Code: Invalid, Reason: reasons.TimeZoneUnknown(name)}
	}
	return time.LoadLocation(name)
}

// Recurrence is when a series repeats: a wall-clock time in a zone. On a day without that time (the gap of a spring
// change) the occurrence is at the next valid minute, and where the time exists twice it is at the first. A month
// without the day (31 February) has no occurrence.
type Recurrence struct {
	Start string   `json:"start" doc:"Wall-clock time of the first, YYYY-MM-DDTHH:MM[:SS]"`
	Zone  string   `json:"zone,omitempty" doc:"IANA zone; the library's when left out"`
	Every string   `json:"every" enum:"day,week,month"`
	Step  int      `json:"step,omitempty" minimum:"0" maximum:"366" doc:"Every so many days, weeks or months; 1 when left out"`
	Days  []string `json:"days,omitempty" doc:"For weeks: mon, tue, …; the day of the start when left out"`
	Until string   `json:"until,omitempty" doc:"The last day, YYYY-MM-DD in the zone"`
	Count int      `json:"count,omitempty" minimum:"0" maximum:"10000" doc:"At most so many; 0 is without end"`
}

// Validate checks a recurrence whose zone is set.
func (r Recurrence) Validate() error {
	if _, err := Zone(r.Zone); err != nil {
		return InvalidInput("repeat.zone", reasons.NoTimeZone(r.Zone))
	}
	if _, err := r.start(); err != nil {
		return InvalidInput("repeat.start", reasons.NotAWallClockMinute())
	}
	if r.Every != "day" && r.Every != "week" && r.Every != "month" {
		return InvalidInput("repeat.every", reasons.SeriesPeriod())
	}
	if r.Step < 0 || r.Count < 0 {
		return InvalidInput("repeat.step", reasons.StepNegative())
	}
	for _, d := range r.Days {
		if !slices.Contains(weekdays[:], d) || r.Every != "week" {
			return InvalidInput("repeat.days", reasons.NotAWeekday(d))
		}
	}
	if r.Until != "" {
		if _, err := time.Parse(time.DateOnly, r.Until); err != nil {
			return InvalidInput("repeat.until", reasons.NotADate())
		}
	}
	return nil
}

func (r Recurrence) start() (time.Time, error) {
	if len(r.Start) == len("2006-01-02T15:04") {
		return time.Parse("2006-01-02T15:04", r.Start)
	}
	return time.Parse(WallLayout, r.Start)
}

// Occurrences calls fn with the number and the instant of each occurrence from number n on (0 is the first), until fn
// returns false, the count is reached or the last day is past. It doesn't call fn if the recurrence is invalid.
func (r Recurrence) Occurrences(n int, fn func(n int, at time.Time) (more bool)) {
	if r.Validate() != nil {
		return
	}
	// Wall-clock times are computed as if in UTC, where every day has 24 hours.
	start, _ := r.start()   // validated
	zone, _ := Zone(r.Zone) // validated
	step := max(r.Step, 1)
	number := -1
	emit := func(wall time.Time) bool {
		if wall.Before(start) {
			return true
		}
		if r.Until != "" && wall.Format(time.DateOnly) > r.Until {
			return false
		}
		if number++; r.Count > 0 && number >= r.Count {
			return false
		}
		if number < n {
			return true
		}
		at, err := Resolve(wall.Format(WallLayout), zone)
		return err == nil && fn(number, at.UTC())
	}
	// Ten thousand periods bound the search for a recurrence that never matches.
	for i := range 10_000 {
		switch r.Every {
		case "day":
			if !emit(start.AddDate(0, 0, i*step)) {
				return
			}
		case "week":
			monday := start.AddDate(0, 0, -(int(start.Weekday())+6)%7+7*i*step)
			for d := range 7 {
				wall := monday.AddDate(0, 0, d)
				wanted := wall.Weekday() == start.Weekday()
				if len(r.Days) > 0 {
					wanted = slices.Contains(r.Days, weekdays[wall.Weekday()])
				}
				if wanted && !emit(wall) {
					return
				}
			}
		case "month":
			wall := time.Date(start.Year(), start.Month()+time.Month(i*step), start.Day(), start.Hour(), start.Minute(),
				start.Second(), 0, time.UTC)
			if wall.Day() == start.Day() && !emit(wall) { // a month without a 31st has no occurrence
				return
			}
		}
	}
}

// Campaign is a name under which publications are held and released together.
type Campaign struct {
	ID        string    `json:"id"`
	Library   string    `json:"library"`
	Revision  int64     `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	Name      string    `json:"name" minLength:"1" maxLength:"200"`
	Held      bool      `json:"held" doc:"Nothing of it is sent until it is resumed"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Series plans the same publication repeatedly. Each occurrence is a publication of its own.
type Series struct {
	ID       string   `json:"id"`
	Library  string   `json:"library"`
	Revision int64    `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	Asset    string   `json:"asset"`
	Channel  string   `json:"channel" doc:"Id of the channel"`
	Campaign string   `json:"campaign,omitempty" doc:"Id of the campaign"`
	Presets  []string `json:"presets"`
	Caption  string   `json:"caption,omitempty"`
	Post
	Repeat Recurrence `json:"repeat"`
	// Planned counts the occurrences that have been planned or skipped.
	Planned int  `json:"planned"`
	Ended   bool `json:"ended" doc:"Nothing more is planned"`
	// Note says why an occurrence was skipped, or why the series ended.
	Note        string           `json:"note,omitempty"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
	CreatedAt   time.Time        `json:"created_at"`
	CreatedBy   string           `json:"created_by"`
	UpdatedAt   time.Time        `json:"updated_at"`
}

// Post is what is published along with the caption.
type Post struct {
	// FirstComment is posted under the post on channels that support it.
	FirstComment string `json:"first_comment,omitempty" maxLength:"10000"`
	// Link is the post's link. On channels without a place for a link it is appended to the caption.
	Link string `json:"link,omitempty" maxLength:"2048" doc:"http or https"`
	UTM  *UTM   `json:"utm,omitempty" doc:"Added to the link's query"`
	// Language is the language of the post's texts, for channels that are told it; the library's when empty.
	Language string `json:"language,omitempty" maxLength:"35" doc:"BCP 47 tag of the post's texts, such as fr-CA; the library's when left out"`
	// Alt replaces the asset's alt text.
	Alt string `json:"alt,omitempty" maxLength:"10000"`
	// Options are the channel's settings for a single publication, described by the channel's options schema.
	Options json.RawMessage `json:"options,omitempty" doc:"What the channel lets one say about a single publication: see limits.options of POST /api/publications/check"`
}

// UTM tags a link so that visits from it can be identified.
type UTM struct {
	Source   string `json:"source,omitempty" doc:"The channel's kind when left out"`
	Medium   string `json:"medium,omitempty"`
	Campaign string `json:"campaign,omitempty"`
	Term     string `json:"term,omitempty"`
	Content  string `json:"content,omitempty"`
}

// Prefixes of ids.
const (
	CampaignPrefix = "cg"
	SeriesPrefix   = "sr"
)
