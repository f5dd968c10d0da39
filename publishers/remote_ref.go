package publishers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
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
