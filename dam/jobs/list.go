package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"vitrine/dam"
	"vitrine/dam/reasons"
)

// State groups River's states by what a person can do about a job.
type State string

var riverStates = map[State][]rivertype.JobState{
	Waiting: {rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRetryable,
		rivertype.JobStatePending},
	Running: {rivertype.JobStateRunning},
	Parked:  {rivertype.JobStateDiscarded, rivertype.JobStateCancelled},
	Done:    {rivertype.JobStateCompleted},
}

// Job is a job as shown to people.
type Job struct {
	ID      int64  `json:"id"`
	Kind    string `json:"kind"`
	State   State  `json:"state"`
	Attempt int    `json:"attempt"`
	Max     int    `json:"max"`
	Error   string `json:"error,omitempty" doc:"The last attempt's reason"`
	// ErrorReasons are what Error says, without its cause; nil for an error that has no code.
	ErrorReasons []reasons.Reason `json:"error_reasons,omitempty" doc:"What error says, as codes, where it has some"`
	Args         string           `json:"args" doc:"What the job is about, as JSON"`
	At           time.Time        `json:"at" doc:"When it runs or ran last"`
}

// List returns jobs in a state, newest first.
func (q *Queue) List(ctx context.Context, s State, limit int) ([]Job, error) {
	states, ok := riverStates[s]
	if !ok {
		return nil, dam.InvalidInput("state", reasons.UnknownJobState(string(s)))
	}
	p := river.NewJobListParams().States(states...).First(max(1, min(limit, 1000))).OrderBy(river.JobListOrderByID,
		river.SortOrderDesc)
	var res *river.JobListResult
	var err error
	if q.cat.Postgres() {
		res, err = q.pg.client.Load().JobList(ctx, p)
	} else {
		res, err = q.lite.client.Load().JobList(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	out := make([]Job, len(res.Jobs))
	for i, j := range res.Jobs {
		out[i] = jobOf(j, s)
	}
	return out, nil
}

// Get returns a job by id. The error is dam.NotFound.
func (q *Queue) Get(ctx context.Context, id int64) (Job, error) {
	var row *rivertype.JobRow
	var err error
	if q.cat.Postgres() {
		row, err = q.pg.client.Load().JobGet(ctx, id)
	} else {
		row, err = q.lite.client.Load().JobGet(ctx, id)
	}
	if err != nil {
		return Job{}, missing(err, id)
	}
	for s, states := range riverStates {
		if slices.Contains(states, row.State) {
			return jobOf(row, s), nil
		}
	}
	return jobOf(row, ""), nil
}

func jobOf(j *rivertype.JobRow, s State) Job {
	out := Job{ID: j.ID, Kind: j.Kind, State: s, Attempt: j.Attempt, Max: j.MaxAttempts, Args: string(j.EncodedArgs),
		At: j.ScheduledAt}
	if j.AttemptedAt != nil {
		out.At = *j.AttemptedAt
	}
	if n := len(j.Errors); n > 0 {
		text, why, _ := strings.Cut(j.Errors[n-1].Error, reasonMark)
		out.Error, out.ErrorReasons = text, reasons.Decode(why)
	}
	return out
}

// Held returns how many jobs of a kind wait for the release of a hold.
func (q *Queue) Held(ctx context.Context, kind string) (int, error) {
	return q.cat.Epochs().HeldJobs(ctx, kind)
}

// LibrariesOf returns the libraries of the things that jobs are about, by id.
func (q *Queue) LibrariesOf(ctx context.Context, ids []string) (map[string]string, error) {
	return q.cat.Jobs().LibrariesOf(ctx, ids)
}

// Retry runs a parked job again with fresh attempts.
func (q *Queue) Retry(ctx context.Context, id int64) error {
	var err error
	if q.cat.Postgres() {
		_, err = q.pg.client.Load().JobRetry(ctx, id)
	} else {
		_, err = q.lite.client.Load().JobRetry(ctx, id)
	}
	return missing(err, id)
}

// Cancel parks a waiting job and interrupts a running one.
func (q *Queue) Cancel(ctx context.Context, id int64) error {
	var err error
	if q.cat.Postgres() {
		_, err = q.pg.client.Load().JobCancel(ctx, id)
	} else {
		_, err = q.lite.client.Load().JobCancel(ctx, id)
	}
	return missing(err, id)
}

// Missing returns the error for a job that does not exist.
func Missing(id int64) error {
	return &dam.Error{Code: dam.NotFound, Reason: reasons.NoJob(id)}
}

func missing(err error, id int64) error {
	if errors.Is(err, river.ErrNotFound) {
		return Missing(id)
	}
	return err
}
