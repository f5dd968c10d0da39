package people_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
	"vitrine/dam/secrets"
)

const password = "correct horse battery"

// cheap is the argon2id hash of password at a low cost.
const cheap = "wZeUqErRQM9fr7+3IJVQyFsb5QPhYeqkXwNGZgBH/L4"

// start returns a service whose first administrator is ada@example.com.
func start(t *testing.T, c *catalog.Catalog) (*people.Service, dam.User, context.Context) {
	t.Helper()
	box, err := secrets.Open(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	s := people.New(c, box)
	oneTime, created, err := s.Bootstrap(catalogtest.Context(t), "Ada@Example.com", password)
	if err != nil || !created || oneTime != "" {
		t.Fatalf("bootstrap: %q %v %v", oneTime, created, err)
	}
	u, err := s.UserByEmail(catalogtest.Context(t), "ADA@example.com")
	if err != nil {
		t.Fatal(err)
	}
	return s, u, catalog.WithActor(catalogtest.Context(t), dam.Principal{ID: u.ID, Name: u.Name, Grants: u.Grants})
}

func code(t *testing.T, what string, err error, want dam.Code) {
	t.Helper()
	if dam.CodeOf(err) != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestBootstrapOnce(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s := people.New(c, nil)
		var wg sync.WaitGroup
		var mu sync.Mutex
		var made []string
		for range 4 {
			wg.Go(func() {
				p, created, err := s.Bootstrap(catalogtest.Context(t), "ada@example.com", "")
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if created {
					made = append(made, p)
				} else if p != "" {
					t.Error("a password for an administrator that was not created")
				}
			})
		}
		wg.Wait()
		if len(made) != 1 || len(made[0]) < 20 {
			t.Fatalf("%d administrators were made, passwords %q: want one", len(made), made)
		}
		if u, err := s.Authenticate(catalogtest.Context(t), "ada@example.com", made[0], "192.0.2.1"); err != nil ||
			u.Grants[dam.DefaultLibrary] != dam.Admin {
			t.Errorf("sign-in with the one-time password: %+v %v", u, err)
		}
	})
}

func TestUsers(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		main := dam.DefaultLibrary
		for _, n := range []people.NewUser{
			{Email: "bob", Name: "Bob", Role: dam.Editor}, {Email: "bob@example.com", Name: " ", Role: dam.Editor},
			{Email: "bob@example.com", Name: "Bob", Role: "boss"},
			{Email: "bob@example.com", Name: "Bob", Role: dam.Editor, Password: "too short"},
			{Email: "robert@example.com", Name: "Bob", Role: dam.Editor, Password: "Robert@example.com"},
			{Email: "bob@example.com", Name: "Bob", Role: dam.Editor, Locale: "<b>"},
		} {
			_, _, err := s.CreateUser(ctx, main, n)
			code(t, n.Email+" "+n.Password, err, dam.Invalid)
		}
		bob, oneTime, err := s.CreateUser(ctx, main, people.NewUser{Email: "Bob@example.com ", Name: "Bob  Smith",
			Role: dam.Editor})
		if err != nil || bob.Email != "bob@example.com" || bob.Name != "Bob Smith" || oneTime == "" ||
			bob.CreatedAt.IsZero() {
			t.Fatalf("%+v %q %v", bob, oneTime, err)
		}
		_, _, err = s.CreateUser(ctx, main, people.NewUser{Email: "BOB@example.com", Name: "Bob", Role: dam.Viewer})
		code(t, "an e-mail twice", err, dam.Conflict)

		viewer, off, on := dam.Viewer, true, false
		if u, err := s.UpdateUser(ctx, main, bob.ID, people.UserPatch{Role: &viewer}); err != nil ||
			u.Grants[main] != dam.Viewer {
			t.Errorf("demoted: %+v %v", u, err)
		}
		_, err = s.UpdateUser(ctx, main, ada.ID, people.UserPatch{Role: &viewer})
		code(t, "demoting the last administrator", err, dam.Conflict)
		_, err = s.UpdateUser(ctx, main, ada.ID, people.UserPatch{Disabled: &off})
		code(t, "disabling the last administrator", err, dam.Conflict)
		_, err = s.UpdateUser(ctx, "other", bob.ID, people.UserPatch{Role: &viewer})
		code(t, "a user of another library", err, dam.NotFound)

		secret, _, err := s.StartSession(ctx, bob.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.UpdateUser(ctx, main, bob.ID, people.UserPatch{Disabled: &off}); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.Session(ctx, secret)
		code(t, "the session of a disabled user", err, dam.Unauthorized)
		_, err = s.Authenticate(ctx, "bob@example.com", oneTime, "")
		code(t, "signing in to a disabled account", err, dam.Unauthorized)
		if _, err := s.UpdateUser(ctx, main, bob.ID, people.UserPatch{Disabled: &on}); err != nil {
			t.Fatal(err)
		}
		_, _, err = s.Session(ctx, secret)
		code(t, "a session from before the account was disabled", err, dam.Unauthorized)

		names, err := s.Names(ctx, []string{ada.ID, bob.ID, "u_none", "system"})
		if err != nil || names[bob.ID] != "Bob Smith" || names["system"] == "" || len(names) != 3 {
			t.Errorf("names: %v %v", names, err)
		}
		list, err := s.Users(ctx, main)
		if err != nil || len(list) != 2 || list[0].ID != ada.ID || list[0].Grants[main] != dam.Admin {
			t.Errorf("users: %+v %v", list, err)
		}
		events, err := c.Log().Events(ctx, "", 0, 100)
		if err != nil || len(events) != 5 {
			t.Errorf("%d events %v: want two creations and three updates", len(events), err)
		}
		for _, e := range events {
			if strings.Contains(string(e.Data), "Bob") {
				t.Errorf("a value in the log: %s", e.Data)
			}
		}
	})
}

