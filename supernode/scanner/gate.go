package scanner

import (
	"container/heap"
	"context"
	"sync"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// urgency tells which of two rounds goes first when there is not enough for both.
type urgency struct {
	retrospective bool
	round         uint64
}

func urgencyOf(round verdictstypes.Round) urgency {
	return urgency{retrospective: round.Kind == verdictstypes.ROUND_KIND_RETROSPECTIVE, round: round.Number}
}

// before puts retrospective rounds, which nobody waits for, last, and newer rounds first:
// a backlog must not make the newest rounds late as well.
func (u urgency) before(other urgency) bool {
	if u.retrospective != other.retrospective {
		return other.retrospective
	}
	return u.round > other.round
}

// gates are what all rounds share.
type gates struct {
	records *gate // rounds whose records are being read
	soon    *gate // samples that are fetched for the first time
	late    *gate // samples that are asked for once more, until their round must end
	slots   *gate // samples being scanned
	memory  *gate // bytes of plaintext
	hunts   *gate // rounds in which wanted samples are looked for
}

func newGates(cfg Config) gates {
	return gates{
		records: newGate(2), soon: newGate(fetching), late: newGate(fetching),
		slots: newGate(int64(cfg.Parallel)), memory: newGate(cfg.MemoryBytes), hunts: newGate(1),
	}
}

// gate is a weighted semaphore that the most urgent waiter passes first, and among equals
// who came first. Nobody overtakes a more urgent one by wanting less.
type gate struct {
	mu      sync.Mutex
	free    int64
	waiting waiters
	came    uint64
}

type waiter struct {
	urgency
	weight int64
	came   uint64
	pass   chan struct{} // closed when it has passed
	index  int           // in waiters; -1 when it has passed
}

func newGate(size int64) *gate { return &gate{free: size} }

// acquire waits until weight is free, or returns the error of ctx.
func (g *gate) acquire(ctx context.Context, u urgency, weight int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	g.mu.Lock()
	w := &waiter{urgency: u, weight: weight, came: g.came, pass: make(chan struct{})}
	g.came++
	heap.Push(&g.waiting, w)
	g.admit()
	g.mu.Unlock()
	select {
	case <-w.pass:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if w.index < 0 {
		g.free += weight // it passed at the same moment
	} else {
		heap.Remove(&g.waiting, w.index)
	}
	g.admit()
	return ctx.Err()
}

// release gives weight back.
func (g *gate) release(weight int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free += weight
	g.admit()
}

func (g *gate) admit() {
	for len(g.waiting) > 0 && g.waiting[0].weight <= g.free {
		w := heap.Pop(&g.waiting).(*waiter)
		g.free -= w.weight
		close(w.pass)
	}
}

// waiters is a heap with the most urgent one first.
type waiters []*waiter

func (w waiters) Len() int { return len(w) }

func (w waiters) Less(i, j int) bool {
	if w[i].urgency != w[j].urgency {
		return w[i].before(w[j].urgency)
	}
	return w[i].came < w[j].came
}

func (w waiters) Swap(i, j int) {
	w[i], w[j] = w[j], w[i]
	w[i].index, w[j].index = i, j
}

func (w *waiters) Push(x any) {
	added := x.(*waiter)
	added.index = len(*w)
	*w = append(*w, added)
}

func (w *waiters) Pop() any {
	last := len(*w) - 1
	popped := (*w)[last]
	popped.index = -1
	(*w)[last] = nil
	*w = (*w)[:last]
	return popped
}
