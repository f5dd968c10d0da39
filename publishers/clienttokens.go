package publishers

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"vitrine/dam/reasons"
)

// ClientTokens holds access tokens of the client credentials grant, for kinds whose remote issues tokens to the
// application itself. They are kept in memory until they expire; the zero value has none. Such a kind renews its tokens
// itself, so its Refresh returns Disconnected.
type ClientTokens struct {
	mu     sync.Mutex
	tokens map[application]*oauth2.Token
}

// Application identifies an application to a remote.
type Application struct {
	TokenURL, ID, Secret string
	Refused              reasons.Reason // the reason shown to people if the remote refuses the application
}

// application is the key of an Application.
type application struct{ url, id, secret string }

func (a Application) known() application { return application{a.TokenURL, a.ID, a.Secret} }

// Get returns a token of the application, and a new one if refused is the cached one. If the token URL refuses the
// application, the error is Disconnected; any other error is a Retry.
func (t *ClientTokens) Get(ctx context.Context, client *http.Client, a Application, refused string) (string, error) {
	t.mu.Lock()
	have := t.tokens[a.known()]
	t.mu.Unlock()
	if have.Valid() && have.AccessToken != refused {
		return have.AccessToken, nil
	}
	c := clientcredentials.Config{ClientID: a.ID, ClientSecret: a.Secret, TokenURL: a.TokenURL,
		AuthStyle: oauth2.AuthStyleInParams}
	got, err := c.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	var no *oauth2.RetrieveError
	if errors.As(err, &no) && no.Response != nil && (no.Response.StatusCode == http.StatusBadRequest ||
		no.Response.StatusCode == http.StatusUnauthorized) {
		return "", Disconnected(a.Refused, err)
	}
	if err != nil {
		return "", Retry(0, err)
	}
	if !got.Expiry.IsZero() {
		got.Expiry = got.Expiry.Add(-time.Minute) // so that it does not expire on the way
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tokens == nil {
		t.tokens = map[application]*oauth2.Token{}
	}
	t.tokens[a.known()] = got
	return got.AccessToken, nil
}
