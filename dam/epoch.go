package dam

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// EpochPrefix is the prefix of epoch ids.
const EpochPrefix = "ep"

// Epoch is one life of a catalogue. Within an epoch a seq always identifies the same event. A catalogue that is
// restored, failed over or copied begins another epoch: seqs above From that were assigned before now identify other
// events, or none.
type Epoch struct {
	ID     string      `json:"id"`
	From   int64       `json:"from" doc:"The epoch's events have a higher seq"`
	At     time.Time   `json:"at"`
	Reason EpochReason `json:"reason"`
	// BackupAt is when the backup that the epoch began with was taken; nil if unknown.
	BackupAt *time.Time `json:"backup_at,omitempty"`
}

// EpochReason says why an epoch began.
type EpochReason string

const (
	EpochFirst    EpochReason = "first"    // a new installation, or one older than epochs
	EpochRestored EpochReason = "restored" // a backup was restored
	EpochCopied   EpochReason = "copied"   // the database was copied, or moved without declaring it
	EpochFailover EpochReason = "failover" // PostgreSQL is on another timeline: failover or point-in-time recovery
	EpochDiverged EpochReason = "diverged" // the log lacks events that it is known to have had
	EpochDeclared EpochReason = "declared" // declared with vitrine hold begin, for changes that no server can detect
)

// Why returns the reason as the rest of a sentence that begins "the catalogue …".
func (r EpochReason) Why() reasons.Reason {
	switch r {
	case EpochRestored:
		return reasons.EpochRestored()
	case EpochCopied:
		return reasons.EpochCopied()
	case EpochFailover:
		return reasons.EpochFailover()
	case EpochDiverged:
		return reasons.EpochDiverged()
	case EpochDeclared:
		return reasons.EpochDeclared()
	}
	return reasons.EpochFirst()
}

// Words returns Why in English.
func (r EpochReason) Words() string { return r.Why().Text() }

// LogPosition is an event as something outside the catalogue recorded it. Seq alone doesn't identify an event across
// epochs; its random id does, and with it the whole log before it.
type LogPosition struct {
	Epoch string `json:"epoch"`
	Seq   int64  `json:"seq"`
	Event string `json:"event"` // id of the event at Seq; "" when the log was empty
}

// Cursor returns a log position as followers store it: EPOCH:SEQ.
func Cursor(epoch string, seq int64) string { return epoch + ":" + strconv.FormatInt(seq, 10) }

// ParseCursor parses a cursor. A bare seq has no epoch: it comes from a consumer that has not seen one yet.
func ParseCursor(field, text string) (epoch string, seq int64, err error) {
	number := text
	if before, after, found := strings.Cut(text, ":"); found {
		epoch, number = before, after
		if !IsID(EpochPrefix, epoch) {
			number = ""
		}
	}
	if seq, err = strconv.ParseInt(number, 10, 64); err != nil || seq < 0 {
		return "", 0, InvalidInput(field, reasons.NotACursorOfLog())
	}
	return epoch, seq, nil
}

// Hold stops everything that would leave the server on its own: publications, webhooks, mail, cache purges. Every epoch
// but the first begins with a hold, and an administrator releases it.
type Hold struct {
	Epoch  string      `json:"epoch" doc:"The epoch that began with it"`
	Since  time.Time   `json:"since"`
	Reason EpochReason `json:"reason"`
	// BackupAt is when the backup was taken, if known.
	BackupAt *time.Time `json:"backup_at,omitempty" doc:"When the backup was taken, as far as is known"`
	// By is the person who declared the epoch and Note the explanation, for EpochDeclared; otherwise both are "".
	By   string `json:"by,omitempty" doc:"Who began it by hand"`
	Note string `json:"note,omitempty" doc:"Why, in their words"`
}

// Why returns the reason as the rest of a sentence that begins "the catalogue …", with who declared it and why.
func (h *Hold) Why() reasons.Reason {
	why := h.Reason.Why()
	if h.By != "" {
		why = reasons.HoldBy(why, h.By)
	}
	if h.Note != "" {
		why = reasons.HoldNoted(why, h.Note)
	}
	return why
}

// Words returns Why in English.
func (h *Hold) Words() string { return h.Why().Text() }

// ErrHeld is in the chain of errors that go away when the hold is released.
var ErrHeld = errors.New("the server holds")

// HeldError is the error for a change to stored data that is refused during a hold. It says what to do instead.
func HeldError(h *Hold) *Error {
	return &Error{Code: Unavailable, Reason: reasons.HeldNothingStoredChanges(h.Why()), Err: ErrHeld}
}
