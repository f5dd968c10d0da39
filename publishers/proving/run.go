package proving

import (
	"cmp"
	"context"
	"errors"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
)

const (
	callTimeout   = 2 * time.Minute
	prepareTime   = 10 * time.Minute // a remote may take long to read a video
	heldPause     = 30 * time.Second // until the next look whether the server still holds
	maxRecalls    = 10
	longestPause  = 30 * time.Second
	shortestPause = 500 * time.Millisecond
	// longestVersion is how much is kept, in runes, of what a remote calls itself.
	longestVersion = 100
)

// errTaken means that another node has changed the proof meanwhile: this one stops.
var errTaken = errors.New("another node carries out the proof")

// run is one proof being carried out.
type run struct {
	s    *Service
	row  catalog.ChannelRow
	kind publishers.Kind
	p    catalog.ProofRow
	in   publishers.Intent
}

// Run carries out a proof, or goes on with one whose node has stopped.
func (s *Service) Run(ctx context.Context, args JobArgs, info jobs.Info) error {
	if hold, err := s.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if hold != nil {
		return jobs.Snooze(heldPause)
	}
	p, err := s.Catalog.Channels().Proof(ctx, "", "", args.Proof)
	if err != nil || p.State == dam.ProofEnded {
		return err
	}
	r := &run{s: s, p: p}
	if r.row, r.kind, err = s.channel(ctx, "", p.Channel); err == nil {
		if r.in, err = s.intent(ctx, r.row, &r.p); err == nil {
			err = r.carryOut(ctx)
		}
	}
	switch {
	case errors.Is(err, errTaken):
		return nil
	case err != nil && info.Attempt >= info.Max: // nobody takes it up again
		ctx := context.WithoutCancel(ctx)
		if r.p.State == dam.ProofStarting {
			return r.end(ctx, dam.ProofFailed, "prepare", reasons.Said(err, ""))
		}
		return r.end(ctx, dam.ProofLeft, "recall", reasons.Said(err, ""))
	}
	return err
}

func (r *run) carryOut(ctx context.Context) error {
	if r.p.State == dam.ProofStarting {
		if e, err := r.s.Catalog.Epochs().Epoch(ctx); err != nil {
			return err
		} else if e.Reason != dam.EpochFirst && r.p.CreatedAt.Before(e.At) {
			// The catalogue that this one is a copy of may have posted.
			return r.end(ctx, dam.ProofLeft, "post", reasons.ProofRestored())
		}
		if err := r.begin(ctx); err != nil || r.p.State == dam.ProofEnded {
			return err
		}
	}
	if r.p.State == dam.ProofCommitting && r.p.Post.Receipt != nil { // stopped between the answer and the next line
		r.p.State = dam.ProofDelivered
	}
	if r.p.State == dam.ProofCommitting {
		if err := r.settle(ctx); err != nil || r.p.State == dam.ProofEnded {
			return err
		}
	}
	return r.finish(ctx)
}

// begin checks the account, prepares and posts.
func (r *run) begin(ctx context.Context) error {
	if err := r.step(ctx, "check", func(ctx context.Context) (reasons.Reason, error) {
		ch, err := r.s.Accounts.TestChannel(ctx, r.p.Library, r.p.Channel)
		if err == nil && ch.Identity != nil {
			r.p.Account = ch.Identity.Name
		}
		return reasons.Reason{}, err
	}); err != nil {
		return r.failed(ctx, err)
	}
	row, err := r.s.Catalog.Channels().Channel(ctx, "", r.p.Channel)
	if err != nil {
		return err
	}
	r.row, r.in.Limits = row, capabilities(row)
	if list := r.kind.Publisher.Validate(ctx, r.in); len(list) > 0 {
		return r.end(ctx, dam.ProofFailed, "prepare", list[0].Reason)
	}
	if err := r.step(ctx, "prepare", r.prepare); err != nil {
		return r.failed(ctx, err)
	}
	r.software(ctx)
	// From here on the test post may be out there: the record comes first, and only one node can make it.
	now := r.s.now()
	r.p.State, r.p.Post.Committed, r.in.CommittedAt = dam.ProofCommitting, &now, now
	if err := r.save(ctx); err != nil {
		return err
	}
	hosts := &publishers.Hosts{}
	err = r.step(ctx, "post", func(ctx context.Context) (reasons.Reason, error) {
		var receipt publishers.Receipt
		err := r.use(ctx, callTimeout, func(ctx context.Context, in publishers.Intent) (err error) {
			receipt, err = r.kind.Publisher.Commit(hosts.Watch(ctx), in, r.p.Post.Progress)
			return err
		})
		r.host(hosts)
		if err != nil {
			return reasons.Reason{}, err
		}
		return r.receive(receipt), nil
	})
	switch {
	case err == nil:
		r.p.State = dam.ProofDelivered
		return r.save(ctx)
	case stop(ctx, err):
		return err
	case publishers.ClassOf(err, publishers.ClassUnknown) == publishers.ClassUnknown:
		return nil // it is looked up
	}
	return r.failed(ctx, err)
}

