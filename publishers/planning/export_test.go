package planning

import "context"

// Scan holds a channel's rule against all assets that are there.
func (s *Service) Scan(ctx context.Context, channel string) (err error) {
	for done := false; !done && err == nil; {
		done, err = s.scan(ctx, channel)
	}
	return err
}
