package dam

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// EpochPrefix begins the id of an epoch.
const EpochPrefix = "ep"

// Epoch is a stretch of the log's history. Within one, a seq stands for one event for ever. A
// catalogue that was restored, failed over or copied begins another: seqs above From that
// were handed out before stand for something else now, or for nothing.
type Epoch struct {
	ID     string      `json:"id"`
	From   int64       `json:"from" doc:"The epoch's events have a higher seq"`
	At     time.Time   `json:"at"`
	Reason EpochReason `json:"reason"`
	// BackupAt is when the backup was taken that the epoch begins with; nil when nobody knows.
	BackupAt *time.Time `json:"backup_at,omitempty"`
}

// EpochReason says why an epoch began.
type EpochReason string

const (
	EpochFirst    EpochReason = "first"    // a new installation, or one from before epochs
	EpochRestored EpochReason = "restored" // a backup was put back
	EpochCopied   EpochReason = "copied"   // the database is a copy, or was moved without saying so
	EpochFailover EpochReason = "failover" // PostgreSQL went on on another timeline: failover or point-in-time recovery
	EpochDiverged EpochReason = "diverged" // the log lacks what it is known to have had
	EpochDeclared EpochReason = "declared" // somebody said so, where no server can tell: vitrine hold begin
)

// Why is the reason as a sentence goes on: "the catalogue …".
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

// Words is Why in English.
func (r EpochReason) Words() string { return r.Why().Text() }

// LogPosition is an event as somebody outside the catalogue remembers it. Seq alone doesn't
// identify an event across epochs; its id, which is random, does, and with it all before it.
type LogPosition struct {
	Epoch string `json:"epoch"`
	Seq   int64  `json:"seq"`
	Event string `json:"event"` // id of the event at Seq; "" when the log was empty
}

// Cursor is a place in the log as consumers keep it: EPOCH:SEQ.
func Cursor(epoch string, seq int64) string { return epoch + ":" + strconv.FormatInt(seq, 10) }

// ParseCursor reads a cursor. A bare seq has no epoch: its consumer has never seen one.
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

// Hold keeps everything in the server that would leave it by itself: publications, webhooks, mail,
// cache purges. A new epoch begins with one, and an administrator ends it.
type Hold struct {
	Epoch  string      `json:"epoch" doc:"The epoch that began with it"`
	Since  time.Time   `json:"since"`
	Reason EpochReason `json:"reason"`
	// BackupAt is when the catalogue was copied, as far as is known.
	BackupAt *time.Time `json:"backup_at,omitempty" doc:"When the backup was taken, as far as is known"`
	// By is who declared it, and Note why, with EpochDeclared; "" otherwise.
	By   string `json:"by,omitempty" doc:"Who began it by hand"`
	Note string `json:"note,omitempty" doc:"Why, in their words"`
}

// Why is the reason as a sentence goes on, "the catalogue …", with who declared it and why.
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

// Words is Why in English.
func (h *Hold) Words() string { return h.Why().Text() }

// ErrHeld is in the chain of an error that goes away with the release of a hold.
var ErrHeld = errors.New("the server holds")

// HeldError refuses to change what is stored while the server holds, and says what to do instead.
func HeldError(h *Hold) *Error {
	return &Error{Code: Unavailable, Reason: reasons.HeldNothingStoredChanges(h.Why()), Err: ErrHeld}
}
