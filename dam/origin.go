package dam

import "context"

// Origin is the library and the principal that work is done for.
type Origin struct {
	Library   string
	Principal string // id of a user or a token
}

type originKey struct{}

// WithOrigin returns a context that carries whom the work is done for.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf returns the origin that WithOrigin set. Without a principal there, the acting one takes its place.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	if o.Principal == "" {
		o.Principal = ActorOf(ctx).ID
	}
	return o
}
