package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/events"
	"vitrine/dam/jobs"
	"vitrine/dam/outbound"
)

// Hook is the endpoint that purges a CDN or a cache in front of the server. One request works with the common ones: the
// tags are in the body as {"tags": […]} (Cloudflare), and in the headers Surrogate-Key (Fastly), xkey-purge (Varnish)
// and Cache-Tag.
type Hook struct {
	URL    string
	Method string            // POST when empty
	Header map[string]string // headers that the endpoint requires, such as Authorization
	Client *http.Client      // if nil, the operator's with a timeout of 20 s
}

// PurgeArgs are the arguments of a job that calls the hook to purge answers by their tags.
type PurgeArgs struct {
	Tags []string `json:"tags"`
}

// Kind implements jobs.Args.
func (PurgeArgs) Kind() string { return "delivery.purge" }

// Enqueuer adds a job to a transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Purger turns events into calls of the hook, at least one for each event, even if a node stops: a durable follower
// adds a job in the transaction that moves its cursor.
type Purger struct {
	Catalog Catalog
	Jobs    Enqueuer
	Hook    Hook
	Log     *slog.Logger
}

const (
	// purgeFollower is the name of the durable cursor.
	purgeFollower = "delivery.cdn"
	// maxTags is how many tags the common CDNs accept per request.
	maxTags = 30
	// again is when the hook is called a second time: a node that had not seen the event yet may have given the CDN the
	// old answer just after the first call, cacheable for a year if it was an exact URL.
	again = 10 * time.Second
	// heldPause is how long a purge waits before it checks again whether the server still holds.
	heldPause = 30 * time.Second
	// purgeAttempts spread over about a day.
	purgeAttempts = 15
)

// Follow adds jobs for events until ctx is done. Any number of nodes may call it.
func (p *Purger) Follow(ctx context.Context) error {
	return events.Follow(ctx, p.Catalog, purgeFollower, p.Log, p.apply)
}

func (p *Purger) apply(ctx context.Context, tx *catalog.Tx, batch []dam.Event) error {
	var tags []string
	for _, e := range batch {
		if e.Asset != "" && e.Type.Public() {
			tags = append(tags, e.Asset)
		}
		if e.Type == dam.ProductChanged {
			skus, fields := changedProducts(e)
			if !slices.ContainsFunc(fields, func(f string) bool {
				return f == "slots" || f == "names" || f == "deleted" || f == "sku" || f == "parent"
			}) {
				continue // public answers contain neither stock nor price
			}
			for _, sku := range skus {
				tags = append(tags, ProductTag(e.Library, sku))
			}
		}
	}
	slices.Sort(tags)
	for some := range slices.Chunk(slices.Compact(tags), maxTags) {
		for _, at := range []time.Time{{}, tx.Now().Add(again)} {
			if err := p.Jobs.Enqueue(ctx, tx, PurgeArgs{slices.Clone(some)},
				jobs.Options{Max: purgeAttempts, At: at}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Purge runs the job: jobs.Handle(queue, time.Minute, purger.Purge).
func (p *Purger) Purge(ctx context.Context, args PurgeArgs, _ jobs.Info) error {
	if hold, err := p.Catalog.Epochs().Hold(ctx); err != nil {
		return err
	} else if hold != nil {
		return jobs.Snooze(heldPause)
	}
	method := p.Hook.Method
	if method == "" {
		method = http.MethodPost
	}
	body, err := json.Marshal(args)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, p.Hook.URL, bytes.NewReader(body))
	if err != nil {
		return jobs.Park(fmt.Errorf("the purge hook's address can't be used: %w", err))
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Surrogate-Key", strings.Join(args.Tags, " "))
	r.Header.Set("xkey-purge", strings.Join(args.Tags, " "))
	r.Header.Set("Cache-Tag", strings.Join(args.Tags, ","))
	for name, value := range p.Hook.Header {
		r.Header.Set(name, value)
	}
	client := p.Hook.Client
	if client == nil {
		client = outbound.Operator(20 * time.Second)
	}
	w, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = w.Body.Close() }()
	if w.StatusCode/100 == 2 {
		return nil
	}
	// The response body is not included: people who see jobs and their errors may not be allowed to see what the URL
	// leads to.
	return fmt.Errorf("the purge hook answers %d %s", w.StatusCode, http.StatusText(w.StatusCode))
}