// failed ends a proof before anything was posted. What Prepare left at the remote is removed.
func (r *run) failed(ctx context.Context, cause error) error {
	if errors.Is(cause, errTaken) || ctx.Err() != nil {
		return cause
	}
	if r.p.Post.Progress != nil {
		if err := r.step(ctx, "recall", func(ctx context.Context) (why reasons.Reason, err error) {
			return r.recall(ctx, nil)
		}); err != nil && r.in.Limits.PublicStaging {
			return r.end(ctx, dam.ProofLeft, "", reasons.Reason{})
		}
	}
	return r.end(ctx, dam.ProofFailed, "", reasons.Reason{})
}

// prepare uploads, and waits as long as the remote asks for it.
func (r *run) prepare(ctx context.Context) (reasons.Reason, error) {
	in := r.in
	until := r.s.now().Add(prepareTime)
	for n := 1; ; n++ {
		err := r.use(ctx, prepareTime, func(ctx context.Context, with publishers.Intent) error {
			in.Account = with.Account
			in.Keep = func(ctx context.Context, state publishers.State) error {
				r.p.Post.Progress = state
				return r.save(ctx)
			}
			state, err := r.kind.Publisher.Prepare(ctx, in, r.p.Post.Progress)
			if state != nil {
				r.p.Post.Progress = state
			}
			return err
		})
		e := publishers.Classify(err, publishers.ClassRetry)
		if err == nil || e.Class != publishers.ClassRetry || r.s.now().After(until) || errors.Is(err, errTaken) {
			return reasons.Reason{}, err
		}
		if err := r.s.Pause(ctx, max(e.After, pause(n))); err != nil {
			return reasons.Reason{}, err
		}
	}
}

// settle finds out what became of a call without an answer: it is never made again.
func (r *run) settle(ctx context.Context) error {
	settled := r.p.Post.Committed.Add(callTimeout + r.in.Limits.VisibleAfter)
	var found publishers.Outcome
	hosts := &publishers.Hosts{}
	err := r.step(ctx, "look_up", func(ctx context.Context) (reasons.Reason, error) {
		for n := 1; ; n++ {
			err := r.use(ctx, callTimeout, func(ctx context.Context, in publishers.Intent) (err error) {
				found, err = r.kind.Publisher.Lookup(hosts.Watch(ctx), in, r.p.Post.Progress)
				return err
			})
			if r.p.Host == "" { // the node that made the call is gone
				r.host(hosts)
			}
			switch {
			case err == nil && found.Verdict == publishers.Delivered:
				return r.receive(found.Receipt), nil
			case r.s.now().After(settled):
				if err == nil && found.Verdict == publishers.Absent {
					return reasons.ProofNotPosted(), nil
				}
				return found.Note, errors.Join(errNotSaid, err)
			}
			if err := r.s.Pause(ctx, pause(n)); err != nil {
				return reasons.Reason{}, err
			}
		}
	})
	switch {
	case ctx.Err() != nil || errors.Is(err, errTaken):
		return errors.Join(ctx.Err(), err)
	case err != nil:
		return r.end(ctx, dam.ProofLeft, "", reasons.Reason{})
	case found.Verdict == publishers.Absent:
		return r.failed(ctx, errNotSaid)
	}
	r.p.State = dam.ProofDelivered
	return r.save(ctx)
}

var errNotSaid = errors.New("the channel can't say whether the test post is there")

