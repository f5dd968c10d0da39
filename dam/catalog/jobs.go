package catalog

import (
	"context"
	"slices"
)

// The queue's tables belong to River. The statements below do what River's client doesn't.

// countedJobs is how many of the newest jobs JobCountsOfLibraries examines.
const countedJobs = 100_000

// jobLibrary is the library of a job j: the one its arguments name, or else that of the thing it is about, as in
// LibrariesOf; NULL if it belongs to none.
const jobLibrary = `COALESCE(NULLIF(j.args->>'library', ''),
	(SELECT a.library FROM versions v JOIN assets a ON a.id=v.asset_id WHERE v.id=j.args->>'version'),
	(SELECT library FROM assets WHERE id=j.args->>'asset'),
	(SELECT library FROM bulk_jobs WHERE id=j.args->>'bulk'),
	(SELECT library FROM product_imports WHERE id=j.args->>'import'),
	(SELECT library FROM rendition_runs WHERE id=j.args->>'id'),
	(SELECT library FROM reprocessings WHERE id=j.args->>'reprocessing'),
	(SELECT library FROM channels WHERE id=j.args->>'channel'),
	(SELECT library FROM publications WHERE id=j.args->>'publication'))`

// JobCounts returns how many jobs are in each of River's states.
func (s Jobs) JobCounts(ctx context.Context) (map[string]int, error) {
	list, err := all(ctx, s.db, scanJobCount, `SELECT '', CAST(state AS TEXT), count(*) FROM river_job GROUP BY state`)
	out := make(map[string]int, len(list))
	for _, x := range list {
		out[x.state] = x.n
	}
	return out, err
}

// JobCountsOfLibraries returns how many of the newest 100,000 jobs are in each of River's states, by the library they
// belong to. It reads all of them, which can take a second.
func (s Jobs) JobCountsOfLibraries(ctx context.Context) (map[string]map[string]int, error) {
	list, err := all(ctx, s.db, scanJobCount, `SELECT library, state, count(*) FROM
		(SELECT `+jobLibrary+
		` AS library, CAST(j.state AS TEXT) AS state FROM (SELECT state, args FROM river_job ORDER BY id DESC LIMIT $1) AS j) AS of_library
		WHERE library IS NOT NULL GROUP BY library, state`, countedJobs)
	out := map[string]map[string]int{}
	for _, x := range list {
		if out[x.library] == nil {
			out[x.library] = map[string]int{}
		}
		out[x.library][x.state] = x.n
	}
	return out, err
}

type jobCount struct {
	library, state string
	n              int
}

func scanJobCount(r row) (x jobCount, err error) {
	err = r.Scan(&x.library, &x.state, &x.n)
	return
}

// LibrariesOf returns the library of each thing that a job can be about, by its id: an asset, a version, a bulk job, an
// import, a run, a channel, a publication. Things that no longer exist or belong to no library are left out.
func (s Jobs) LibrariesOf(ctx context.Context, ids []string) (map[string]string, error) {
	type home struct{ id, library string }
	out := map[string]string{}
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 1)
		list, err := all(ctx, s.db, func(r row) (h home, err error) {
			err = r.Scan(&h.id, &h.library)
			return
		}, `SELECT id,library FROM assets WHERE id IN `+in+
			` UNION ALL SELECT v.id,a.library FROM versions v JOIN assets a ON a.id=v.asset_id WHERE v.id IN `+in+
			` UNION ALL SELECT id,library FROM bulk_jobs WHERE id IN `+in+
			` UNION ALL SELECT id,library FROM product_imports WHERE id IN `+in+
			` UNION ALL SELECT id,library FROM rendition_runs WHERE id IN `+in+
			` UNION ALL SELECT id,library FROM reprocessings WHERE id IN `+in+
			` UNION ALL SELECT id,library FROM channels WHERE id IN `+in+
			` UNION ALL SELECT id,library FROM publications WHERE id IN `+in, args...)
		if err != nil {
			return nil, err
		}
		for _, h := range list {
			out[h.id] = h.library
		}
	}
	return out, nil
}

// JobsWaitingFor counts the available jobs on a queue at a priority whose metadata name who ("for"). It counts at most
// most jobs among the newest ones, reads them along River's own index, and stops at the last one that it counts.
func (s JobsTx) JobsWaitingFor(ctx context.Context, who, queue string, priority, newest, most int) (int, error) {
	return one(ctx, s.db, func(r row) (n int, err error) {
		err = r.Scan(&n)
		return
	}, `SELECT count(*) FROM (SELECT 1 FROM
		(SELECT metadata FROM river_job WHERE state='available' AND queue=$1 AND priority=$2 ORDER BY scheduled_at DESC, id DESC LIMIT $3) AS newest
		WHERE metadata->>'for'=$4 LIMIT $5) AS found`, queue, priority, newest, who, most)
}

// FreeJobs makes the jobs that a node was running when it died available again, without counting the attempt.
func (s JobsTx) FreeJobs(ctx context.Context, node string) (int64, error) {
	if s.tx.pg {
		return s.tx.exec(ctx,
			`UPDATE river_job SET state='available', attempt=attempt-1, scheduled_at=now() WHERE state='running' AND attempted_by[array_length(attempted_by,1)]=$1`, node)
	}
	// attempted_by is a JSON array of node names, the newest last.
	return s.tx.exec(ctx,
		`UPDATE river_job SET state='available', attempt=attempt-1, scheduled_at=strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE state='running' AND json(attempted_by) LIKE '%"' || $1 || '"]'`, node)
}

// RunningJob is one attempt of a job.
type RunningJob struct{ ID, Attempt int64 }

// RunningJobs returns the jobs that a node is running according to the queue.
func (s Jobs) RunningJobs(ctx context.Context, node string) ([]RunningJob, error) {
	scan := func(r row) (j RunningJob, err error) {
		err = r.Scan(&j.ID, &j.Attempt)
		return
	}
	if s.db.pg {
		return all(ctx, s.db, scan,
			`SELECT id, attempt::bigint FROM river_job WHERE state='running' AND attempted_by[array_length(attempted_by,1)]=$1`, node)
	}
	return all(ctx, s.db, scan,
		`SELECT id, attempt FROM river_job WHERE state='running' AND json(attempted_by) LIKE '%"' || $1 || '"]'`, node)
}

// FreeJob makes a job available again if the attempt is still its current one, without counting the attempt.
func (s JobsTx) FreeJob(ctx context.Context, j RunningJob) error {
	_, err := s.tx.exec(ctx, `UPDATE river_job SET state='available', attempt=attempt-1, scheduled_at=`+s.tx.riverNow()+
		` WHERE id=$1 AND attempt=$2 AND state='running'`, j.ID, j.Attempt)
	return err
}

// ReleaseEarlyJobs makes available jobs scheduled in the future, and retryable jobs whose last attempt lies in the
// future, run now: the clock has been set back.
func (s JobsTx) ReleaseEarlyJobs(ctx context.Context) error {
	now := s.tx.riverNow()
	_, err := s.tx.exec(ctx, `UPDATE river_job SET scheduled_at=`+now+` WHERE state='available' AND scheduled_at>`+now+
		` OR state='retryable' AND attempted_at>`+now)
	return err
}

// riverNow is the SQL for the database's time as River writes it.
func (c Conn) riverNow() string {
	if c.pg {
		return "now()"
	}
	return "strftime('%Y-%m-%d %H:%M:%f', 'now')"
}
