package downloads

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// python runs a program that reads an archive with a reader that isn't ours, and returns what it prints.
func python(t *testing.T, program string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "python3",
		append([]string{"-c", program}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// holes is a file that keeps zeros as holes, so that archives of many gigabytes take no room.
type holes struct{ f *os.File }

func (h holes) Write(p []byte) (int, error) {
	if len(p) == len(zeros) && bytes.Equal(p, zeros[:]) {
		_, err := h.f.Seek(int64(len(p)), io.SeekCurrent)
		return len(p), err
	}
	return h.f.Write(p)
}

// An archive of more than 65,535 files, one of them larger than 4 GiB, is read by Python and by Info-ZIP, and the
// memory it takes to write stays small.
func TestZip64(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large.zip")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	z := newArchive(holes{f}, 0)
	const files, size = 70_000, 4<<30 + 1
	at := time.Date(2026, 11, 30, 8, 30, 14, 0, time.UTC)
	var crc uint32 // of the zeros
	for left := int64(size); left > 0; left -= 1 << 20 {
		crc = crc32.Update(crc, crc32.IEEETable, zeros[:min(left, 1<<20)])
	}
	if err := z.skip("films/große Datei 🎬.mp4", at, size, crc); err != nil {
		t.Fatal(err)
	}
	for i := range files {
		w, err := z.add(fmt.Sprintf("pictures/%06d.txt", i), at)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(w, "a small file\n")
		if z.end(13, crc32.ChecksumIEEE([]byte("a small file\n"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.close(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 45<<20 {
		t.Errorf("the archive takes %d MB of memory", grown>>20)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got := python(t, `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
big = z.infolist()[0]
print(len(z.infolist()), big.filename, big.file_size, big.date_time, z.read("pictures/069999.txt").decode().strip(), z.getinfo("pictures/000000.txt").header_offset > 4 << 30)
`, name)
	if want := fmt.Sprintf("%d films/große Datei 🎬.mp4 %d (2026, 11, 30, 8, 30, 14) a small file True", files+1,
		int64(size)); got != want {
		t.Errorf("Python reads\n%s, want\n%s", got, want)
	}
	if out, err := exec.CommandContext(t.Context(), "unzip", "-p", name,
		"pictures/069999.txt").CombinedOutput(); err != nil ||
		string(out) != "a small file\n" {
		t.Errorf("unzip: %v %s", err, out)
	}
}

// What is sent from any place on is what the whole archive has there, without reading the files before it.
func TestFromAnyPlace(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	contents := []string{"the first", "", strings.Repeat("x", 5000), "the last"}
	write := func(from int64) (body string, read int) {
		var b bytes.Buffer
		z := newArchive(&b, from)
		for i, c := range contents {
			name := fmt.Sprintf("file %d", i)
			done, err := z.before(name, int64(len(c)))
			if err != nil {
				t.Fatal(err)
			}
			if done {
				err = z.skip(name, at, int64(len(c)), crc32.ChecksumIEEE([]byte(c)))
			} else {
				var w io.Writer
				if w, err = z.add(name, at); err == nil {
					_, err = io.WriteString(w, c)
				}
				z.end(int64(len(c)), crc32.ChecksumIEEE([]byte(c)))
				read++
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.close(); err != nil {
			t.Fatal(err)
		}
		return b.String(), read
	}
	whole, all := write(0)
	if all != len(contents) {
		t.Fatalf("%d files were read for the whole", all)
	}
	for from := range len(whole) {
		rest, read := write(int64(from))
		if rest != whole[from:] {
			t.Fatalf("from %d on it differs", from)
		}
		if from > 5300 && read > 1 {
			t.Fatalf("from %d on, %d files were read", from, read)
		}
	}
}
