package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"vitrine/storage"
	"vitrine/storage/disk"
)

const (
	putSize   = 8 << 20 // bytes, a photograph
	putRounds = 25
)

// storagePut compares storing a photograph (hashed, checked, synced, created once) with writing and syncing a plain
// file of the same size.
func storagePut(ctx context.Context, b *bench) (rows []row, err error) {
	store, err := disk.Open(filepath.Join(b.dir, "objects"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var put, plain []time.Duration
	for i := range putRounds {
		data := make([]byte, putSize)
		_, _ = rand.Read(data) // never fails
		sum := sha256.Sum256(data)
		name := hex.EncodeToString(sum[:])
		// Alternating, so that both see the same machine.
		began := time.Now()
		if err := store.Put(ctx, storage.OriginalKey(name), bytes.NewReader(data),
			storage.PutOptions{Size: putSize, SHA256: name}); err != nil {
			return nil, err
		}
		put = append(put, time.Since(began))
		began = time.Now()
		if err := writeSynced(filepath.Join(b.dir, fmt.Sprint("plain", i)), data); err != nil {
			return nil, err
		}
		plain = append(plain, time.Since(began))
	}
	return []row{
		{Name: "ingest.storage_put", Value: median(plain).Seconds() / median(put).Seconds(), Unit: "× plain write",
			Target: 0.5, Op: ">="},
		{Name: "ingest.storage_put_ms", Value: median(put).Seconds() * 1000, Unit: "ms", Target: 100, Op: "<="},
	}, nil
}

func writeSynced(path string, data []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

func median(d []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(d))
	return s[len(s)/2]
}
