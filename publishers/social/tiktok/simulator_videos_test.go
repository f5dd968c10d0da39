package tiktok

import (
	"fmt"
	"io"
	"net/http"
	"slices"

	"vitrine/publishers/publishertest"
)

const (
	tiktokLeast = 5 << 20    // bytes of a part, unless it is the only one
	tiktokMost  = 64_000_000 // bytes of a part, except the last
	// tiktokFirst is the id of the first post: too large for a float64 to represent exactly.
	tiktokFirst = 7_300_000_000_000_000_000
)

// tiktokVideo is a video that is being uploaded.
type tiktokVideo struct {
	n                  int64 // its number, which is in the URL
	size, chunk, count int64
	says               string
	public             bool
	got                []byte
	closed             bool
}

// Longest sets the longest video the account may post, in seconds.
func (k *simulator) Longest(seconds float64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seconds = seconds
}

// Close makes the hour of all uploads expire.
func (k *simulator) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, post := range k.made {
		if post.video != nil {
			post.video.closed = true
		}
	}
}

// Uploads returns how many bytes each upload has, in the order in which they were opened.
func (k *simulator) Uploads() []int {
	k.mu.Lock()
	defer k.mu.Unlock()
	var list []*tiktokVideo
	for _, post := range k.made {
		if post.video != nil {
			list = append(list, post.video)
		}
	}
	slices.SortFunc(list, func(a, b *tiktokVideo) int { return int(a.n - b.n) })
	out := make([]int, len(list))
	for i, v := range list {
		out[i] = len(v.got)
	}
	return out
}

// open opens an upload.
func (k *simulator) open(w http.ResponseWriter, in *tiktokCall) {
	s := in.Source
	whole := s.Count == 1 && s.Chunk == s.Size && s.Size <= tiktokMost
	inParts := s.Chunk >= tiktokLeast && s.Chunk <= tiktokMost && s.Count >= 2 && s.Count <= 1000 &&
		s.Count == s.Size/s.Chunk
	switch {
	case s.Source != "FILE_UPLOAD" || s.Size < 1 || s.Size > 4_000_000_000 || !whole && !inParts ||
		units(in.Post.Title) > 2200 || in.Post.Paid && in.Post.Privacy == "SELF_ONLY":
		tiktokAnswer(w, 400, "invalid_params", nil)
	case !slices.Contains(k.Privacy, in.Post.Privacy): // nor is it optional
		tiktokAnswer(w, 403, "privacy_level_option_mismatch", nil)
	case k.fault == publishertest.Refused:
		tiktokAnswer(w, 403, "unaudited_client_can_only_post_to_private_accounts", nil)
	default:
		k.seq++
		v := &tiktokVideo{n: int64(k.seq), size: s.Size, chunk: s.Chunk, count: s.Count, says: in.Post.says(),
			public: in.Post.Privacy == "PUBLIC_TO_EVERYONE"}
		id := fmt.Sprint("v_pub_file~v2-1.", v.n)
		k.made[id] = &tiktok{video: v}
		tiktokAnswer(w, 200, "ok",
			map[string]string{"publish_id": id, "upload_url": fmt.Sprintf("%s/video/?upload_id=%d&upload_token=Xza%d",
				k.URL, v.n, v.n)})
	}
}

// part accepts a part at an upload's own URL; the last part makes the post.
func (k *simulator) part(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	post := k.made["v_pub_file~v2-1."+q.Get("upload_id")]
	if r.Method != http.MethodPut || post == nil || q.Get("upload_token") != "Xza"+q.Get("upload_id") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	v := post.video
	have := int64(len(v.got))
	var from, to, of int64
	_, err := fmt.Sscanf(r.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &of)
	last := from == v.chunk*(v.count-1)
	switch {
	case err != nil || r.Header.Get("Content-Range") != fmt.Sprintf("bytes %d-%d/%d", from, to, of) ||
		r.Header.Get("Content-Type") != "video/mp4" || r.Header.Get("Authorization") != "" ||
		r.ContentLength != to-from+1 || of != v.size:
		w.WriteHeader(http.StatusBadRequest)
		return
	case v.closed:
		w.WriteHeader(http.StatusForbidden)
		return
	case from != have || last && to != v.size-1 || !last && to != from+v.chunk-1:
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", have, v.size))
		w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		return
	}
	fault := k.fault
	switch fault {
	case TikTokBusy:
		k.fault = ""
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case TikTokCut:
		k.fault = ""
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2) // the connection is cut anyway
		panic(http.ErrAbortHandler)
	}
	b, err := io.ReadAll(r.Body)
	if err != nil || int64(len(b)) != r.ContentLength {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if v.got = append(v.got, b...); last {
		k.post(post)
	}
	if fault == TikTokLost {
		k.fault = ""
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(v.got), v.size))
	if !last {
		w.WriteHeader(http.StatusPartialContent)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

// post makes the post from a complete video, or finds out why it can't.
func (k *simulator) post(post *tiktok) {
	v := post.video
	switch seconds, ok := publishertest.VideoSeconds(v.got); {
	case k.fault == TikTokInternal:
		post.failed = "internal"
	case !ok:
		post.failed = "file_format_check_failed"
	case seconds < 3 || seconds > k.seconds:
		post.failed = "duration_check_failed"
	default:
		k.posts = append(k.posts, v.says+" "+string(v.got[:min(len(v.got), 1024)]))
	}
}
