package isolate

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
)

// maxHeader bounds the JSON of a message, maxBody its bytes: a rendition or the watermarks.
const (
	maxHeader = 4 << 20
	maxBody   = 256 << 20
)

// hello is what a child says once it can work.
type hello struct {
	Sealed bool `json:"sealed"`
}

// request is one job. The original comes as a descriptor beside it; the marks' bytes follow each other in the body.
type request struct {
	Op         string           `json:"op"` // render or probe
	Specs      []rendition.Spec `json:"specs,omitempty"`
	Max        int64            `json:"max,omitempty"`
	Animation  int64            `json:"animation,omitempty"`
	Workers    int              `json:"workers,omitempty"`
	Watermarks []watermarkSize  `json:"marks,omitempty"`
}

type watermarkSize struct {
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
}

// reply is one message of the answer: an output with its bytes as the body, or the end.
type reply struct {
	Spec      int             `json:"spec"` // index into the request's specs
	Width     int             `json:"width,omitempty"`
	Height    int             `json:"height,omitempty"`
	MediaType string          `json:"media_type,omitempty"`
	Note      reasons.Reason  `json:"note,omitzero"`
	End       bool            `json:"end,omitempty"`
	Info      *rendition.Info `json:"info,omitempty"`
	Failure   *failure        `json:"failure,omitempty"`
}

// failure is a dam.Error on its way between processes.
type failure struct {
	Code   dam.Code       `json:"code"`
	Field  string         `json:"field,omitempty"`
	Reason reasons.Reason `json:"why"`
	Cause  string         `json:"cause,omitempty"`
}

func send(w io.Writer, message any, body []byte) error {
	head, err := json.Marshal(message)
	if err != nil {
		return err
	}
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 8+len(head)), uint32(len(head)))
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(body))), head...)
	if _, err := w.Write(b); err != nil {
		return err
	}
	if len(body) > 0 {
		_, err = w.Write(body)
	}
	return err
}

func receive(r io.Reader, message any) (body []byte, err error) {
	var sizes [8]byte
	if _, err := io.ReadFull(r, sizes[:]); err != nil {
		return nil, err
	}
	n, m := binary.BigEndian.Uint32(sizes[:]), binary.BigEndian.Uint32(sizes[4:])
	if n > maxHeader || m > maxBody {
		return nil, fmt.Errorf("a message of %d and %d bytes", n, m)
	}
	b := make([]byte, n+m)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, err
	}
	return b[n:], json.Unmarshal(b[:n], message)
}
