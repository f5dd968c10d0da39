// Package ports gives tests and benchmarks addresses for programs that have to be told one. An address stays reserved
// until it is released, also while the program is away between two runs: a port that is only looked up may be
// somebody else's by the time the program listens on it.
package ports

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"
)

// Reserve returns an address on 127.0.0.1 on which nobody else gets to listen before the test ends.
func Reserve(t testing.TB) string {
	t.Helper()
	address, release, err := Hold()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return address
}

// Hold is Reserve for programs: the address is reserved until release is called.
//
// It binds a socket that never listens, so connections are refused until the program takes them. Linux gives a port
// with such a socket to nobody who asks for any port, and to those who ask for this one with SO_REUSEADDR, as servers
// do.
func Hold() (address string, release func(), err error) {
	syscall.ForkLock.RLock() // a child that is started meanwhile would keep the socket
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return "", nil, os.NewSyscallError("socket", err)
	}
	release = func() { _ = syscall.Close(fd) } // nothing was written to it
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err == nil {
		err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	var name syscall.Sockaddr
	if err == nil {
		name, err = syscall.Getsockname(fd)
	}
	if err != nil {
		release()
		return "", nil, fmt.Errorf("reserving a port: %w", err)
	}
	bound := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: name.(*syscall.SockaddrInet4).Port}
	return bound.String(), release, nil
}
