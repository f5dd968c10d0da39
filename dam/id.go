package dam

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Prefixes of identifiers. An identifier is its prefix, an underscore and 26
// lower-case characters: 48 bits of Unix milliseconds, then 80 random bits, so
// identifiers sort by creation and cannot be guessed.
const (
	AssetPrefix       = "a"
	VersionPrefix     = "v"
	CollectionPrefix  = "c"
	EventPrefix       = "e"
	UserPrefix        = "u"
	TokenPrefix       = "t"
	ChannelPrefix     = "ch"
	PublicationPrefix = "p"
	WebhookPrefix     = "w"
	UploadPrefix      = "up"
	BulkPrefix        = "b"
	DownloadPrefix    = "d"
	SearchPrefix      = "s"
	GroupPrefix       = "g"
	GrantPrefix       = "gr"
	VocabularyPrefix  = "vb"
	TermPrefix        = "tm"
	LicencePrefix     = "l"
	ConsentPrefix     = "co"
	RelationPrefix    = "re"
)

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID returns a new identifier with the given prefix.
func NewID(prefix string) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(time.Now().UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // crypto/rand.Read never fails: it crashes the program instead
	return prefix + "_" + idEncoding.EncodeToString(b[:])
}

// IsID reports whether s has the form of an identifier with the given prefix.
func IsID(prefix, s string) bool {
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(rest) != 26 {
		return false
	}
	_, err := idEncoding.DecodeString(rest)
	return err == nil
}
