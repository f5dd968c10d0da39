// Package notifications tells people by e-mail what needs them: a channel whose account
// refuses us, or that keeps failing. A notice is a job that commits with the change
// it tells of, so that there is one for each incident, and none is lost.
package notifications

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
)

// SMTP is how mail leaves.
type SMTP struct {
	Address  string // HOST:PORT; "" sends no mail
	User     string // "" is without authentication
	Password string
	From     string
	To       []string // the library's administrators when empty
	TLS      string   // starttls, tls or none
}

// Enqueuer is the queue.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	Epochs() catalog.Epochs
	People() catalog.People
}

// Service sends notices.
type Service struct {
	Catalog Catalog
	Jobs    Enqueuer
	SMTP    SMTP
	// PublicURL is where the portal is.
	PublicURL string
}

// MailArgs is the job that sends one notice.
type MailArgs struct {
	Library string     `json:"library"`
	Channel string     `json:"channel"`
	Name    string     `json:"name"`
	Health  dam.Health `json:"health"`
	Note    string     `json:"note"`
	At      time.Time  `json:"at"`
}

// Kind implements jobs.Args.
func (MailArgs) Kind() string { return "notice.mail" }

// Incident plans the mail about a channel that is no longer healthy.
func (s *Service) Incident(ctx context.Context, tx *catalog.Tx, ch dam.Channel) error {
	if s.SMTP.Address == "" {
		return nil
	}
	return s.Jobs.Enqueue(ctx, tx, MailArgs{Library: ch.Library, Channel: ch.ID, Name: ch.Name, Health: ch.Health,
		Note: ch.HealthNote, At: tx.Now()}, jobs.Options{Max: 10})
}

// heldPause is how long a mail waits before it asks again whether the server still holds.
const heldPause = 30 * time.Second

// Mail sends one notice.
func (s *Service) Mail(ctx context.Context, args MailArgs, info jobs.Info) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if hold != nil {
		return jobs.Snooze(heldPause)
	}
	if e, err := s.Catalog.Epochs().Epoch(ctx); err != nil || e.Reason != dam.EpochFirst && args.At.Before(e.At) {
		return err // the catalogue that this one is a copy of has told it
	}
	to := s.SMTP.To
	if len(to) == 0 {
		people, err := s.Catalog.People().Users(ctx, args.Library)
		if err != nil {
			return err
		}
		for _, u := range people {
			if u.Principal().CanEverywhere(args.Library, dam.MayManageSystem) && !u.Disabled {
				to = append(to, u.Email)
			}
		}
	}
	if len(to) == 0 {
		return jobs.Park(fmt.Errorf("nobody to tell: no administrator has an e-mail address, and smtp.to is empty"))
	}
	m, err := s.message(args, to, info.ID)
	if err != nil {
		return jobs.Park(err)
	}
	c, err := s.SMTP.client()
	if err != nil {
		return jobs.Park(err)
	}
	return c.DialAndSendWithContext(ctx, m)
}

func (s *Service) message(args MailArgs, to []string, id int64) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(s.SMTP.From); err != nil {
		return nil, fmt.Errorf("smtp.from: %w", err)
	}
	if err := m.To(to...); err != nil {
		return nil, fmt.Errorf("smtp.to: %w", err)
	}
	subject, what := "Channel "+args.Name+" needs to be connected again",
		"Nothing is sent there until somebody connects it again. What is planned waits; nothing is lost."
	if args.Health == dam.Degraded {
		subject, what = "Channel "+args.Name+" keeps failing",
			"Vitrine goes on trying. There is nothing to do unless it lasts."
	}
	m.Subject(subject)
	m.SetDateWithValue(args.At)
	// The same for every attempt: a mail that arrives twice is recognised.
	m.SetMessageIDWithValue(fmt.Sprintf("notice-%d-%s@vitrine", id, args.Channel))
	m.SetBodyString(mail.TypeTextPlain, fmt.Sprintf("%s: %s\n\n%s\n\n%s/channels/%s\n", args.Name, args.Note, what,
		strings.TrimRight(s.PublicURL, "/"), args.Channel))
	return m, nil
}

// Check reports what is wrong with the settings.
func (x SMTP) Check() error {
	if x.Address == "" {
		return nil
	}
	_, err := x.client()
	return err
}

func (x SMTP) client() (*mail.Client, error) {
	host, port, err := net.SplitHostPort(x.Address)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("the port of %s is not a number", x.Address)
	}
	options := []mail.Option{mail.WithPort(n), mail.WithTimeout(15 * time.Second)}
	switch x.TLS {
	case "none":
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	case "tls":
		options = append(options, mail.WithSSL())
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if x.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(x.User),
			mail.WithPassword(x.Password))
	}
	return mail.NewClient(host, options...)
}
