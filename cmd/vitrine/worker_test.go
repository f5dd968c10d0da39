package main

import (
	"testing"

	"vitrine/cmd/vitrine/server/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }
