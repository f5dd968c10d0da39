package api

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

const (
	heartbeatGap = 15 * time.Second
	stillGood    = time.Second      // how long somebody whose token or session has ended may listen on
	streamWrite  = 30 * time.Second // a reader slower than that is cut off, and comes back with its cursor
	streamBatch  = 200
	snapshotRead = 500
)

type assetEventsIn struct {
	ByID
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Before int64 `query:"before" minimum:"0" doc:"Only events with a lower seq; 0 starts with the newest"`
}

// historyEntry is an event with what people want to know about it.
type historyEntry struct {
	dam.Event
	ActorName string       `json:"actor_name"`
	Changes   []dam.Change `json:"changes" nullable:"false" doc:"Before and after; empty once erased"`
}

func (s *API) assetEvents(ctx context.Context, in *assetEventsIn) (*items[historyEntry], error) {
	a, err := s.Assets.Get(ctx, requestOf(ctx).library, in.ID)
	if err != nil {
		return nil, err
	}
	// What was changed is of versions that are not approved, too.
	whole := dam.ActorOf(ctx).SeesUnapproved(&a)
	events, err := s.Events.OfAsset(ctx, in.ID, in.Before, in.Limit)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.Actor
	}
	names, err := s.People.Names(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]historyEntry, len(events))
	for i, e := range events {
		out[i] = historyEntry{Event: e, ActorName: names[e.Actor]}
		if out[i].ActorName == "" {
			out[i].ActorName = e.Actor
		}
		if out[i].Changes = []dam.Change{}; !whole {
			continue
		}
		changes, err := s.Events.Changes(ctx, e.Seq)
		if err != nil {
			return nil, err
		}
		out[i].Changes = dam.ActorOf(ctx).ShowChanges(e.Library, changes)
	}
	return listOf(out, nil)
}

