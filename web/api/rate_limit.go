package api

import (
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// limiter counts requests per principal in minutes, the same minutes for all. It is
// generous: it stops a runaway script, not a busy shop.
type limiter struct {
	perMinute int
	mu        sync.Mutex
	ends      time.Time
	used      map[string]int
}

func newLimiter(perMinute int) *limiter { return &limiter{perMinute: perMinute} }

// take counts one request; ok is false when there were too many.
func (l *limiter) take(who string, now time.Time) (left int, resets time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.ends) {
		l.ends = now.Truncate(time.Minute).Add(time.Minute)
		l.used = map[string]int{}
	}
	l.used[who]++
	left = l.perMinute - l.used[who]
	return max(left, 0), l.ends.Sub(now), left >= 0
}

// limit answers 429 and returns false when who asks too often.
func (s *API) limit(c *gin.Context, who string) bool {
	if s.limiter.perMinute < 0 {
		return true
	}
	left, resets, ok := s.limiter.take(who, time.Now())
	seconds := strconv.Itoa(int(resets.Seconds()) + 1)
	h := c.Writer.Header()
	h.Set("RateLimit-Limit", strconv.Itoa(s.limiter.perMinute))
	h.Set("RateLimit-Remaining", strconv.Itoa(left))
	h.Set("RateLimit-Reset", seconds)
	if !ok {
		s.fail(c, delayed{&dam.Error{Code: dam.Limited, Reason: reasons.TooManyRequests(seconds)}, resets})
	}
	return ok
}
