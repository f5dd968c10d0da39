package publishertest

import (
	"context"
	"net/http/httptrace"
	"sync"
	"sync/atomic"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Stage stands between the ledger and a channel, and lets a test act, fail or die
// between the steps. A hook that is nil does nothing; an error it returns is the
// call's.
type Stage struct {
	publishers.Publisher
	mu                                       sync.Mutex
	prepare, beforeCommit, afterCommit, look Hook
	commented                                Hook
	requests                                 atomic.Int64
}

// counted is a context in which every HTTP request to the remote is counted, whoever makes it.
func (s *Stage) counted(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { s.requests.Add(1) }})
}

// Hook acts in the middle of a call.
type Hook func(ctx context.Context, in publishers.Intent) error

func stage(k publishers.Kind) (publishers.Kind, *Stage) {
	s := &Stage{Publisher: k.Publisher}
	k.Publisher = s
	switch c := s.Publisher.(type) {
	case publishers.CommentRecaller:
		k.Publisher = recallingStage{commentingStage{s, c}, c}
	case publishers.Commenter:
		k.Publisher = commentingStage{s, c}
	}
	return k, s
}

// commentingStage is a Stage in front of a Commenter, recallingStage in front of a CommentRecaller.
type commentingStage struct {
	*Stage
	commenter publishers.Commenter
}

type recallingStage struct {
	commentingStage
	recaller publishers.CommentRecaller
}

// RecallComment implements publishers.CommentRecaller.
func (s recallingStage) RecallComment(ctx context.Context, in publishers.Intent, r dam.Receipt) error {
	return s.recaller.RecallComment(s.counted(ctx), in, r)
}

// Comment implements publishers.Commenter.
func (s commentingStage) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	remote, err := s.commenter.Comment(s.counted(ctx), in, r)
	if err != nil {
		return remote, err
	}
	return remote, s.hook(ctx, &s.commented, in)
}

func (s *Stage) set(target *Hook, h Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*target = h
}

// OnPrepare acts before Prepare, OnCommit before Commit, OnReply after Commit has
// been accepted, OnLookup before Lookup.
func (s *Stage) OnPrepare(h Hook) { s.set(&s.prepare, h) }

// OnComment acts after the remote has accepted a comment, before the ledger knows.
func (s *Stage) OnComment(h Hook) { s.set(&s.commented, h) }

// OnCommit acts before Commit.
func (s *Stage) OnCommit(h Hook) { s.set(&s.beforeCommit, h) }

// OnReply acts after the remote has accepted, before the ledger knows.
func (s *Stage) OnReply(h Hook) { s.set(&s.afterCommit, h) }

// OnLookup acts before Lookup.
func (s *Stage) OnLookup(h Hook) { s.set(&s.look, h) }

func (s *Stage) hook(ctx context.Context, which *Hook, in publishers.Intent) error {
	s.mu.Lock()
	h := *which
	s.mu.Unlock()
	if h == nil {
		return nil
	}
	return h(ctx, in)
}

// Prepare implements publishers.Publisher.
func (s *Stage) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	if err := s.hook(ctx, &s.prepare, in); err != nil {
		return state, err
	}
	return s.Publisher.Prepare(s.counted(ctx), in, state)
}

// Commit implements publishers.Publisher.
func (s *Stage) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt, error) {
	if err := s.hook(ctx, &s.beforeCommit, in); err != nil {
		return publishers.Receipt{}, err
	}
	r, err := s.Publisher.Commit(s.counted(ctx), in, state)
	if err != nil {
		return r, err
	}
	return r, s.hook(ctx, &s.afterCommit, in)
}

// Lookup implements publishers.Publisher.
func (s *Stage) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome, error) {
	if err := s.hook(ctx, &s.look, in); err != nil {
		return publishers.Outcome{}, err
	}
	return s.Publisher.Lookup(s.counted(ctx), in, state)
}

// Status implements publishers.Publisher.
func (s *Stage) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	return s.Publisher.Status(s.counted(ctx), in, r)
}

// Recall implements publishers.Publisher.
func (s *Stage) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	return s.Publisher.Recall(s.counted(ctx), in, r)
}

// Refresh implements publishers.Publisher.
func (s *Stage) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	return s.Publisher.Refresh(s.counted(ctx), a)
}

// once makes a hook act the first time only, without holding up the others.
func once(h Hook) Hook {
	var used atomic.Bool
	return func(ctx context.Context, in publishers.Intent) error {
		if used.Swap(true) {
			return nil
		}
		return h(ctx, in)
	}
}

// fails is a hook that returns an error the first time.
func fails(err error) Hook {
	return once(func(context.Context, publishers.Intent) error { return err })
}
