package planning

import (
	"context"
	"encoding/json"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// While the server holds (see dam.Hold) the ledger sends nothing. What the catalogue brought with it and what is due
// may have been sent by the one it is a copy of: a person says so of each, as of any other publication that is
// unconfirmed. What a person plans or answers meanwhile waits for the release. Lookups go on, since they change nothing
// at the remote; so do the recalls that a person asks for. A credential is not refreshed: the one it is a copy of may
// live on it.

// ProblemRestored is the class of the problem of a publication that may have been sent by the catalogue that this one
// is a copy of.
const ProblemRestored = string(publishers.ClassRestored)

// askBatch bounds how many publications one transaction hands to people.
const askBatch = 100

// AskAll turns what the catalogue brought with it and what is due into questions.
func (s *Service) AskAll(ctx context.Context) error {
	for {
		n, err := catalog.Do(catalog.WithoutIdempotencyKey(dam.AsSystem(ctx,
			"whoever begins a hold, the question is the server's")), s.Catalog, func(tx *catalog.Tx) (int, error) {
			return s.askSome(ctx, tx)
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// askSome does a batch of that, and returns how many were asked about.
func (s *Service) askSome(ctx context.Context, tx *catalog.Tx) (int, error) {
	h, err := tx.Epochs().Hold(ctx)
	if err != nil || h == nil {
		return 0, err
	}
	ids, err := tx.Publications().Questionable(ctx, h.Since, s.now(), askBatch)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	rows, err := tx.Publications().LockPublications(ctx, ids)
	if err != nil {
		return 0, err
	}
	for i := range rows {
		if err := s.question(ctx, tx, &rows[i], h.Reason, h.BackupAt); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// question asks a person whether a locked publication has been sent by the catalogue that this one is a copy of.
func (s *Service) question(ctx context.Context, tx *catalog.Tx, p *catalog.LedgerRow, why dam.EpochReason,
	copied *time.Time) error {
	p.Problem = restored(why, copied)
	p.Owner, p.NextAt, p.Payload, p.Committed = "", nil, nil, nil
	return s.Move(ctx, tx, p, dam.PubUnconfirmed, p.Problem.Reason)
}

func restored(why dam.EpochReason, copied *time.Time) *dam.Problem {
	said := reasons.MaybeSentBeforeHold(why.Why())
	if copied != nil {
		said = reasons.MaybeSentBeforeHoldAt(why.Why(), *copied)
	}
	return dam.NewProblem(string(publishers.ClassRestored), "", said)
}

// inherited reports the epoch whose catalogue brought an asset with it, as it is, for a rule that is as it was: what
// the rule calls for may have been sent by the catalogue that this one is a copy of, though this one had not planned it
// yet. nil when not.
func (s *Service) inherited(ctx context.Context, tx *catalog.Tx, sc *Snapshot, ch catalog.ChannelRow) (*dam.Epoch,
	error) {
	e, err := tx.Epochs().Epoch(ctx)
	if err != nil || e.Reason == dam.EpochFirst {
		return nil, err
	}
	if sc.Version.ApprovedAt == nil || sc.Version.ApprovedAt.After(e.At) || sc.Asset.UpdatedAt.After(e.At) ||
		ch.UpdatedAt.After(e.At) {
		return nil, nil
	}
	return &e, nil
}

// HeldChannel is what a hold keeps from leaving by one channel.
type HeldChannel struct {
	Channel string `json:"channel" doc:"Id of the channel"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	// Once is false where sending again makes a second post.
	Once    bool `json:"once" doc:"Sending the same again makes no second post there"`
	Asked   int  `json:"asked" doc:"Publications that may have been sent already: nothing happens to them until somebody answers"`
	Now     int  `json:"now" doc:"Publications that go out with the release"`
	Later   int  `json:"later" doc:"Publications that go out at their time"`
	Recalls int  `json:"recalls" doc:"Publications that are taken back with the release"`
}

// Held is what a release will touch.
type Held struct {
	Channels []HeldChannel `json:"channels" nullable:"false"`
	Webhooks int           `json:"webhooks" doc:"Webhook deliveries that go out with the release; one that arrived before has the same webhook-id"`
}

// Held counts what a hold keeps from leaving a library.
func (s *Service) Held(ctx context.Context, library string) (h Held, err error) {
	if err := s.AskAll(ctx); err != nil {
		return h, err
	}
	rows, err := s.Catalog.Epochs().HeldChannels(ctx, library, s.now())
	if err != nil {
		return h, err
	}
	h.Channels = make([]HeldChannel, 0, len(rows))
	for _, r := range rows {
		var c publishers.Capabilities
		once := json.Unmarshal(r.Capabilities, &c) == nil && c.Idempotency == publishers.Durable
		h.Channels = append(h.Channels, HeldChannel{Channel: r.ID, Name: r.Name, Kind: r.Kind, Once: once,
			Asked: r.Asked, Now: r.Now, Later: r.Later, Recalls: r.Recalls})
	}
	h.Webhooks, err = s.Catalog.Epochs().HeldDeliveries(ctx)
	return h, err
}

// ReleaseHold lets what is held go on. epoch is the one whose hold the caller has seen. What may have been sent already
// stays a question, also what has become due since the caller looked.
func (s *Service) ReleaseHold(ctx context.Context, epoch string) error {
	if err := s.AskAll(ctx); err != nil {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		for n := 1; n > 0; {
			var err error
			if n, err = s.askSome(ctx, tx); err != nil {
				return err
			}
		}
		h, err := tx.Epochs().Hold(ctx)
		if err != nil {
			return err
		}
		if h != nil { // what somebody said to send is not late for having waited
			if err := tx.Publications().Redate(ctx, h.Since, s.now()); err != nil {
				return err
			}
		}
		return tx.Epochs().ReleaseHold(ctx, epoch)
	})
}