type eventsIn struct {
	After string `query:"after" default:"0" maxLength:"64" doc:"cursor of the last answer. A bare seq stands for the log as it is now; 0 starts at the beginning"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Wait  int    `query:"wait" minimum:"0" maximum:"60" doc:"Seconds to wait for the first event"`
}

type eventsOut struct {
	Body struct {
		Items  []dam.Event `json:"items" nullable:"false"`
		Next   int64       `json:"next" doc:"Seq to go on from"`
		Epoch  string      `json:"epoch" doc:"The log's epoch; another one begins when a backup is restored"`
		Cursor string      `json:"cursor" doc:"after of the next request: the epoch and the seq"`
		MinSeq int64       `json:"min_seq" doc:"A lower cursor gets 410, as one of another epoch does: start from /api/snapshot"`
	}
}

func (s *API) listEvents(ctx context.Context, in *eventsIn) (*eventsOut, error) {
	req := requestOf(ctx)
	epoch, next, err := dam.ParseCursor("after", in.After)
	if err != nil {
		return nil, err
	}
	out := &eventsOut{}
	until := time.Now().Add(time.Duration(in.Wait) * time.Second)
	for {
		var events []dam.Event
		if events, epoch, next, err = s.Events.Page(ctx, req.library, epoch, next, in.Limit); err != nil {
			return nil, err
		}
		out.Body.Items, out.Body.Epoch, out.Body.Next, out.Body.Cursor = events, epoch, next, dam.Cursor(epoch, next)
		left := time.Until(until)
		if len(events) > 0 || left <= 0 {
			break
		}
		if err := s.await(ctx, next, min(left, stillGood)); err != nil {
			return nil, err
		}
		if err := s.again(ctx, req); err != nil { // what is new is not for who may no more
			return nil, err
		}
		ctx = catalog.WithActor(ctx, req.principal)
		select {
		case <-s.closing:
			until = time.Now()
		default:
		}
	}
	out.Body.MinSeq, err = s.Events.Oldest(ctx)
	return out, err
}

// await returns when the log has grown, or nothing has happened for a while, or the server stops.
func (s *API) await(ctx context.Context, after int64, d time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	go func() {
		_ = dam.Protect("a wait for events", func() error {
			select {
			case <-s.closing:
				cancel()
			case <-wait.Done():
			}
			return nil
		})
	}()
	if err := s.Events.Wait(wait, after); err != nil && (ctx.Err() != nil || wait.Err() == nil) {
		return errors.Join(err, ctx.Err())
	}
	return nil
}

// streamEvents sends the log as server-sent events, from Last-Event-ID or after, or
// from now. It reads at the client's pace: nothing is kept for a slow one.
func (s *API) streamEvents(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	epoch, next, err := s.startOf(c)
	if err != nil {
		return err
	}
	var events []dam.Event
	events, epoch, next, err = s.Events.Page(ctx, req.library, epoch, next, streamBatch)
	if err != nil {
		return err
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // proxies must pass events on at once
	s.metrics.streams.Inc()
	defer s.metrics.streams.Dec()
	rc := http.NewResponseController(c.Writer)
	defer func() { _ = rc.SetWriteDeadline(time.Time{}) }() // for the connection's next request
	w := bufio.NewWriter(c.Writer)
	_, _ = w.WriteString("retry: 1000\n\n") // errors of w stay until Flush
	checked := time.Now()
	for {
		for i := range events {
			if err := writeEvent(w, epoch, &events[i]); err != nil {
				return nil // the client has gone
			}
		}
		if len(events) == 0 {
			// A heartbeat; its id moves the client's cursor past what other libraries did.
			_, _ = fmt.Fprintf(w, ": still here\nid: %s\n\n", dam.Cursor(epoch, next))
		}
		if err := rc.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
			return err
		}
		if w.Flush() != nil || rc.Flush() != nil {
			return nil
		}
		for started := time.Now(); ; {
			if err := s.await(ctx, next, min(s.heartbeat-time.Since(started), stillGood)); err != nil {
				return nil
			}
			select {
			case <-s.closing:
				return nil
			default:
			}
			// tokens and sessions end, and people lose their role, while they listen
			if time.Since(checked) >= stillGood {
				if s.again(ctx, req) != nil {
					return nil
				}
				ctx = catalog.WithActor(ctx, req.principal)
				checked = time.Now()
			}
			if events, epoch, next, err = s.Events.Page(ctx, req.library, epoch, next, streamBatch); err != nil {
				return nil // the client comes back with its cursor, and then hears why
			}
			if len(events) > 0 || time.Since(started) >= s.heartbeat {
				break
			}
		}
	}
}

// startOf is the cursor a stream begins at.
func (s *API) startOf(c *gin.Context) (epoch string, seq int64, err error) {
	field, text := "Last-Event-ID", c.GetHeader("Last-Event-ID")
	if text == "" {
		field, text = "after", c.Query("after")
	}
	if text == "" {
		epoch, seq, err = s.Events.State(c.Request.Context())
		return epoch, seq, err
	}
	return dam.ParseCursor(field, text)
}

func writeEvent(w *bufio.Writer, epoch string, e *dam.Event) error {
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %s\nevent: %s\ndata: %s\n\n", dam.Cursor(epoch, e.Seq), e.Type, data)
	return err
}

// snapshot sends every asset of the library, also those in the bin, one to a line.
// X-Vitrine-Cursor is where to follow the log from: a change made meanwhile comes again.
func (s *API) snapshot(c *gin.Context) error {
	ctx := c.Request.Context()
	req := requestOf(ctx)
	epoch, head, err := s.Events.State(ctx)
	if err != nil {
		return err
	}
	list, err := s.Assets.Scan(ctx, 0, snapshotRead)
	if err != nil {
		return err
	}
	c.Header(seqHeader, strconv.FormatInt(head, 10))
	c.Header(cursorHeader, dam.Cursor(epoch, head))
	c.Header("Content-Type", "application/jsonl")
	rc := http.NewResponseController(c.Writer)
	enc := json.NewEncoder(c.Writer)
	c.Status(http.StatusOK)
	c.Writer.WriteHeaderNow()
	for len(list) > 0 {
		if err := rc.SetWriteDeadline(time.Now().Add(streamWrite)); err != nil {
			return err
		}
		for i := range list {
			if list[i].Library != req.library || !req.principal.Sees(&list[i]) {
				continue
			}
			list[i].Collections = catalog.Shown(req.principal, req.library, list[i].Collections)
			if err := enc.Encode(&list[i]); err != nil {
				panic(http.ErrAbortHandler) // half a snapshot must not look like a whole one
			}
		}
		if list, err = s.Assets.Scan(ctx, list[len(list)-1].Number, snapshotRead); err != nil {
			logged(ctx, s.Log, req.id, err)
			panic(http.ErrAbortHandler)
		}
	}
	return rc.SetWriteDeadline(time.Time{})
}
