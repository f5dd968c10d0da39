package dam

import (
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// ScreenPrefix is the prefix of screen ids.
const ScreenPrefix = "sc"

// Showing is how a screen group shows one publication: the publication's options on a signage channel. The zero value
// shows it always, at the end of the playlist.
type Showing struct {
	From  Date `json:"from,omitempty" doc:"First day, by the date at the screens"`
	Until Date `json:"until,omitempty" doc:"Last day, inclusive"`
	// DayParts are the times of the week when it is shown, separated by semicolons; "" means always.
	DayParts string `json:"day_parts,omitempty" doc:"mon-fri 08:00-12:00; sat,sun 10:00-18:00"`
	// Order is the position in the playlist, lowest first. If it is nil, the planned instant in Unix seconds takes its
	// place, so that new entries come last.
	Order   *float64 `json:"order,omitempty"`
	Seconds int      `json:"seconds,omitempty" doc:"How long it is shown; the group's when left out"`
}

// Validate checks dates, day-parts and duration; errors name the member.
func (s Showing) Validate() error {
	if err := CheckDays("options", s.From, s.Until); err != nil {
		return err
	}
	if _, err := ParseDayParts(s.DayParts); err != nil {
		return err
	}
	if s.Seconds < 0 || s.Seconds > 86400 {
		return InvalidInput("options.seconds", reasons.PictureSecondsRange())
	}
	return nil
}

// DayPart is a time of the week by the wall clock: on these days from From until just before Until, which is on the
// next day if it is not later than From.
type DayPart struct {
	Days  []string `json:"days" doc:"mon … sun: the days on which it begins"`
	From  string   `json:"from" doc:"HH:MM"`
	Until string   `json:"until" doc:"HH:MM, 24:00 for midnight"`
}

// ParseDayParts reads "mon-fri 08:00-12:00; sat,sun 10:00-18:00". Days or hours may be
// left out: every day, and the whole day.
func ParseDayParts(text string) ([]DayPart, error) {
	parts := []DayPart{}
	for one := range strings.SplitSeq(strings.ToLower(text), ";") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		p, ok := parseDayPart(one)
		if !ok {
			return nil, InvalidInput("options.day_parts", reasons.NotATimeOfWeek(one))
		}
		parts = append(parts, p)
	}
	return parts, nil
}

func parseDayPart(text string) (p DayPart, ok bool) {
	fields := strings.Fields(text)
	if len(fields) > 2 || len(fields) == 2 && strings.Contains(fields[0], ":") {
		return p, false
	}
	p = DayPart{Days: weekFrom(1, 7), From: "00:00", Until: "24:00"}
	if !strings.Contains(fields[0], ":") {
		if p.Days, ok = parseDays(fields[0]); !ok {
			return p, false
		}
		if fields = fields[1:]; len(fields) == 0 {
			return p, true
		}
	}
	p.From, p.Until, ok = strings.Cut(fields[0], "-")
	return p, ok && clock(p.From) && (clock(p.Until) || p.Until == "24:00") && p.From != p.Until
}

func clock(s string) bool {
	_, err := time.Parse("15:04", s)
	return err == nil && len(s) == len("15:04")
}

// parseDays reads "mon-fri" and "sat,sun"; a range may cross Sunday.
func parseDays(text string) (days []string, ok bool) {
	for one := range strings.SplitSeq(text, ",") {
		first, last, span := strings.Cut(one, "-")
		a, b := slices.Index(weekdays[:], first), slices.Index(weekdays[:], last)
		if !span {
			b = a
		}
		if a < 0 || b < 0 {
			return nil, false
		}
		days = append(days, weekFrom(a, (b-a+7)%7+1)...)
	}
	return days, true
}

func weekFrom(day, n int) (days []string) {
	for i := range n {
		days = append(days, weekdays[(day+i)%7])
	}
	return days
}

// SignageEntry is one picture or video in the playlist of a screen group.
type SignageEntry struct {
	Publication string `json:"publication"`
	// Revision is the revision of the publication. An older revision never replaces a newer one.
	Revision int64  `json:"revision"`
	Digest   string `json:"digest"`
	Asset    string `json:"asset"`
	Version  string `json:"version"`
	// Original is the SHA-256 of the approved original, which is part of the object key of the file.
	Original string       `json:"original"`
	Title    string       `json:"title,omitempty"`
	Alt      string       `json:"alt,omitempty"`
	Rights   Rights       `json:"rights"`
	Showing  Showing      `json:"showing"`
	Planned  time.Time    `json:"planned" doc:"When the publication was made"`
	File     SignageMedia `json:"file"`
}

