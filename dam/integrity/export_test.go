package integrity

// Clock is time as the scrub sees it.
type Clock = clock

// SetClock gives the scrub another clock.
func (s *Service) SetClock(c Clock) { s.clock = c }
