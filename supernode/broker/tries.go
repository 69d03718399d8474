package broker

import (
	"sync"
	"time"
)

const (
	// maxTries bounds the orders that are remembered.
	maxTries = 16_384
	// forgetAfter is for how many blocks a delivered order is remembered, so that a list
	// from before its delivery does not bring it back.
	forgetAfter = 20
)

// try is what this process knows of an order.
type try struct {
	own    bool  // assigned to this operator
	due    int64 // the last height that takes its key
	busy   bool  // prepared or sent now; what becomes of it is not known yet
	closed bool  // nothing is left to do for it
	forget int64 // the height at which a closed one is forgotten
	pause  time.Duration
	again  time.Time // not tried before
}

// tries keeps an order from being sent while it is on its way already, and from being
// tried again too soon. It is safe for concurrent use.
type tries struct {
	mu     sync.Mutex
	orders map[string]*try
}

func newTries() *tries { return &tries{orders: make(map[string]*try)} }

// begin tells whether an order is to be tried now. When it does, end must follow.
func (t *tries) begin(id []byte, due int64, own bool, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	known := t.orders[string(id)]
	if known == nil {
		if len(t.orders) >= maxTries {
			return false
		}
		known = new(try)
		t.orders[string(id)] = known
	}
	if known.busy || known.closed || now.Before(known.again) {
		return false
	}
	known.own, known.due, known.busy = own, due, true
	return true
}

// fail ends a try whose order is tried again after a pause, longer each time.
func (t *tries) fail(id []byte, now time.Time, p paces) {
	t.end(id, func(order *try) {
		order.pause = min(max(2*order.pause, p.shortest), p.longest)
		order.again = now.Add(order.pause)
	})
}

// close ends a try after which nothing is left to do for the order.
func (t *tries) close(id []byte, height int64) {
	t.end(id, func(*try) {})
	t.settle(id, height)
}

// settle notes that nothing is left to do for an order, also while it is being tried.
func (t *tries) settle(id []byte, height int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if order := t.orders[string(id)]; order != nil {
		order.closed, order.forget = true, height+forgetAfter
	}
}

// settled tells whether that was noted.
func (t *tries) settled(id []byte) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	order := t.orders[string(id)]
	return order != nil && order.closed
}

func (t *tries) end(id []byte, note func(*try)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if order := t.orders[string(id)]; order != nil {
		order.busy = false
		note(order)
	}
}

// waiting tells whether an order that failed can be tried again.
func (t *tries) waiting(now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, order := range t.orders {
		if !order.busy && !order.closed && !now.Before(order.again) {
			return true
		}
	}
	return false
}

// expire forgets what was closed a while ago, closes what can have no key after a height,
// and returns the orders of this operator among that.
func (t *tries) expire(height int64) (missed [][]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, order := range t.orders {
		switch {
		case order.busy:
		case order.closed && height >= order.forget:
			delete(t.orders, id)
		case !order.closed && height >= order.due:
			order.closed, order.forget = true, height+forgetAfter
			if order.own {
				missed = append(missed, []byte(id))
			}
		}
	}
	return missed
}
