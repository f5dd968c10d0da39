package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// Notifications to systemd for a service of Type=notify; without systemd they do nothing.
const (
	ready    = daemon.SdNotifyReady
	stopping = daemon.SdNotifyStopping
)

// listen returns the sockets passed by systemd, or opens the address if there are none. Passed sockets stay open in
// systemd while the server restarts, so that connections wait instead of being refused.
func listen(address string) ([]net.Listener, error) {
	handed, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("sockets of systemd: %w", err)
	}
	for _, l := range handed {
		if l == nil { // a datagram socket or a pipe
			return nil, errors.Join(errors.New("systemd hands over a socket that takes no connections\n  use "+
				"ListenStream= in the .socket unit"), closeAll(handed))
		}
	}
	if len(handed) > 0 {
		return handed, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w\n  is another server running? --listen chooses another address", err)
	}
	return []net.Listener{l}, nil
}

func closeAll(list []net.Listener) error {
	var errs []error
	for _, l := range list {
		if l != nil {
			errs = append(errs, l.Close())
		}
	}
	return errors.Join(errs...)
}

func notify(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("systemd was not told", "state", state, "err", err)
	}
}