// Two administrators demote each other concurrently: one change must fail.
func TestLastAdminRace(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		bob, _, err := s.CreateUser(ctx, dam.DefaultLibrary, people.NewUser{Email: "bob@example.com", Name: "Bob",
			Role: dam.Admin})
		if err != nil {
			t.Fatal(err)
		}
		viewer := dam.Viewer
		var errs [2]error
		var wg sync.WaitGroup
		for i, id := range []string{ada.ID, bob.ID} {
			wg.Go(func() { _, errs[i] = s.UpdateUser(ctx, dam.DefaultLibrary, id, people.UserPatch{Role: &viewer}) })
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Errorf("both or none succeeded: %v", errs)
		}
		if n, err := c.People().OtherAdmins(ctx, dam.DefaultLibrary, ""); err != nil || n != 1 {
			t.Errorf("%d administrators left, %v", n, err)
		}
	})
}

func TestPasswords(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		here, _, err := s.StartSession(ctx, ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		there, _, err := s.StartSession(ctx, ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		code(t, "a wrong current password", s.ChangePassword(ctx, ada.ID, "something else", "a new long password",
			here), dam.Invalid)
		code(t, "a weak new password", s.ChangePassword(ctx, ada.ID, password, "short", here), dam.Invalid)
		if err := s.ChangePassword(ctx, ada.ID, password, "a new long password", here); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Session(ctx, here); err != nil {
			t.Errorf("the session that changed the password: %v", err)
		}
		_, _, err = s.Session(ctx, there)
		code(t, "another session after the change", err, dam.Unauthorized)
		_, err = s.Authenticate(ctx, ada.Email, password, "")
		code(t, "the old password", err, dam.Unauthorized)
		if _, err := s.Authenticate(ctx, ada.Email, "a new long password", ""); err != nil {
			t.Error(err)
		}
		if oneTime, err := s.SetPassword(ctx, dam.DefaultLibrary, ada.ID, ""); err != nil || oneTime == "" {
			t.Errorf("reset: %q %v", oneTime, err)
		}
		_, _, err = s.Session(ctx, here)
		code(t, "a session after the reset", err, dam.Unauthorized)
		a, err := c.People().Account(ctx, ada.ID)
		if err != nil || !strings.HasPrefix(a.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("stored as %q %v: want argon2id with its cost", a.Password, err)
		}

		// A hash of another cost still works, and is replaced. This one is the hash of password.
		a.Password = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + cheap
		if err := c.Write(ctx, func(tx *catalog.Tx) error { return tx.People().UpdateUser(ctx, a) }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Authenticate(ctx, ada.Email, password, ""); err != nil {
			t.Errorf("a hash of another cost: %v", err)
		}
		if b, err := c.People().Account(ctx, ada.ID); err != nil || b.Password == a.Password ||
			!strings.Contains(b.Password, "m=19456") {
			t.Errorf("after the sign-in it is stored as %q %v", b.Password, err)
		}
		for _, broken := range []string{"", "x", "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHQ$AAAA",
			"$argon2id$v=18$m=64,t=1,p=1$c29tZXNhbHQ$AAAA", "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
			"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$"} {
			a.Password = broken
			if err := c.Write(ctx, func(tx *catalog.Tx) error { return tx.People().UpdateUser(ctx, a) }); err != nil {
				t.Fatal(err)
			}
			_, err := s.Authenticate(ctx, ada.Email, "", "")
			code(t, "hash "+broken, err, dam.Unauthorized)
		}
	})
}

// A password is the same on every keyboard; what earlier versions hashed as it was typed keeps working.
func TestPasswordForms(t *testing.T) {
	const typed, composed = "Ete\u0301 a\u0300 la mer", "Eté à\u00a0la mer" // on a Mac, and with a French space
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		signsIn := func(what, as string) {
			t.Helper()
			if _, err := s.Authenticate(ctx, ada.Email, as, ""); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := s.ChangePassword(ctx, ada.ID, password, typed, ""); err != nil {
			t.Fatal(err)
		}
		signsIn("as it was set", typed)
		signsIn("composed", composed)
		_, err := s.Authenticate(ctx, ada.Email, "Ete a la mer", "")
		code(t, "without accents", err, dam.Unauthorized)

		a, err := c.People().Account(ctx, ada.ID)
		if err != nil {
			t.Fatal(err)
		}
		salt := []byte("0123456789abcdef")
		sum := argon2.IDKey([]byte(typed), salt, 2, 19*1024, 1, 32)
		a.Password = "$argon2id$v=19$m=19456,t=2,p=1$" + base64.RawStdEncoding.EncodeToString(salt) + "$" +
			base64.RawStdEncoding.EncodeToString(sum)
		if err := c.Write(ctx, func(tx *catalog.Tx) error { return tx.People().UpdateUser(ctx, a) }); err != nil {
			t.Fatal(err)
		}
		_, err = s.Authenticate(ctx, ada.Email, composed, "")
		code(t, "a hash of what was typed, asked composed", err, dam.Unauthorized)
		signsIn("a hash of what was typed", typed)
		if b, err := c.People().Account(ctx, ada.ID); err != nil || b.Password == a.Password {
			t.Errorf("it is not hashed again: %v", err)
		}
		signsIn("composed, after it was hashed again", composed)

		code(t, "a family in one character", s.ChangePassword(ctx, ada.ID, typed, "my long 👩\u200d👦 password", ""),
			dam.Invalid)
		code(t, "short once it is composed", s.ChangePassword(ctx, ada.ID, typed,
			"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", ""),
			dam.Invalid)
	})
}