// finish looks up what is there, takes it back, and looks whether it is gone.
func (r *run) finish(ctx context.Context) error {
	receipt := *r.p.Post.Receipt
	if !r.done("look_up") {
		err := r.step(ctx, "look_up", func(ctx context.Context) (reasons.Reason, error) {
			return r.shown(ctx, func(ctx context.Context, in publishers.Intent) (publishers.Outcome, error) {
				return r.kind.Publisher.Lookup(ctx, in, r.p.Post.Progress)
			})
		})
		if err != nil && stop(ctx, err) {
			return err
		}
	}
	if !r.done("status") {
		err := r.step(ctx, "status", func(ctx context.Context) (reasons.Reason, error) {
			return r.shown(ctx, func(ctx context.Context, in publishers.Intent) (publishers.Outcome, error) {
				return r.kind.Publisher.Status(ctx, in, receipt)
			})
		})
		if err != nil && stop(ctx, err) {
			return err
		}
	}
	outcome := dam.ProofFailed
	if r.done("look_up") && r.done("status") {
		outcome = dam.Proven
	}
	if r.p.Leave {
		if outcome != dam.Proven {
			outcome = dam.ProofLeft
		}
		return r.end(ctx, outcome, "", reasons.Reason{})
	}
	err := r.step(ctx, "recall", func(ctx context.Context) (reasons.Reason, error) { return r.recall(ctx, &receipt) })
	if err != nil && stop(ctx, err) {
		return err
	}
	if err != nil {
		return r.end(ctx, dam.ProofLeft, "", reasons.Reason{})
	}
	return r.end(ctx, outcome, "", reasons.Reason{})
}

// stop reports whether a run ends without an outcome, because the server stops or another node has taken over.
func stop(ctx context.Context, err error) bool { return ctx.Err() != nil || errors.Is(err, errTaken) }

// done reports whether a step has worked, the last time that it was taken.
func (r *run) done(name string) (ok bool) {
	for _, s := range r.p.Steps {
		if s.Step == name {
			ok = s.OK
		}
	}
	return ok
}

// shown asks until the test post is seen, or the time in which it may not be seen yet is over.
func (r *run) shown(ctx context.Context, ask func(context.Context, publishers.Intent) (publishers.Outcome,
	error)) (reasons.Reason, error) {
	until := r.p.Post.Committed.Add(callTimeout + r.in.Limits.VisibleAfter)
	for n := 1; ; n++ {
		var found publishers.Outcome
		err := r.use(ctx, callTimeout, func(ctx context.Context, in publishers.Intent) (err error) {
			found, err = ask(ctx, in)
			return err
		})
		class := publishers.ClassOf(err, publishers.ClassRetry)
		switch {
		case err == nil && found.Verdict == publishers.Delivered:
			return reasons.Reason{}, nil
		case err == nil && found.Verdict == publishers.Undecided && r.s.now().After(until),
			err == nil && found.Verdict == publishers.Undecided && !found.Note.IsZero(),
			err == nil && found.Verdict == publishers.Absent && !found.Note.IsZero():
			return reasons.ChannelCannotSay(found.Note), nil // not every account may read, nor every kind look
		case err != nil && class != publishers.ClassRetry, r.s.now().After(until):
			if err == nil {
				err = &publishers.Error{Class: publishers.ClassPermanent, Reason: reasons.ProofNotFound()}
			}
			return reasons.Reason{}, err
		}
		if err := r.s.Pause(ctx, pause(n)); err != nil {
			return reasons.Reason{}, err
		}
	}
}

// recall takes the test post back, and asks whether it is gone.
func (r *run) recall(ctx context.Context, receipt *dam.Receipt) (answer reasons.Reason, err error) {
	for n := 1; ; n++ {
		err = r.use(ctx, callTimeout, func(ctx context.Context, in publishers.Intent) (err error) {
			if answer, err = r.kind.Publisher.Recall(ctx, in, receipt); err != nil || receipt == nil {
				return err
			}
			found, asked := r.kind.Publisher.Status(ctx, in, *receipt)
			if asked == nil && found.Verdict == publishers.Delivered {
				return &publishers.Error{Class: publishers.ClassRetry, Reason: reasons.RecallStillShown()}
			}
			return nil // gone, or the channel can't say: its answer to the recall stands
		})
		e := publishers.Classify(err, publishers.ClassRetry)
		if err == nil || ctx.Err() != nil || n == maxRecalls || e.Class != publishers.ClassRetry &&
			e.Class != publishers.ClassThrottled {
			return answer, err
		}
		wait := max(e.After, pause(n))
		if until := e.Until.Sub(r.s.now()); until > wait {
			wait = until
		}
		if err := r.s.Pause(ctx, min(wait, callTimeout)); err != nil {
			return answer, err
		}
	}
}

// use makes a call with the channel's credentials.
func (r *run) use(ctx context.Context, limit time.Duration, call func(context.Context, publishers.Intent) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return r.s.Accounts.Use(ctx, r.p.Channel, func(a publishers.Account) error {
		in := r.in
		in.Account = a
		return call(ctx, in)
	})
}

