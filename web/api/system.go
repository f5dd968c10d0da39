package api

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// System describes the installation to the people who run it.
type System struct {
	Version  string `json:"version"`
	Storage  string `json:"storage" doc:"Location, without credentials; for administrators of the library main"`
	Database string `json:"database" doc:"Location, without credentials; for administrators of the library main"`
	Engine   string `json:"engine" doc:"What makes the renditions, and its version"`
	Tools    []Tool `json:"tools" nullable:"false"`
}

// Tool is a program that is used when it is there.
type Tool struct {
	Name    string `json:"name"`
	Present bool   `json:"present"`
	Effect  string `json:"effect" doc:"What it makes possible, or what is missing without it"`
	Walls   string `json:"walls,omitempty" doc:"What keeps it from the server's files, processes and network while it reads a file; nothing for what reads none"`
}

// Formats says which files are shown as pictures here.
type Formats struct {
	At    time.Time `json:"at" doc:"When they were tried"`
	Items []Format  `json:"items" nullable:"false"`
}

// Format is a kind of file, and whether the server makes pictures of it. Files of any other kind are kept as well.
type Format struct {
	Name    string           `json:"name"`
	Files   string           `json:"files" doc:"Extensions of such files"`
	Picture string           `json:"picture" doc:"What the picture is of"`
	Program string           `json:"program,omitempty" doc:"What it can't be shown without, besides the server itself"`
	Shown   bool             `json:"shown" doc:"Whether a small file of it was made a picture of"`
	Error   string           `json:"error,omitempty" doc:"Why it was not"`
	Reasons []reasons.Reason `json:"reasons,omitempty" doc:"What error says, as codes, where it has some"`
}

func (s *API) formats(ctx context.Context, _ *nothing) (*body[Formats], error) {
	list, err := s.Formats(ctx)
	return &body[Formats]{list}, err
}

// follower is a reader of the log.
type follower struct {
	Name string `json:"name"`
	Seq  int64  `json:"seq"`
	Lag  int64  `json:"lag" doc:"Events it has not seen yet"`
}

// backupView is what is known of the backups to one target.
type backupView struct {
	Target   string     `json:"target" doc:"Machine and folder"`
	At       time.Time  `json:"at" doc:"When the last one ended"`
	Good     *time.Time `json:"good_at,omitempty" doc:"When the last one that lacked nothing was made"`
	Verified *time.Time `json:"verified_at,omitempty" doc:"When every object of it was last read"`
	Objects  int64      `json:"objects"`
	Bytes    int64      `json:"bytes"`
	Damaged  int64      `json:"damaged" doc:"Objects that are damaged or missing in the last one"`
}

func (s *API) backups(ctx context.Context) ([]backupView, error) {
	out := []backupView{}
	list, err := s.Integrity.Backups(ctx)
	for _, b := range list {
		out = append(out, backupView{b.Target, b.Ended, b.Good, b.Verified, b.Objects, b.Bytes, b.Damaged})
	}
	return out, err
}

// mirrorView is how far the second store is behind the first.
type mirrorView struct {
	Location string     `json:"location" doc:"Without credentials"`
	Objects  int64      `json:"objects" doc:"Not yet as in the first store, deletions included"`
	Bytes    int64      `json:"bytes"`
	Oldest   *time.Time `json:"oldest,omitempty" doc:"Since when the one that has waited longest does"`
	Failing  int64      `json:"failing" doc:"Objects whose last try failed"`
	Error    string     `json:"error,omitempty" doc:"Of one of those"`
	Filling  bool       `json:"filling" doc:"What was stored before is still being counted"`
}

func (s *API) mirror(ctx context.Context) (*mirrorView, error) {
	lag, err := s.Integrity.MirrorLag(ctx)
	if err != nil || lag == nil {
		return nil, err
	}
	return &mirrorView{lag.Location, lag.Objects, lag.Bytes, lag.Oldest, lag.Failing, lag.Error, lag.Filling}, nil
}

type systemView struct {
	System
	Mirror    *mirrorView        `json:"mirror,omitempty" doc:"The second store, when there is one; for administrators of the library main"`
	Backups   []backupView       `json:"backups" nullable:"false" doc:"Made with vitrine backup; for administrators of the library main"`
	Head      int64              `json:"head,omitempty" doc:"Newest seq of the log, which every library shares; for editors of the whole library"`
	Epoch     string             `json:"epoch" doc:"The log's present epoch"`
	Followers []follower         `json:"followers" nullable:"false" doc:"How far every follower of the log is; for editors of the whole library"`
	Building  *int               `json:"index_building,omitempty" doc:"While the search index of the node that answers is being built: how much of it is, in percent"`
	Jobs      map[jobs.State]int `json:"jobs" doc:"Jobs by state: of the library, as they were at most 10 s ago; for an administrator of the installation of everything, as they are now"`
}