func TestLoginLimit(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		for range 3 { // success clears the account's count and does not count against the address
			if _, err := s.Authenticate(ctx, ada.Email, "wrong", "192.0.2.1"); dam.CodeOf(err) != dam.Unauthorized {
				t.Fatal(err)
			}
			if _, err := s.Authenticate(ctx, ada.Email, password, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
		}
		// Concurrent attempts do not exceed the limit, and another process continues the count.
		var wg sync.WaitGroup
		var mu sync.Mutex
		refused := map[dam.Code]int{}
		for i := range 16 {
			other := people.New(c, nil)
			wg.Go(func() {
				_, err := []*people.Service{s, other}[i%2].Authenticate(ctx, "eve@example.com", "guess", "192.0.2.2")
				mu.Lock()
				refused[dam.CodeOf(err)]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if refused[dam.Unauthorized] != 10 || refused[dam.Limited] != 6 {
			t.Errorf("16 guesses at one account: %v, want 10 looked at and 6 refused", refused)
		}
		_, err := s.Authenticate(ctx, "eve@example.com", "guess", "192.0.2.2")
		var limit *people.LimitError
		if !errors.As(err, &limit) || limit.RetryAfter() <= 0 || limit.RetryAfter() > 15*time.Minute {
			t.Errorf("the account from that address: %v", err)
		}
		if _, err := s.Authenticate(ctx, "eve@example.com", "guess",
			"198.51.100.7"); dam.CodeOf(err) != dam.Unauthorized {
			t.Errorf("the account from elsewhere: %v, want the password looked at", err)
		}
		if _, err := s.Authenticate(ctx, ada.Email, password, "192.0.2.2"); err != nil {
			t.Errorf("another account from that address: %v", err)
		}
	})
}

// Strangers can't lock an owner out: neither from one address over its limit, nor from many addresses at once if the
// owner has signed in from theirs lately. From other addresses, the owner of an account under attack has to wait.
func TestOwnerIsNotLockedOut(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		try := func(email, password, address string) dam.Code {
			_, err := s.Authenticate(ctx, email, password, address)
			return dam.CodeOf(err)
		}
		if code := try(ada.Email, password, "192.0.2.1"); code != "" {
			t.Fatal(code)
		}
		// One address guesses at many accounts until it is refused, then at this one.
		for i := range 110 {
			try(fmt.Sprintf("user%d@example.com", i), "guess", "198.51.100.1")
		}
		for range 20 {
			if code := try(ada.Email, "guess", "198.51.100.1"); code != dam.Limited {
				t.Fatalf("an address over its limit: %q", code)
			}
		}
		if code := try(ada.Email, password, "203.0.113.9"); code != "" {
			t.Errorf("the owner from an address not seen before: %q; refused guesses count against nobody but their "+
				"address", code)
		}
		// Many addresses guess at one account.
		var limited int
		for i := range 60 {
			if try(ada.Email, "guess", fmt.Sprintf("198.51.100.%d", 10+i)) == dam.Limited {
				limited++
			}
		}
		if limited != 30 {
			t.Errorf("%d of 60 guesses from 60 addresses were refused, want 30", limited)
		}
		for _, address := range []string{"192.0.2.1", "203.0.113.9"} {
			if code := try(ada.Email, password, address); code != "" {
				t.Errorf("the owner from %s, where they had signed in: %q", address, code)
			}
		}
		// A proxy on this machine that doesn't name its clients: one guesser does not use up everyone's attempts.
		for i := range 110 {
			try(fmt.Sprintf("other%d@example.com", i), "guess", "127.0.0.1")
		}
		if code := try("nobody@example.com", "guess", "127.0.0.1"); code != dam.Unauthorized {
			t.Errorf("somebody else behind the same proxy: %q", code)
		}
	})
}

