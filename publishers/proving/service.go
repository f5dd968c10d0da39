// Package proving tries channels on their real services: it makes one test post, looks it up, and takes it back.
//
// A proof is not a publication: it has no asset, no schedule and no revision, and is never sent a second time. That is
// also its guarantee. A proof goes from starting to committing by one change of its row that only one node can make,
// and whoever made it makes the call, once. Whoever finds it committing without a receipt asks the remote, and posts
// nothing. Everything else (preparing, looking up, taking back) can be repeated.
package proving

import (
	"context"
	"log/slog"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
)

// Catalog is the part of the catalogue that this package reads and changes.
type Catalog interface {
	catalog.Writer
	Channels() catalog.Channels
	Epochs() catalog.Epochs
	Libraries() catalog.Libraries
	Now() time.Time
}

// Accounts has the channels' credentials.
type Accounts interface {
	// Use makes a call with a channel's account, whose credentials are renewed when they have expired.
	Use(ctx context.Context, channel string, call func(publishers.Account) error) error
	// TestChannel checks whether the channel works, and stores what it can do.
	TestChannel(ctx context.Context, library, id string) (dam.Channel, error)
}

// Enqueuer is the job queue.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Options configures a Service.
type Options struct {
	Catalog  Catalog
	Kinds    []publishers.Kind
	Accounts Accounts
	Jobs     Enqueuer
	// PublicURL is the URL under which remotes fetch the test picture; "" if unknown.
	PublicURL string
	Version   string           // of Vitrine
	Log       *slog.Logger     // nil discards
	Clock     func() time.Time // nil is the database's
	// Pause waits between attempts; nil is by the clock.
	Pause func(ctx context.Context, d time.Duration) error
}

// Service proves channels.
type Service struct {
	Options
	kinds map[string]publishers.Kind
}

// New returns a service.
func New(o Options) *Service {
	if o.Clock == nil {
		o.Clock = o.Catalog.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Pause == nil {
		o.Pause = func(ctx context.Context, d time.Duration) error {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-timer.C:
				return nil
			}
		}
	}
	return &Service{Options: o, kinds: publishers.ByName(o.Kinds)}
}

// now returns the time in the precision of the catalogue.
func (s *Service) now() time.Time { return s.Clock().UTC().Truncate(time.Microsecond) }

// Input says how a channel is to be proven.
type Input struct {
	// Leave lets the test post stay: kinds that can't take anything back are proven only with it.
	Leave bool `json:"leave,omitempty" doc:"Leave the test post there; needed for kinds that can't take it back"`
	// SKUs are products of a shop that the test picture goes on.
	SKUs []string `json:"skus,omitempty" maxItems:"1" doc:"The product of a shop that gets the test picture for a moment"`
	// Options are the options of the test post, as of a publication.
	Options map[string]any `json:"options,omitempty" doc:"As of a publication"`
}

// JobArgs is the job that carries out a proof.
type JobArgs struct {
	Proof string `json:"proof"`
}

// Kind implements jobs.Args.
func (JobArgs) Kind() string { return "channel.prove" }

// JobTimeout bounds one run of the job: preparing, the call, and what follows. A run that is cut short is taken up
// again where it was.
const JobTimeout = 30 * time.Minute

// Plan says what a proof of a channel would touch, and why it can't begin.
func (s *Service) Plan(ctx context.Context, library, channel string) (dam.ProofPlan, error) {
	row, k, err := s.channel(ctx, library, channel)
	if err != nil {
		return dam.ProofPlan{}, err
	}
	caps := capabilities(row)
	out := dam.ProofPlan{Channel: row.ID, Kind: row.Kind, Title: k.Title, Text: text(dam.PublicationPrefix+"_…",
		!caps.Recall),
		Media: []string{}, Recall: caps.Recall, SKUs: k.Products, Problems: []string{}, Reasons: []reasons.Reason{}}
	if row.Identity != nil {
		out.Account, out.URL = row.Identity.Name, row.Identity.URL
	}
	for _, m := range media(caps) {
		out.Media = append(out.Media, m.words())
	}
	why, err := s.obstacles(ctx, row, k)
	for _, r := range why {
		out.Problems, out.Reasons = append(out.Problems, r.Text()), append(out.Reasons, r)
	}
	return out, err
}

