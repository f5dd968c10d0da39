package publishers

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// RemoteRef identifies a publication, its revision and its content at the end of a name at the remote. It is how
// publications are found at remotes without idempotency keys.
type RemoteRef struct {
	Publication string
	Revision    int64
	Digest      string // the beginning of the digest
}

var remoteRef = regexp.MustCompile(`\[(p_[0-9a-z]+) r([0-9]+) ([0-9a-f]+)\]`)

// RemoteRef returns the remote reference of the intent.
func (in Intent) RemoteRef() RemoteRef {
	return RemoteRef{in.ID, in.Revision, in.Digest[:min(len(in.Digest), 12)]}
}

// String returns the reference as it is written in a name.
func (m RemoteRef) String() string {
	return fmt.Sprintf("[%s r%d %s]", m.Publication, m.Revision, m.Digest)
}

// FindRemoteRef finds the reference in a name; false if there is none.
func FindRemoteRef(name string) (RemoteRef, bool) {
	f := remoteRef.FindStringSubmatch(name)
	if f == nil {
		return RemoteRef{}, false
	}
	n, err := strconv.ParseInt(f[2], 10, 64)
	return RemoteRef{f[1], n, f[3]}, err == nil
}

// Shows reports whether what has the reference has the intent's content.
func (m RemoteRef) Shows(in Intent) bool {
	return m.Publication == in.ID && strings.HasPrefix(in.Digest, m.Digest)
}

// Copies is what one account has at a remote, as ByRemoteRef asks for it.
type Copies[C any] interface {
	// Of lists the copies whose names have a reference to the publication.
	Of(ctx context.Context, publication string) ([]C, error)
	// Copy tells a copy's reference, whether people see it, and what a receipt for it says.
	Copy(C) (ref RemoteRef, shown bool, r Receipt)
	// Remove deletes a copy. One that is gone already is no error.
	Remove(context.Context, C) error
}

// ByRemoteRef is the Status, Lookup and Recall of a Publisher that finds by its RemoteRef what it has delivered.
type ByRemoteRef[C any] struct {
	Open func(Account) (Copies[C], error)
	// Recalled is what a recall answers that has removed so many copies.
	Recalled func(copies int) reasons.Reason
}

// Status implements Publisher: any copy that people see is there.
func (p ByRemoteRef[C]) Status(ctx context.Context, in Intent, _ dam.Receipt) (Outcome, error) {
	return p.find(ctx, in, func(RemoteRef) bool { return true })
}

// Lookup implements Publisher: the reference says which revision is shown, and a newer one supersedes the intent's.
func (p ByRemoteRef[C]) Lookup(ctx context.Context, in Intent, _ State) (Outcome, error) {
	return p.find(ctx, in, func(m RemoteRef) bool { return m.Shows(in) || m.Revision > in.Revision })
}

func (p ByRemoteRef[C]) find(ctx context.Context, in Intent, is func(RemoteRef) bool) (Outcome, error) {
	remote, err := p.Open(in.Account)
	if err != nil {
		return Outcome{}, err
	}
	list, err := remote.Of(ctx, in.ID)
	for _, c := range list {
		if ref, shown, receipt := remote.Copy(c); shown && is(ref) {
			return Outcome{Verdict: Delivered, Receipt: receipt}, nil
		}
	}
	return Outcome{Verdict: Absent}, err
}

// Recall implements Publisher: every copy goes, also what people don't see.
func (p ByRemoteRef[C]) Recall(ctx context.Context, in Intent, _ *dam.Receipt) (reasons.Reason, error) {
	remote, err := p.Open(in.Account)
	if err != nil {
		return reasons.Reason{}, err
	}
	list, err := remote.Of(ctx, in.ID)
	if err != nil {
		return reasons.Reason{}, err
	}
	for _, c := range list {
		if err := remote.Remove(ctx, c); err != nil {
			return reasons.Reason{}, err
		}
	}
	return p.Recalled(len(list)), nil
}
