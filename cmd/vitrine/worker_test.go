package main

import (
	"context"
	"os"
	"testing"

	"vitrine/cmd/vitrine/server"
)

// TestMain lets the servers of tests start this very program for their renditions, as the real one does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == server.RenderCommand {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}
