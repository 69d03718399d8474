package gateway

import "sync"

const (
	// maxWatchers bounds the analyses that are watched at one time, maxWatchersEach those of
	// one client: each is looked at every second.
	maxWatchers     = 1024
	maxWatchersEach = 64
)

// watchers are those who watch an analysis, by who they are. The zero value is ready for use.
type watchers struct {
	mu     sync.Mutex
	all    int
	bySelf map[string]int
}

// enter takes a place until leave is called. Errors: an *apiError.
func (s *watchers) enter(client string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.all == maxWatchers:
		return nil, transient("all %d watchers are taken; try again later", maxWatchers)
	case s.bySelf[client] == maxWatchersEach:
		refusal := tooManyRequests(5)
		refusal.Message = "this client watches as many analyses as it may"
		return nil, refusal
	}
	if s.bySelf == nil {
		s.bySelf = make(map[string]int)
	}
	s.all++
	s.bySelf[client]++
	return func() { s.leave(client) }, nil
}

func (s *watchers) leave(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.bySelf[client]--; s.bySelf[client] == 0 {
		delete(s.bySelf, client)
	}
}
