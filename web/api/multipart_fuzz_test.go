package api

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"vitrine/dam"
	"vitrine/dam/ingest"
)

// A form is refused with a reason, or has one file and fields in bounds; nothing stays on the disk of one that is
// refused.
func FuzzMultipart(f *testing.F) {
	part := func(disposition, body string) string {
		return "--b\r\nContent-Disposition: " + disposition + "\r\n\r\n" + body + "\r\n"
	}
	for _, s := range []string{part(`form-data; name="file"; filename="a.jpg"`, "x") + part(`form-data; name="title"`,
		"t") + "--b--\r\n", part(`form-data; name="file"`, "") + part(`form-data; name="file"; filename="b"`,
		"y") + "--b--", part(`form-data; name="evil"`, "x"),
		part(`form-data; name="file"; filename="../../etc/passwd"`, "x"),
		part(`form-data; name="file"; filename*=UTF-8''%00`, "x") + "--b--", "--b",
		part(`form-data; name="title"`, strings.Repeat("x", maxField+1)), "--b\r\n\r\n\r\n--b--", part("", ""),
		part(`form-data; name="approve"`, "maybe") + part(`form-data; name="file"`, "z") + "--b--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		dir := t.TempDir()
		s := &API{Config: Config{Services: Services{Ingest: &ingest.Service{Dir: dir, MaxSize: 1 << 16}}}}
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequestWithContext(t.Context(), "POST", "/api/assets", strings.NewReader(body))
		c.Request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		got, err := s.readForm(c, "title", "on_duplicate", "approve")
		left, dirErr := os.ReadDir(dir)
		if dirErr != nil {
			t.Fatal(dirErr)
		}
		if err != nil {
			if code := dam.CodeOf(err); code == dam.Internal || code == "" || len(left) > 0 {
				t.Errorf("refused with %q (%v), %d files left", code, err, len(left))
			}
			return
		}
		if len(left) != 1 || got.fileName == "" || len(got.fields["title"]) > maxField || got.file.Remove() != nil {
			t.Errorf("%+v with %d files", got, len(left))
		}
	})
}