// obstacles returns why a channel can't be proven now.
func (s *Service) obstacles(ctx context.Context, row catalog.ChannelRow, k publishers.Kind) (out []reasons.Reason,
	err error) {
	if k.Internal {
		out = append(out, reasons.ProofNothingRemote(k.Title))
	}
	if row.Paused {
		out = append(out, reasons.ProofChannelPaused())
	}
	if row.Health == dam.Reconnect {
		out = append(out, reasons.ProofChannelNotReady())
	}
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return nil, err
	} else if hold != nil {
		out = append(out, reasons.ProofHeld())
	}
	if _, open, err := s.Catalog.Channels().OpenProof(ctx, row.ID); err != nil {
		return nil, err
	} else if open {
		out = append(out, reasons.ProofUnderWay())
	}
	return out, nil
}

func (s *Service) channel(ctx context.Context, library, id string) (catalog.ChannelRow, publishers.Kind, error) {
	row, err := s.Catalog.Channels().Channel(ctx, library, id)
	if err == nil && row.Deleted {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.ChannelRemoved(id)}
	}
	if err != nil {
		return row, publishers.Kind{}, err
	}
	k, ok := s.kinds[row.Kind]
	if !ok {
		return row, k, &dam.Error{Code: dam.Conflict, Reason: reasons.ChannelKindUnknownHere(row.Kind)}
	}
	return row, k, nil
}

// Prove begins a proof; it goes on in the background, and Proof tells how far it is.
func (s *Service) Prove(ctx context.Context, library, channel string, in Input) (dam.Proof, error) {
	row, k, err := s.channel(ctx, library, channel)
	if err != nil {
		return dam.Proof{}, err
	}
	caps := capabilities(row)
	why, err := s.obstacles(ctx, row, k)
	if err != nil {
		return dam.Proof{}, err
	}
	if len(why) > 0 {
		return dam.Proof{}, &dam.Error{Code: dam.Conflict, Reason: why[0]}
	}
	if !caps.Recall && !in.Leave {
		return dam.Proof{}, &dam.Error{Code: dam.Conflict, Field: "leave", Reason: reasons.ProofCannotTakeBack(k.Title)}
	}
	if k.Products && len(in.SKUs) == 0 {
		return dam.Proof{}, dam.InvalidInput("skus", reasons.ProofNeedsProduct(k.Title))
	}
	p := catalog.ProofRow{Proof: dam.Proof{ID: dam.NewID(dam.ProofPrefix), Library: row.Library, Channel: row.ID,
		Kind: row.Kind, State: dam.ProofStarting, Leave: in.Leave, Steps: []dam.ProofStep{}, Version: s.Version,
		API: k.API.Version}}
	if row.Identity != nil {
		p.Account = row.Identity.Name
	}
	if p.Post, err = compose(ctx, s, row, in); err != nil {
		return dam.Proof{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Proof, error) {
		if _, err := accounts.Present(tx.Channels().LockChannel(ctx, library, row.ID)); err != nil {
			return dam.Proof{}, err
		}
		if _, open, err := tx.Channels().OpenProof(ctx, row.ID); err != nil {
			return dam.Proof{}, err
		} else if open {
			return dam.Proof{}, &dam.Error{Code: dam.Conflict, Reason: reasons.ProofUnderWay()}
		}
		q := p
		if err := tx.Channels().InsertProof(ctx, &q); err != nil {
			return dam.Proof{}, err
		}
		return q.Proof, s.Jobs.Enqueue(ctx, tx, JobArgs{Proof: q.ID}, jobs.Options{Max: jobAttempts})
	})
}

// jobAttempts is how often a run may fail: with the queue's pauses about a day.
const jobAttempts = 20

// Proof returns a proof of a channel.
func (s *Service) Proof(ctx context.Context, library, channel, id string) (dam.Proof, error) {
	p, err := s.Catalog.Channels().Proof(ctx, library, channel, id)
	return p.Proof, err
}

// proofsShown is how many proofs of a channel are listed.
const proofsShown = 20

// Proofs returns the newest proofs of a channel, newest first.
func (s *Service) Proofs(ctx context.Context, library, channel string) ([]dam.Proof, error) {
	if _, err := s.Catalog.Channels().Channel(ctx, library, channel); err != nil {
		return nil, err
	}
	rows, err := s.Catalog.Channels().Proofs(ctx, library, channel, proofsShown)
	out := make([]dam.Proof, len(rows))
	for i, r := range rows {
		out[i] = r.Proof
	}
	return out, err
}
