package publishertest

import (
	"bytes"
	"encoding/binary"
	"math"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
)

// videos are what a world's assets are when they are no pictures.
type films struct {
	seconds float64
	size    int
}

// Videos makes the assets that are added from now on videos, and the preset one of MP4:
// 1080×1920, of that length and of at least that many bytes.
func (w *World) Videos(seconds float64, size int) {
	w.t.Helper()
	w.films = &films{seconds, size}
	check(w.t, w.Catalog.Write(catalogtest.Context(w.t), func(tx *catalog.Tx) error {
		return tx.Presets().SetPreset(catalogtest.Context(w.t), dam.DefaultLibrary, 0,
			dam.Preset{Name: Preset, Width: 1080, Height: 1920, Fit: dam.FitCover,
				Formats: []dam.PresetFormat{{Format: dam.MP4, Quality: 70}}})
	}))
}

// clip is what a service reads first of an MP4: its brand and, in the movie header, its
// length. Where the pictures would be is a note, filled up to a size.
func clip(seconds float64, note string, size int) []byte {
	box := func(name string, body []byte) []byte {
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), name...), body...)
	}
	header := make([]byte, 100)
	binary.BigEndian.PutUint32(header[12:], 1000) // ticks a second
	binary.BigEndian.PutUint32(header[16:], uint32(math.Round(seconds*1000)))
	b := append(box("ftyp", []byte("isom\x00\x00\x02\x00isommp41")), box("moov", box("mvhd", header))...)
	body := []byte(note)
	if missing := size - len(b) - 8 - len(body); missing > 0 {
		body = append(body, make([]byte, missing)...)
	}
	return append(b, box("mdat", body)...)
}

// VideoSeconds reads the length in seconds of an MP4 whose header has one; ok is false for what is none.
func VideoSeconds(b []byte) (seconds float64, ok bool) {
	if len(b) < 8 || string(b[4:8]) != "ftyp" {
		return 0, false
	}
	at := bytes.Index(b, []byte("mvhd"))
	if at < 0 || len(b) < at+24 {
		return 0, false
	}
	ticks := binary.BigEndian.Uint32(b[at+16:])
	if ticks == 0 {
		return 0, false
	}
	return float64(binary.BigEndian.Uint32(b[at+20:])) / float64(ticks), true
}
