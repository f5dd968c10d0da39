package publishers

import (
	"encoding/json"
	"time"

	"vitrine/dam/reasons"
)

// VersionNotice is how long before the end of a version of a remote's interface the server says so.
const VersionNotice = 60 * 24 * time.Hour

// Dated is a Publisher whose channels may speak another version of the remote's interface than the kind's API.
type Dated interface {
	Speaks(config json.RawMessage) API
}

// Ending returns what there is to say at an instant about the end of the version that a channel speaks: nothing until
// VersionNotice before it.
func (k Kind) Ending(config json.RawMessage, now time.Time) reasons.Reason {
	api := k.API
	if v, ok := k.Publisher.(Dated); ok {
		api = v.Speaks(config)
	}
	day := api.Ends.Format(time.DateOnly)
	switch {
	case api.Ends.IsZero() || now.Before(api.Ends.Add(-VersionNotice)):
		return reasons.Reason{}
	case now.Before(api.Ends):
		return reasons.ChannelVersionEnding(k.Title, api.Version, day)
	}
	return reasons.ChannelVersionOver(k.Title, api.Version, day)
}
