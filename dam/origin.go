package dam

import "context"

// Origin is whose file a piece of work is about, and for whom it is done.
type Origin struct {
	Library   string
	Principal string // id of a user or a token
}

type originKey struct{}

// WithOrigin says for whom the work under the context is done.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns what WithOrigin said. Where it said no principal, it is the one that acts.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	if o.Principal == "" {
		o.Principal = ActorOf(ctx).ID
	}
	return o
}
