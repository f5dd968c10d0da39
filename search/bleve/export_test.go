package bleve

import "vitrine/search"

// SetFormat makes an index one of another format.
func SetFormat(ix search.Text, format string) error {
	t := ix.(*text)
	b := t.idx.NewBatch()
	b.SetInternal([]byte(formatKey), []byte(format))
	return t.batch(b)
}