// SignageMedia is the file of an entry.
type SignageMedia struct {
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size" doc:"Bytes"`
	MediaType string `json:"media_type"`
	Format    Format `json:"format"`
	Hash      string `json:"hash" doc:"Names the rendition"`
	Preset    string `json:"preset"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

// Place returns the entry's position in the playlist.
func (e SignageEntry) Place() float64 {
	if e.Showing.Order != nil {
		return *e.Showing.Order
	}
	return float64(e.Planned.UnixMicro()) / 1e6
}

// SignageFeed is the feed of a screen group. It is signed as a whole.
type SignageFeed struct {
	Schema string `json:"schema" doc:"vitrine.signage/1"`
	Group  string `json:"group" doc:"Id of the channel"`
	Name   string `json:"name"`
	// Version identifies what is shown and how; it changes only when that does.
	Version     string `json:"version"`
	Zone        string `json:"zone" doc:"IANA zone of dates and day-parts"`
	Orientation string `json:"orientation" enum:"landscape,portrait,portrait-flipped"`
	Fit         string `json:"fit" enum:"contain,cover"`
	// Issued and NotAfter bound the feed: a screen that has received nothing newer stops showing it at NotAfter.
	Issued   time.Time     `json:"issued"`
	NotAfter time.Time     `json:"not_after"`
	Entries  []SignageShow `json:"entries" doc:"In the order of play"`
	Files    []SignageFile `json:"files" doc:"All that the entries name: the offline manifest"`
}

// SignageShow is an entry as screens see it.
type SignageShow struct {
	ID       string    `json:"id" doc:"Of the publication"`
	Asset    string    `json:"asset"`
	Title    string    `json:"title,omitempty"`
	Alt      string    `json:"alt,omitempty"`
	File     string    `json:"file" doc:"SHA-256 of one of files"`
	Seconds  int       `json:"seconds"`
	Order    float64   `json:"order"`
	From     Date      `json:"from,omitempty"`
	Until    Date      `json:"until,omitempty"`
	DayParts []DayPart `json:"day_parts" doc:"None is always"`
	// NotBefore and NotAfter are the instants of the rights; the screen enforces them itself.
	NotBefore *time.Time `json:"not_before,omitempty"`
	NotAfter  *time.Time `json:"not_after,omitempty"`
}

// SignageFile is a file that a screen downloads and keeps.
type SignageFile struct {
	SHA256    string `json:"sha256"`
	URL       string `json:"url" doc:"Relative to the feed"`
	Size      int64  `json:"size"`
	MediaType string `json:"media_type"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
}

// Screen is one screen of a group.
type Screen struct {
	ID        string    `json:"id"`
	Channel   string    `json:"channel"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	// URL opens the player on the screen. It contains the screen's secret, so only the response that creates the screen
	// has it.
	URL string `json:"url,omitempty"`
	// State is waiting (never connected), showing, idle (nothing is due), behind (has an older feed) or silent (not
	// heard from for a while).
	State    string        `json:"state" enum:"waiting,showing,idle,behind,silent"`
	LastSeen *time.Time    `json:"last_seen,omitempty"`
	Report   *ScreenReport `json:"report,omitempty"`
	Title    string        `json:"title,omitempty" doc:"Of what it shows"`
	// SkewSeconds is how far the screen's clock is ahead of the server's.
	SkewSeconds int `json:"skew_seconds,omitempty"`
}

// ScreenReport is what a screen reports about itself.
type ScreenReport struct {
	Entry string     `json:"entry,omitempty" maxLength:"64" doc:"Publication that is shown, empty for none"`
	File  string     `json:"file,omitempty" maxLength:"64" doc:"SHA-256 of the bytes that are shown"`
	Since *time.Time `json:"since,omitempty" doc:"Shown since"`
	Feed  string     `json:"feed" maxLength:"64" doc:"Version of the feed it has"`
	// Offline is the last span without a connection.
	OfflineFrom  *time.Time `json:"offline_from,omitempty"`
	OfflineUntil *time.Time `json:"offline_until,omitempty"`
	Cached       int        `json:"cached" doc:"Files of the feed that it keeps"`
	Missing      int        `json:"missing" doc:"Files of the feed that it has not got yet"`
	Clock        time.Time  `json:"clock" doc:"What time it is at the screen"`
	Problem      string     `json:"trouble,omitempty" maxLength:"500"`
}

// Contains reports whether a wall-clock time is within the day part.
func (p DayPart) Contains(wall time.Time) bool {
	at := wall.Format("15:04")
	today, yesterday := weekdays[wall.Weekday()], weekdays[(wall.Weekday()+6)%7]
	if p.From < p.Until {
		return slices.Contains(p.Days, today) && at >= p.From && at < p.Until
	}
	return slices.Contains(p.Days, today) && at >= p.From || slices.Contains(p.Days, yesterday) && at < p.Until
}
