package convert

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition/sandbox"
)

const (
	// readTime bounds how long reading a file's tags may take; most take a fifth of a second.
	readTime = 20 * time.Second
	// readOutput bounds what a file says of itself, in bytes; thousands are usual.
	readOutput = 1 << 20
	readMemory = 1 << 30
)

// CanRead returns nil when exiftool reads files' metadata here, and otherwise says what is missing.
func (e *Engine) CanRead() error { return e.ready(maker{programs: []string{"exiftool"}}) }

// ReadTags asks exiftool for tags of a file, by their names without a hyphen ("XMP-dc:Title*"). The answer has them by
// group and name, as dam/metadata takes them. Errors are those of sandbox.Desk.Run.
func (e *Engine) ReadTags(ctx context.Context, src io.ReadSeeker, wanted []string) (map[string]any, error) {
	if err := e.CanRead(); err != nil {
		return nil, err
	}
	d, err := e.o.Sandbox.Open(ctx, src)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return readTags(ctx, d, wanted)
}

// exiftool is a command that loads nobody's settings: a file .ExifTool_config is Perl that it would run.
func exiftool(l sandbox.Limits, args ...string) sandbox.Command {
	return sandbox.Command{Program: "exiftool", Args: append([]string{"-config", ""}, args...), Limits: l}
}

func readTags(ctx context.Context, d *sandbox.Desk, wanted []string) (map[string]any, error) {
	args := []string{"-q", "-q", "-j", "-n", "-a", "-G1", "-api", "largefilesupport=1", "-charset", "exif=Latin",
		"-charset", "iptc=Latin"}
	for _, w := range wanted {
		args = append(args, "-"+w)
	}
	b, err := d.Run(ctx, exiftool(sandbox.Limits{Time: readTime, Memory: readMemory, Output: readOutput},
		append(args, d.Original())...))
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var list []map[string]any
	if err := dec.Decode(&list); err != nil || len(list) != 1 {
		return nil, &dam.Error{Code: dam.Invalid, Reason: reasons.FileUnreadableByProgram("exiftool"),
			Err: errors.Join(err, errors.New("no list of one file"))}
	}
	return list[0], nil
}