func (s *API) system(ctx context.Context, _ *nothing) (*body[systemView], error) {
	out := systemView{System: s.System, Followers: []follower{}, Jobs: map[jobs.State]int{}}
	out.Version = s.Version
	out.Backups = []backupView{}
	if !requestOf(ctx).installation(dam.MayManageSystem) {
		out.Storage, out.Database = "", ""
	} else if list, err := s.backups(ctx); err != nil {
		return nil, err
	} else if out.Mirror, err = s.mirror(ctx); err != nil {
		return nil, err
	} else {
		out.Backups = list
	}
	if out.Tools == nil {
		out.Tools = []Tool{}
	}
	if s.Building != nil {
		if percent, ok := s.Building(); ok {
			out.Building = &percent
		}
	}
	epoch, head, err := s.Events.State(ctx)
	if err != nil {
		return nil, err
	}
	out.Epoch = epoch
	// How much happens in the other libraries is no business of whoever looks at pictures of this one.
	if req := requestOf(ctx); req.principal.Can(req.library, dam.MayManageJobs) &&
		!req.principal.Restricted(req.library) {
		out.Head = head
		if out.Followers, err = s.followers(ctx, head); err != nil {
			return nil, err
		}
	}
	if s.Jobs != nil {
		out.Jobs, err = s.jobCounts(ctx)
	}
	return &body[systemView]{out}, err
}

// followers are the readers of the log, by name.
func (s *API) followers(ctx context.Context, head int64) ([]follower, error) {
	cursors, err := s.Events.Followers(ctx)
	if err != nil {
		return nil, err
	}
	if s.Followers != nil {
		for name, seq := range s.Followers() {
			cursors[name] = seq
		}
	}
	out := []follower{}
	for name, seq := range cursors {
		out = append(out, follower{name, seq, max(head-seq, 0)})
	}
	slices.SortFunc(out, func(a, b follower) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// jobView is a job with what it is about.
type jobView struct {
	ID      int64      `json:"id"`
	Kind    string     `json:"kind"`
	State   jobs.State `json:"state" enum:"waiting,running,parked,done"`
	Attempt int        `json:"attempt"`
	Max     int        `json:"max"`
	Error   string     `json:"error,omitempty" doc:"The last attempt's reason"`
	// ErrorReasons are what Error says.
	ErrorReasons []reasons.Reason `json:"error_reasons,omitempty" doc:"What error says, as codes, where it has some"`
	Subject      string           `json:"subject,omitempty" doc:"Id of what the job is about"`
	At           time.Time        `json:"at" doc:"When it runs or ran last"`
}

type jobsIn struct {
	State jobs.State `query:"state" enum:"parked,running,waiting,done" default:"parked"`
	Limit int        `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

type jobsOut struct {
	Body struct {
		Items  []jobView          `json:"items" nullable:"false"`
		Counts map[jobs.State]int `json:"counts" doc:"Jobs by state: of the library, as they were at most 10 s ago; for an administrator of the installation of everything, as they are now"`
	}
}

func (s *API) listJobs(ctx context.Context, in *jobsIn) (*jobsOut, error) {
	list, err := s.Jobs.List(ctx, in.State, maxJobs)
	if err != nil {
		return nil, err
	}
	if list, err = s.ofLibrary(ctx, list); err != nil {
		return nil, err
	}
	list = list[:min(len(list), in.Limit)]
	out := &jobsOut{}
	out.Body.Items = make([]jobView, len(list))
	for i, j := range list {
		subject, _ := subjectOf(j.Args)
		out.Body.Items[i] = jobView{j.ID, j.Kind, j.State, j.Attempt, j.Max, j.Error, j.ErrorReasons, subject, j.At}
	}
	out.Body.Counts, err = s.jobCounts(ctx)
	return out, err
}

// jobCounts are the figures of the request's library, for administrators of the installation those of everything.
func (s *API) jobCounts(ctx context.Context) (map[jobs.State]int, error) {
	req := requestOf(ctx)
	if req.installation(dam.MayManageSystem) {
		return s.Jobs.Counts(ctx, "")
	}
	return s.Jobs.Counts(ctx, req.library)
}

// maxJobs is how many of the newest jobs are looked through.
const maxJobs = 1000

// ofLibrary keeps the jobs that are about something of the request's library. Those of
// the installation itself are for administrators of the library it began with.
func (s *API) ofLibrary(ctx context.Context, list []jobs.Job) ([]jobs.Job, error) {
	req := requestOf(ctx)
	ids := make([]string, 0, len(list))
	for _, j := range list {
		if subject, _ := subjectOf(j.Args); subject != "" {
			ids = append(ids, subject)
		}
	}
	homes, err := s.Jobs.LibrariesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	installation := req.installation(dam.MayManageSystem)
	return slices.DeleteFunc(list, func(j jobs.Job) bool {
		subject, library := subjectOf(j.Args)
		if library == "" {
			library = homes[subject]
		}
		return library != req.library && (library != "" || !installation)
	}), nil
}

// subjectOf finds the id in a job's arguments, and the library where they name it.
func subjectOf(args string) (subject, library string) {
	var m map[string]any
	if json.Unmarshal([]byte(args), &m) != nil {
		return "", ""
	}
	library, _ = m["library"].(string)
	for _, name := range []string{"asset", "version", "publication", "delivery", "webhook", "channel", "bulk", "import",
		"id"} {
		if id, ok := m[name].(string); ok && id != "" {
			return id, library
		}
	}
	return "", library
}

type retryJobIn struct {
	ID int64 `path:"id" minimum:"1"`
}

func (s *API) retryJob(ctx context.Context, in *retryJobIn) (*nothing, error) {
	j, err := s.Jobs.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	own, err := s.ofLibrary(ctx, []jobs.Job{j})
	if err == nil && len(own) == 0 {
		err = jobs.Missing(in.ID)
	}
	if err != nil {
		return nil, err
	}
	return done(s.Jobs.Retry(ctx, in.ID))
}
