package x

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// RecallComment implements publishers.CommentRecaller: a reply stays when what it replies to is deleted.
func (p *publisher) RecallComment(ctx context.Context, in publishers.Intent, r dam.Receipt) error {
	if id := r.Comment.Remote; id != "" {
		return p.removeReply(ctx, in.Account, id)
	}
	me, err := p.Verify(ctx, in.Account)
	if err != nil {
		return err
	}
	query := url.Values{"max_results": {"100"}, "tweet.fields": {"referenced_tweets,entities"},
		"start_time": {r.At.Add(-classify).UTC().Format(time.RFC3339)}}
	var found struct {
		Data []struct {
			shown
			Referenced []struct{ Type, ID string } `json:"referenced_tweets"`
		}
	}
	err = p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet, URL: "/2/users/" + url.PathEscape(me.ID) +
		"/tweets?" + query.Encode(), Out: &found})
	switch publishers.ClassOf(err, publishers.ClassRetry) {
	case publishers.ClassDisconnected, publishers.ClassPermanent: // the account may write but not read
		return publishers.Permanent("first_comment", reasons.CommentNotFindable())
	}
	if err != nil {
		return err
	}
	for _, x := range found.Data {
		for _, to := range x.Referenced {
			if to.Type != "replied_to" || to.ID != r.Remote || !x.same(r.Comment.Text) {
				continue
			}
			if err := p.removeReply(ctx, in.Account, x.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeReply deletes a post of the account; one that is gone already is no error.
func (p *publisher) removeReply(ctx context.Context, a publishers.Account, id string) error {
	_, err := p.Recall(ctx, publishers.Intent{Account: a}, &dam.Receipt{Remote: id})
	return err
}