// A session left open does not allow unlimited guesses at the password.
func TestCurrentPasswordLimit(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		for range 10 {
			code(t, "a wrong current password", s.ChangePassword(ctx, ada.ID, "guess", "a new long password", ""),
				dam.Invalid)
		}
		code(t, "the eleventh", s.ChangePassword(ctx, ada.ID, password, "a new long password", ""), dam.Limited)
		if _, err := s.Authenticate(ctx, ada.Email, password, "192.0.2.1"); err != nil {
			t.Errorf("the owner signs in: %v", err)
		}
	})
}

func TestAddressLimit(t *testing.T) {
	c := catalogtest.SQLite(t)
	s := people.New(c, nil)
	var limited int
	for i := range 103 {
		// Two addresses of one IPv6 customer count as one.
		address := []string{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9"}[i%2]
		_, err := s.Authenticate(catalogtest.Context(t), "user"+string(rune('a'+i%26))+string(rune('a'+i/26))+
			"@example.com", "guess", address)
		if dam.CodeOf(err) == dam.Limited {
			limited++
		}
	}
	if limited != 3 {
		t.Errorf("%d of 103 guesses from one address were refused, want 3", limited)
	}
}

func TestTokens(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, ada, ctx := start(t, c)
		main := dam.DefaultLibrary
		soon := time.Now().Add(time.Hour)
		tok, secret, err := s.CreateToken(ctx, main, people.NewToken{Name: "ERP", Role: dam.Editor, ExpiresAt: &soon})
		if err != nil || !strings.HasPrefix(secret, "vtr_") || len(secret) != 47 || tok.CreatedBy != ada.ID {
			t.Fatalf("%+v %q %v", tok, secret, err)
		}
		p, err := s.Token(ctx, secret)
		if err != nil || p.ID != tok.ID || !p.Can(main, dam.MayEditAll) || p.Can(main, dam.MayApprove) ||
			p.Can("other", dam.MaySee) {
			t.Errorf("%+v %v", p, err)
		}
		list, err := s.Tokens(ctx, main)
		if err != nil || len(list) != 1 || list[0].LastUsed == nil {
			t.Fatalf("%+v %v: want its last use noted", list, err)
		}
		used := *list[0].LastUsed
		if _, err := s.Token(ctx, secret); err != nil {
			t.Fatal(err)
		}
		if list, err = s.Tokens(ctx, main); err != nil || !list[0].LastUsed.Equal(used) {
			t.Errorf("%+v %v: the last use is written at most once a minute", list, err)
		}
		past := time.Now().Add(-time.Second)
		_, _, err = s.CreateToken(ctx, main, people.NewToken{Name: "x", Role: dam.Viewer, ExpiresAt: &past})
		code(t, "a token for the past", err, dam.Invalid)
		_, _, err = s.CreateToken(catalog.WithActor(ctx, p), main, people.NewToken{Name: "x", Role: dam.Admin})
		code(t, "more than one's own role", err, dam.Forbidden)
		for _, wrong := range []string{"", "vtr_", secret + "x", strings.TrimPrefix(secret, "vtr_")} {
			_, err := s.Token(ctx, wrong)
			code(t, "token "+wrong, err, dam.Unauthorized)
		}
		code(t, "revoking from another library", s.RevokeToken(ctx, "other", tok.ID), dam.NotFound)
		if err := s.RevokeToken(ctx, main, tok.ID); err != nil {
			t.Fatal(err)
		}
		_, err = s.Token(ctx, secret)
		code(t, "a revoked token", err, dam.Unauthorized)
		if names, err := s.Names(ctx, []string{tok.ID}); err != nil || names[tok.ID] != "ERP" {
			t.Errorf("a revoked token in a history: %v %v", names, err)
		}
		brief := time.Now().Add(50 * time.Millisecond)
		if _, secret, err = s.CreateToken(ctx, main, people.NewToken{Name: "brief", Role: dam.Viewer,
			ExpiresAt: &brief}); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(5 * time.Second); ; {
			if _, err := s.Token(ctx, secret); dam.CodeOf(err) == dam.Unauthorized {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("an expired token goes on working")
			}
		}
	})
}

// A repeated request with the same Idempotency-Key returns the same secret; the stored results don't contain it.
func TestRepeats(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		s, _, ctx := start(t, c)
		keyed := func(k string) context.Context {
			return catalog.WithIdempotencyKey(ctx, catalog.IdempotencyKey{Key: k, Fingerprint: k})
		}
		first, secret, err := s.CreateToken(keyed("1"), dam.DefaultLibrary,
			people.NewToken{Name: "ERP", Role: dam.Editor})
		if err != nil {
			t.Fatal(err)
		}
		again, secret2, err := s.CreateToken(keyed("1"), dam.DefaultLibrary,
			people.NewToken{Name: "ERP", Role: dam.Editor})
		if err != nil || again.ID != first.ID || secret2 != secret {
			t.Errorf("token: %v %q, want %v %q, %v", again.ID, secret2, first.ID, secret, err)
		}
		u1, p1, err := s.CreateUser(keyed("2"), dam.DefaultLibrary, people.NewUser{Email: "bob@example.com",
			Name: "Bob", Role: dam.Editor})
		if err != nil {
			t.Fatal(err)
		}
		u2, p2, err := s.CreateUser(keyed("2"), dam.DefaultLibrary, people.NewUser{Email: "bob@example.com",
			Name: "Bob", Role: dam.Editor})
		if err != nil || u2.ID != u1.ID || p2 != p1 {
			t.Errorf("user: %v %q, want %v %q, %v", u2.ID, p2, u1.ID, p1, err)
		}
		r1, err := s.SetPassword(keyed("3"), dam.DefaultLibrary, u1.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		if r2, err := s.SetPassword(keyed("3"), dam.DefaultLibrary, u1.ID, ""); err != nil || r2 != r1 {
			t.Errorf("password: %q, want %q, %v", r2, r1, err)
		}
		if _, err := s.Authenticate(ctx, "bob@example.com", r1, ""); err != nil {
			t.Errorf("the repeated password does not work: %v", err)
		}
	})
}
