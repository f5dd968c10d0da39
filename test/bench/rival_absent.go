//go:build !vips || !cgo

package main

import "errors"

var errNoRival = errors.New("the rival is libvips: install libvips-dev and run make bench-rendition")

func thumbnails([]byte) (func() (int, error), error) { return nil, errNoRival }

func floor([]byte, []wish) (func() (int, error), error) { return nil, errNoRival }

func thumbnail([]byte, wish) ([]byte, error) { return nil, errNoRival }

func ideal([]byte, wish) (pixels8, error) { return pixels8{}, errNoRival }

func decoded([]byte) (pixels8, error) { return pixels8{}, errNoRival }
