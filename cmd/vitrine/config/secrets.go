package config

import (
	"net/url"
	"regexp"
	"strings"
)

const hidden = "hidden"

// secretName matches the names of query parameters that hold secrets.
var secretName = regexp.MustCompile(
	`(?i)passw|pwd|secret|token|credential|signature|^sig$|^key$|[_-]key$|(api|access)key$`)

// HidePassword returns v for printing: URLs in it, one or several separated by commas, lose the password of their user
// and the secrets in their query. It returns v itself if there is nothing to hide.
func HidePassword(v string) string {
	if strings.Contains(v, "://") || strings.Contains(v, "@") {
		parts := strings.Split(v, ",")
		for i, p := range parts {
			parts[i] = hideIn(p)
		}
		return strings.Join(parts, ",")
	}
	return v
}

func hideIn(v string) string {
	u, err := url.Parse(strings.TrimSpace(v))
	if err != nil {
		if strings.Contains(v, "@") || strings.Contains(v, "?") {
			return "(hidden)"
		}
		return v
	}
	var user, query bool
	if _, has := u.User.Password(); has {
		u.User, user = url.UserPassword(u.User.Username(), hidden), true
	}
	q := u.Query()
	for name := range q {
		if secretName.MatchString(name) {
			q.Set(name, hidden)
			query = true
		}
	}
	if !user && !query {
		return v
	}
	if query {
		u.RawQuery = q.Encode()
	}
	return u.String()
}
