package corpus

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
)

// described are the groups of tags in which people say something; renewed are tags in them that say how the file is
// built, or when it was written.
var (
	described = regexp.MustCompile(
		`^(XMP-[^:]+|IPTC|IFD0|ExifIFD|GPS|PDF|ItemList|Keys|UserData|PNG|ID3v2_[34]|Vorbis):`)
	renewed = regexp.MustCompile(
		`Offset$|Offsets$|ByteCounts?$|Toolkit$|Digest$|CodedCharacterSet$|Version|Linearized$|` +
			`Positioning$|ModifyDate$|MetadataDate$|PNG:(ImageWidth|ImageHeight|BitDepth|ColorType|Compression|Filter|Interlace)$`)
)

// lost says what a download with today's metadata lacks, or says otherwise, though nobody has edited the asset.
func (c *corpus) lost(t *testing.T, r reader, o outcome) (wrong []string) {
	path := "/api/assets/" + o.asset.ID + "/download?metadata=current"
	status, b := c.send(t, http.MethodGet, path, "", nil)
	for end := time.Now().Add(2 * time.Minute); status == http.StatusServiceUnavailable && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
		status, b = c.send(t, http.MethodGet, path, "", nil)
	}
	if status == http.StatusUnsupportedMediaType || status == http.StatusUnprocessableEntity {
		return nil // said truly: nothing is written into files of the type
	}
	if status != http.StatusOK {
		return []string{fmt.Sprintf("the download with today's metadata: %d %s", status, b)}
	}
	copied := filepath.Join(t.TempDir(), filepath.Base(r.path))
	if err := os.WriteFile(copied, b, 0o600); err != nil {
		t.Fatal(err)
	}
	after := exiftool(t, copied)
	for name, v := range r.facts {
		if !described.MatchString(name) || renewed.MatchString(name) || strings.TrimSpace(fmt.Sprint(v)) == "" {
			continue
		}
		if now, ok := after[name]; !ok {
			wrong = append(wrong, "the download has lost "+name)
		} else if !reflect.DeepEqual(now, v) {
			wrong = append(wrong, fmt.Sprintf("the download says %s %v; the file said %v", name, now, v))
		}
	}
	return wrong
}
