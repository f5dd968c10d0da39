package storage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"hash/crc32"
)

// BlockSize is the number of bytes that one block checksum covers; the last block of an object may be shorter.
const BlockSize = 256 << 10

// castagnoli is the polynomial that processors have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Sums are the checksums of an object.
type Sums struct {
	Size   int64  // bytes
	SHA256 string // lower-case hex; the object's identity
	// Blocks has the CRC-32C of every block in order, four bytes each, big-endian; an empty object has one block. It is
	// nil if the checksums were never computed.
	Blocks []byte
}

// Covered reports whether every block has a checksum.
func (s Sums) Covered() bool { return len(s.Blocks) > 0 && int64(len(s.Blocks)) == 4*blocks(s.Size) }

// blocks returns the number of blocks of an object.
func blocks(size int64) int64 { return max(1, (size+BlockSize-1)/BlockSize) }

// length returns the number of bytes of a block.
func (s Sums) length(block int64) int64 { return min(BlockSize, s.Size-block*BlockSize) }

// intact reports whether data is the correct content of the block.
func (s Sums) intact(block int64, data []byte) bool {
	return int64(len(data)) == s.length(block) &&
		crc32.Checksum(data, castagnoli) == binary.BigEndian.Uint32(s.Blocks[4*block:])
}

// Summer computes the Sums of what is written to it.
type Summer struct {
	size   int64
	whole  hash.Hash
	block  uint32
	filled int // bytes of the block so far
	blocks []byte
}

// NewSummer returns a Summer to which nothing has been written.
func NewSummer() *Summer { return &Summer{whole: sha256.New()} }

// Write implements io.Writer and never fails.
func (s *Summer) Write(p []byte) (int, error) {
	s.whole.Write(p)
	s.size += int64(len(p))
	for rest := p; len(rest) > 0; {
		n := min(len(rest), BlockSize-s.filled)
		s.block = crc32.Update(s.block, castagnoli, rest[:n])
		s.filled += n
		rest = rest[n:]
		if s.filled == BlockSize {
			s.blocks = binary.BigEndian.AppendUint32(s.blocks, s.block)
			s.block, s.filled = 0, 0
		}
	}
	return len(p), nil
}

// Size returns the number of bytes written so far.
func (s *Summer) Size() int64 { return s.size }

// SHA256 returns the lower-case hex hash of what was written so far.
func (s *Summer) SHA256() string { return hex.EncodeToString(s.whole.Sum(nil)) }

// Sums returns the checksums of what was written so far.
func (s *Summer) Sums() Sums {
	b := append([]byte(nil), s.blocks...)
	if s.filled > 0 || s.size == 0 {
		b = binary.BigEndian.AppendUint32(b, s.block)
	}
	return Sums{Size: s.size, SHA256: s.SHA256(), Blocks: b}
}
