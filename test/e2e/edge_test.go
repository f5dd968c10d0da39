package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"vitrine/dam"
)

// Answers name their assets to the cache in front, and a visible change tells it to forget them.
func TestCacheInFront(t *testing.T) {
	var mu sync.Mutex
	told := map[string]int{}
	var faults []string
	cdn := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var body struct{ Tags []string }
		mu.Lock()
		defer mu.Unlock()
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != "PURGE" ||
			r.Header.Get("Fastly-Key") != "sesame" || r.Header.Get("Surrogate-Key") != strings.Join(body.Tags, " ") {
			faults = append(faults, r.Method+" "+r.Header.Get("Surrogate-Key"))
		}
		for _, tag := range body.Tags {
			told[tag]++
		}
	}))
	t.Cleanup(cdn.Close)
	x := start(t,
		setup{env: []string{"VITRINE_DELIVERY_TAG_HEADER=Surrogate-Key", "VITRINE_DELIVERY_PURGE_URL=" + cdn.URL,
			"VITRINE_DELIVERY_PURGE_METHOD=PURGE",
			"VITRINE_DELIVERY_PURGE_HEADER=Fastly-Key: sesame", "VITRINE_DELIVERY_REFERERS=shop.example.com",
			"VITRINE_TRUSTED_PROXIES=10.1.0.0/16", "VITRINE_UPLOAD_LIMIT=1MB"}})
	a := x.upload("Lamp.jpg", photo(t, 3, 800, 600))
	x.ready(a.ID)
	x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/approve", struct{}{}, nil)
	calls := func() int { mu.Lock(); defer mu.Unlock(); return told[a.ID] }
	x.until("the cache is told of the approval", func() bool { return calls() > 0 })

	got := x.try("GET", "/r/"+a.ID+"/thumb", nil)
	if got.StatusCode != http.StatusOK || !slices.Contains(strings.Fields(got.Header.Get("Surrogate-Key")), a.ID) {
		t.Errorf("%d with tags %q", got.StatusCode, got.Header.Get("Surrogate-Key"))
	}
	if got := x.try("GET", "/r/"+a.ID+"/thumb", nil, "Referer",
		"https://elsewhere.example/"); got.StatusCode != http.StatusForbidden {
		t.Errorf("a page that isn't on the list got %d", got.StatusCode)
	}
	if got := x.try("GET", "/r/"+a.ID+"/thumb", nil, "Referer",
		"https://shop.example.com/lamp"); got.StatusCode != http.StatusOK {
		t.Errorf("the shop's page got %d", got.StatusCode)
	}

	before := calls()
	x.do(http.StatusOK, "POST", "/api/assets/"+a.ID+"/reject", map[string]string{"comment": "wrong lamp"}, nil)
	x.until("the cache is told of the rejection", func() bool { return calls() > before })

	large, contentType := form(t, "Big.jpg", append(photo(t, 4, 400, 300), make([]byte, 1<<20)...))
	if got := x.try("POST", "/api/assets", large, "Content-Type",
		contentType); got.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(string(got.body),
		string(dam.TooLarge)) {
		t.Errorf("over the limit: %d %s", got.StatusCode, got.body)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(faults) > 0 {
		t.Errorf("the cache was told wrongly: %v", faults)
	}
}
