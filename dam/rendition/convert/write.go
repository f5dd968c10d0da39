package convert

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/sandbox"
)

const (
	// writeTime bounds how long writing tags into a copy may take; videos are copied whole.
	writeTime = 10 * time.Minute
	// writeRoom is how much larger a copy may be than its original, in bytes.
	writeRoom = 64 << 20
)

// CanWrite returns nil when copies of files can be given metadata here, and otherwise says what is missing.
func (e *Engine) CanWrite() error {
	return e.ready(maker{programs: []string{"exiftool"}})
}

// WriteTags makes a copy of a file with tags in it and hands it to use, after which it is gone. tags says which,
// by what the file says of those wanted. The file itself is only read. Errors that are dam.Lasting will not go away by
// trying again.
func (e *Engine) WriteTags(ctx context.Context, src io.ReadSeeker, wanted []string,
	tags func(said map[string]any) dam.FileTags, use func(*os.File) error) error {
	if err := e.CanWrite(); err != nil {
		return err
	}
	size, err := src.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	d, err := e.o.Sandbox.Open(ctx, src)
	if err != nil {
		return err
	}
	defer d.Close()
	said, err := readTags(ctx, d, wanted)
	if err != nil {
		return unwritten(err)
	}
	const made = "copy"
	limits := sandbox.Limits{Time: writeTime, Output: size + writeRoom}
	t := tags(said)
	args, err := writing(d, t)
	if err == nil {
		_, err = d.Run(ctx, exiftool(limits, append(args, "-o", d.Path(made), d.Original())...))
	}
	if legacy, ok := said[legacyDigest]; err == nil && ok && legacy != "" && t.IPTC {
		// Photoshop takes IPTC for edited, and XMP for old, unless this names the bytes that are there now.
		_, err = d.Run(ctx, exiftool(limits, "-m", "-q", "-q", "-overwrite_original", "-tagsfromfile", "@", "-"+
			legacyDigest+"<File:CurrentIPTCDigest", d.Path(made)))
	}
	if err != nil {
		return unwritten(err)
	}
	f, err := e.openPicture(d, made)
	if err != nil {
		return unwritten(err)
	}
	defer func() { _ = f.Close() }()
	return use(f)
}

const legacyDigest = "XMP-photoshop:LegacyIPTCDigest"

// writing is exiftool's arguments that write tags, which are put into a file beside the copy.
func writing(d *sandbox.Desk, tags dam.FileTags) ([]string, error) {
	const list = "tags.json"
	args, content, err := tags.Exiftool(d.Path(list))
	if err != nil {
		return nil, err
	}
	return args, put(d, list, content)
}

// unwritten words why exiftool has not written; a file it can read may still be one that it doesn't write.
func unwritten(err error) error {
	var e *dam.Error
	if !errors.As(err, &e) || e.Code != dam.Invalid {
		return err
	}
	if e.Err != nil && strings.Contains(e.Err.Error(), "Can't currently write") ||
		strings.Contains(e.Err.Error(), "Can't write") {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.ExiftoolCannotWriteType(), Err: e.Err}
	}
	return &dam.Error{Code: dam.Invalid, Reason: reasons.ExiftoolCannotWriteFile(), Err: e.Err}
}
