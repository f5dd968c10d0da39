package ingest

import (
	"context"
	"errors"
	"net/http"

	"github.com/tus/tusd/v2/pkg/handler"

	"vitrine/dam"
)

// stoppable tells uploads that the server stops, when their request is cancelled with http.ErrServerClosed: what has
// come in is kept, and the client hears 503 and goes on later, instead of seeing a connection break off.
func stoppable(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
		defer cancel(nil)
		stop := context.AfterFunc(r.Context(), func() {
			_ = dam.Protect("a stopped upload", func() error {
				cause := context.Cause(r.Context())
				if errors.Is(cause, http.ErrServerClosed) {
					cause = handler.ErrServerShutdown
				}
				cancel(cause)
				return nil
			})
		})
		defer stop()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}
