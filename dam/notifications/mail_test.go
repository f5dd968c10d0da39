package notifications_test

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/jobs"
	"vitrine/dam/notifications"
)

// postbox is an SMTP server that keeps what it gets; it refuses the first few mails for the time being.
type postbox struct {
	mu     sync.Mutex
	busy   int
	mails  []string
	rcpts  []string
	server *smtp.Server
}

type session struct{ *postbox }

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return session{p}, nil }
func (session) Reset()                                         {}
func (session) Logout() error                                  { return nil }

func (s session) Mail(from string, _ *smtp.MailOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if from != "vitrine@example.com" {
		return errors.New("who?")
	}
	if s.busy > 0 {
		s.busy--
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "come back later"}
	}
	return nil
}

func (s session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rcpts = append(s.rcpts, to)
	return nil
}

func (s session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails = append(s.mails, string(b))
	return err
}

func newPostbox(t *testing.T) (*postbox, string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &postbox{}
	p.server = smtp.NewServer(p)
	p.server.Domain = "localhost"
	done := make(chan struct{})
	go func() { defer close(done); _ = p.server.Serve(l) }() // it ends with Close
	t.Cleanup(func() { _ = p.server.Close(); <-done })
	return p, l.Addr().String()
}

func TestIncidentIsMailed(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		ctx := catalogtest.Context(t)
		p, address := newPostbox(t)
		p.busy = 1
		q, err := jobs.New(c, "node", slog.New(slog.DiscardHandler))
		if err == nil {
			err = q.Migrate(ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		s := &notifications.Service{Catalog: c, Jobs: q, PublicURL: "https://media.example.com",
			SMTP: notifications.SMTP{Address: address, From: "vitrine@example.com", To: []string{"ops@example.com"},
				TLS: "none"}}
		if err := s.SMTP.Check(); err != nil {
			t.Fatal(err)
		}
		jobs.Handle(q, time.Minute, s.Mail)
		if err := q.Start(ctx, map[string]int{"": 2}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := q.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
		ch := dam.Channel{ID: "ch_1", Library: dam.DefaultLibrary, Name: "Brand on Mastodon", Health: dam.Reconnect,
			HealthNote: "the access was revoked"}
		// A change that does not happen tells nobody.
		undone := errors.New("undone")
		if err := c.Write(ctx, func(tx *catalog.Tx) error {
			return errors.Join(s.Incident(ctx, tx, ch), undone)
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		if err := c.Write(ctx, func(tx *catalog.Tx) error { return s.Incident(ctx, tx, ch) }); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(60 * time.Second); ; {
			p.mu.Lock()
			n := len(p.mails)
			p.mu.Unlock()
			if n > 0 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("no mail has come")
			}
			select {
			case <-ctx.Done():
				t.Fatal(ctx.Err())
			case <-time.After(20 * time.Millisecond):
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		got := p.mails[0]
		for _, want := range []string{"Subject: Channel Brand on Mastodon needs to be connected again",
			"the access was revoked", "https://media.example.com/channels/ch_1", "Message-ID: <notice-"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in\n%s", want, got)
			}
		}
		if len(p.mails) != 1 || p.rcpts[0] != "ops@example.com" {
			t.Errorf("%d mails to %v", len(p.mails), p.rcpts)
		}
	})
}

func TestSettings(t *testing.T) {
	for _, x := range []notifications.SMTP{{Address: "mail.example.com"}, {Address: "mail.example.com:smtp"}} {
		if x.Check() == nil {
			t.Errorf("%+v is taken", x)
		}
	}
}
