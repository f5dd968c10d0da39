package ports_test

import (
	"net"
	"testing"

	"vitrine/test/ports"
)

// A reserved address refuses connections until somebody listens who asked for it, again and again, and nobody who asks
// for any port gets it.
func TestReserve(t *testing.T) {
	address, release, err := ports.Hold()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if c, err := net.Dial("tcp", address); err == nil {
		t.Errorf("%s answers before anybody listens: %v", address, c.Close())
	}
	for range 3 {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		_ = c.Close()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for range 500 {
		other, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Close() }()
		if other.Addr().String() == address {
			t.Fatalf("%s was given to another", address)
		}
	}
	if ports.Reserve(t) == address {
		t.Errorf("%s was reserved twice", address)
	}
}
