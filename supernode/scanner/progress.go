package scanner

import "sync"

// progress counts how many engines have answered for the samples that are being scanned.
type progress struct {
	mu      sync.Mutex
	samples map[string]*engineCount
}

type engineCount struct{ done, total int }

func (p *progress) start(sha256 []byte, engines int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.samples == nil {
		p.samples = make(map[string]*engineCount)
	}
	p.samples[string(sha256)] = &engineCount{total: engines}
}

func (p *progress) done(sha256 []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if count := p.samples[string(sha256)]; count != nil {
		count.done++
	}
}

func (p *progress) end(sha256 []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.samples, string(sha256))
}

// Progress tells how many engines have answered for a sample that is being scanned
// here right now; total is 0 when it is not.
func (s *Scanner) Progress(sha256 []byte) (done, total int) {
	s.progress.mu.Lock()
	defer s.progress.mu.Unlock()
	if count := s.progress.samples[string(sha256)]; count != nil {
		return count.done, count.total
	}
	return 0, 0
}
