package catalog

import "context"

// The queue's own table belongs to River; these two statements are what the
// product needs beside its client.

// JobCounts returns how many jobs are in each of River's states.
func (c Conn) JobCounts(ctx context.Context) (map[string]int, error) {
	type count struct {
		state string
		n     int
	}
	list, err := all(ctx, c, func(r row) (x count, err error) {
		err = r.Scan(&x.state, &x.n)
		return
	}, `SELECT CAST(state AS TEXT), count(*) FROM river_job GROUP BY state`)
	out := make(map[string]int, len(list))
	for _, x := range list {
		out[x.state] = x.n
	}
	return out, err
}

// FreeJobs gives back the jobs that a node was running when it died; the
// attempt is not counted against them.
func (tx *Tx) FreeJobs(ctx context.Context, node string) (int64, error) {
	if tx.pg {
		return tx.exec(ctx, `UPDATE river_job SET state='available', attempt=attempt-1, scheduled_at=now() WHERE state='running' AND attempted_by[array_length(attempted_by,1)]=$1`, node)
	}
	// attempted_by is a JSON array of node names, the newest last.
	return tx.exec(ctx, `UPDATE river_job SET state='available', attempt=attempt-1, scheduled_at=strftime('%Y-%m-%d %H:%M:%f', 'now') WHERE state='running' AND json(attempted_by) LIKE '%"' || $1 || '"]'`, node)
}