// receive keeps the receipt of the test post, and returns where it is shown.
func (r *run) receive(got publishers.Receipt) (where reasons.Reason) {
	r.p.Post.Receipt = &dam.Receipt{Remote: got.Remote, URL: got.URL, At: r.s.now(), Version: r.in.Content.Version,
		Media: []dam.SentMedia{}, Caption: r.in.Content.Text, Data: got.Data}
	for _, m := range r.in.Content.Media {
		r.p.Post.Receipt.Media = append(r.p.Post.Receipt.Media, dam.SentMedia{Preset: m.Preset, Format: m.Format,
			SHA256: m.SHA256, Size: m.Size})
	}
	r.p.Remote, r.p.URL = got.Remote, got.URL
	if got.URL != "" {
		where = reasons.ShownAt(got.URL)
	}
	return where
}

// host records where the call that posts went to.
func (r *run) host(hosts *publishers.Hosts) {
	r.p.Host = cmp.Or(hosts.First(), r.kind.Where(r.row.Config), r.p.Account) // a folder is its own host
	r.p.Foreign = !r.kind.API.Serves(r.p.Host)
}

// software asks the remote which version it is, where a kind can.
func (r *run) software(ctx context.Context) {
	v, ok := r.kind.Publisher.(publishers.Versioned)
	if !ok {
		return
	}
	if err := r.use(ctx, callTimeout, func(ctx context.Context, in publishers.Intent) error {
		said, err := v.RemoteVersion(ctx, in.Account)
		if list := []rune(said); len(list) > longestVersion { // a remote may answer anything
			said = string(list[:longestVersion])
		}
		r.p.Software = said
		return err
	}); err != nil {
		r.s.Log.Info("the version of a channel's remote is not known", "channel", r.p.Channel, "err", err)
	}
}

// step takes a step, times it, and records how it went.
func (r *run) step(ctx context.Context, name string, take func(context.Context) (reasons.Reason, error)) error {
	x := dam.ProofStep{Step: name, At: r.s.now(), OK: true}
	began := time.Now()
	why, err := take(ctx)
	if err != nil && stop(ctx, err) {
		return errors.Join(ctx.Err(), err)
	}
	x.Took = time.Since(began).Round(time.Millisecond).Seconds()
	if err != nil {
		r.s.Log.Warn("proof of a channel", "channel", r.p.Channel, "step", name, "err", err)
		x.OK = false
		var e *dam.Error
		switch {
		case errors.As(err, &e):
			why = e.Reason
		case errors.Is(err, errNotSaid):
			why = reasons.ProofCannotSay()
		default:
			why = publishers.Classify(err, publishers.ClassRetry).Reason
		}
	}
	x.Note, x.Reasons = reasons.Note(why)
	r.p.Steps = append(r.p.Steps, x)
	if saved := r.save(ctx); saved != nil {
		return saved
	}
	return err
}

// save stores the proof unless another node has changed it.
func (r *run) save(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // what the remote has answered is kept, also while the server stops
	mine, err := catalog.Do(ctx, r.s.Catalog, func(tx *catalog.Tx) (bool, error) {
		return tx.Channels().SaveProof(ctx, &r.p)
	})
	if err == nil && !mine {
		err = errTaken
	}
	if err == nil {
		r.p.Revision++
	}
	return err
}

// end records the outcome, and tells whoever watches the channel. step and why add a last step that did not work.
func (r *run) end(ctx context.Context, outcome dam.ProofOutcome, step string, why reasons.Reason) error {
	now := r.s.now()
	if step != "" {
		x := dam.ProofStep{Step: step, At: now}
		x.Note, x.Reasons = reasons.Note(why)
		r.p.Steps = append(r.p.Steps, x)
	}
	r.p.State, r.p.Outcome, r.p.EndedAt = dam.ProofEnded, outcome, &now
	mine, err := catalog.Do(ctx, r.s.Catalog, func(tx *catalog.Tx) (bool, error) {
		mine, err := tx.Channels().SaveProof(ctx, &r.p)
		if mine && r.row.ID != "" {
			accounts.EmitChannel(tx, dam.ChannelUpdated, r.row)
		}
		return mine, err
	})
	if err == nil && !mine {
		err = errTaken
	}
	return err
}

// pause before attempt n+1: half a second doubling to half a minute.
func pause(n int) time.Duration {
	return min(shortestPause<<min(n-1, 10), longestPause)
}
