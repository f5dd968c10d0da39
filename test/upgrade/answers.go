// Package upgrade knows what an upgrade must not change. testdata holds a data folder
// and a database of an older build with the answers it gave (make them with
// test/upgrade/make); a newer binary has to give the same.
package upgrade

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Secrets of the test data: the key that seals credentials in it, and every person's password.
const (
	Key       = "an-upgrade-test-key-of-at-least-32-characters"
	Password  = "correct horse battery staple"
	Admin     = "admin@example.com"
	PublicURL = "http://media.example.com"
)

// Record is what an installation answered.
type Record struct {
	Build string
	At    time.Time
	// Dir was the data folder: unfinished uploads know where they are.
	Dir string
	// Listener is where the installation's channels and webhooks point to.
	Listener string
	Head     int64
	// Public are the answers at public addresses.
	Public []Answer
	// Holders are tokens and session cookies by what they are for; Calls are what each of them is told.
	Holders map[string]string
	Calls   []Call
	People  map[string]string // the role by e-mail address, "" for somebody who can't sign in
	// Upload is the address of an upload of which Sent bytes have arrived; the holder "contributor" began it.
	Upload string
	Sent   int
}

// Answer is what anybody gets at an address.
type Answer struct {
	Path     string
	Accept   string `json:",omitempty"`
	Status   int
	Type     string `json:",omitempty"`
	ETag     string `json:",omitempty"`
	Location string `json:",omitempty"`
	SHA256   string `json:",omitempty"` // of the body of a success
}

// Call is a request to the API and who may make it.
type Call struct {
	Method, Path string
	Body         string              `json:",omitempty"`
	Answers      map[string][]string `json:"Told"` // what is said → to whom
}

func (c Call) String() string { return c.Method + " " + c.Path }

// Ask asks for one public address.
func Ask(base, path, accept string) (Answer, error) {
	a := Answer{Path: path, Accept: accept}
	req, err := http.NewRequest(http.MethodGet, base+path, nil)
	if err != nil {
		return a, err
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	status, h, body, err := Do(req)
	if err != nil {
		return a, err
	}
	a.Status, a.Type, a.ETag, a.Location = status, h.Get("Content-Type"), h.Get("ETag"), h.Get("Location")
	if status == http.StatusOK {
		sum := sha256.Sum256(body)
		a.SHA256 = hex.EncodeToString(sum[:])
	}
	return a, nil
}

// RecordAnswers makes a call as every holder and notes what each was told.
func RecordAnswers(base string, c Call, holders map[string]string) (Call, error) {
	c.Answers = map[string][]string{}
	for name, secret := range holders {
		said, err := tell(base, c, secret)
		if err != nil {
			return c, fmt.Errorf("%s as %s: %w", c, name, err)
		}
		c.Answers[said] = append(c.Answers[said], name)
	}
	for _, names := range c.Answers {
		slices.Sort(names)
	}
	return c, nil
}

// Send makes the call with a token or, as NAME=VALUE, with a session's cookie; "" is nobody.
func (c Call) Send(base, secret string, header ...string) (status int, body []byte, err error) {
	req, err := http.NewRequest(c.Method, base+c.Path, strings.NewReader(c.Body))
	if err != nil {
		return 0, nil, err
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	if c.Body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	switch {
	case strings.HasPrefix(secret, "vitrine_session="):
		req.Header.Set("Cookie", secret)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	case secret != "":
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	status, _, body, err = Do(req)
	return status, body, err
}

// tell reduces an answer to the permission in it: refused, unknown, or let in. A list
// also names what is seen in it.
func tell(base string, c Call, secret string) (string, error) {
	status, body, err := c.Send(base, secret)
	if err != nil {
		return "", err
	}
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		return http.StatusText(status), nil
	case status >= 500:
		return "", fmt.Errorf("%d: %s", status, body)
	case c.Method != http.MethodGet || status != http.StatusOK:
		return "let in", nil
	}
	var list struct {
		Items []struct{ ID, Name, Key, SKU string }
		Total *int
	}
	if json.Unmarshal(body, &list) != nil || list.Items == nil {
		return "let in", nil
	}
	seen := make([]string, len(list.Items))
	for i, x := range list.Items {
		seen[i] = x.ID + x.Key + x.SKU
		if x.ID == "" {
			seen[i] += x.Name
		}
	}
	slices.Sort(seen)
	return "sees " + strings.Join(seen, " "), nil
}

// Description is what is read of an OpenAPI document: path → method → operation.
type Description struct {
	Paths map[string]map[string]any
}

// nothing are ids that nothing has.
var nothing = strings.NewReplacer("{id}", "x_none", "{name}", "none", "{sku}", "NONE", "{slot}", "none", "{n}", "9",
	"{preset}", "none", "{version}", "v_none", "{screen}", "sc_none", "{delivery}", "d_none")

// Calls are every operation of a description but the left ones, as calls without an effect: a write gets a body
// that it has to refuse, an id is one that is not there.
func Calls(doc Description, left ...string) (out []Call) {
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		if slices.Contains(left, path) {
			continue
		}
		for _, method := range slices.Sorted(maps.Keys(doc.Paths[path])) {
			method = strings.ToUpper(method)
			if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method) {
				continue
			}
			c := Call{Method: method, Path: nothing.Replace(path)}
			if method != "GET" {
				c.Body = `{"no_such_field":1}`
			}
			out = append(out, c)
		}
	}
	return out
}

// Role is what somebody is once signed in, "" when they can't.
func Role(base, email, password string) (string, error) {
	in, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		return "", err
	}
	req, err := http.NewRequest(http.MethodPost, base+"/api/login", bytes.NewReader(in))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	status, _, body, err := Do(req)
	if err != nil {
		return "", err
	}
	var out struct{ Role string }
	if status == http.StatusOK {
		err = json.Unmarshal(body, &out)
	} else if status != http.StatusUnauthorized {
		err = fmt.Errorf("sign-in of %s: %d: %s", email, status, body)
	}
	return out.Role, err
}

// Do sends a request and reads the answer to its end. A redirect is an answer, too.
func Do(req *http.Request) (status int, h http.Header, body []byte, err error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = res.Body.Close() }() // read to its end
	body, err = io.ReadAll(res.Body)
	return res.StatusCode, res.Header, body, err
}
