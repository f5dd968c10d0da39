package integrity

// Clock is the scrub's clock.
type Clock = clock

// SetClock replaces the scrub's clock.
func (s *Service) SetClock(c Clock) { s.clock = c }
