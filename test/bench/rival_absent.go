//go:build !vips || !cgo

package main

import "errors"

var errNoRival = errors.New("the rival is libvips: install libvips-dev and run make bench-rendition")

func thumbnails([]byte) (func() (int, error), error) { return nil, errNoRival }

func floor([]byte, int) (func() (int, error), error) { return nil, errNoRival }
