package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// idlePoll is how often an idle ranked consumer looks for what others published to an
// external cluster, and for what comes again.
const idlePoll = time.Second

// Lane is one of the subjects that are consumed together.
type Lane struct {
	Subject string
	// Durable names the lane's consumer across restarts.
	Durable string
	// HeadStart is by how much its messages pass for older than they are.
	HeadStart time.Duration
}

// ConsumeRanked is Consume over several lanes. Messages are handled in the order of their
// virtual time, which is when they were published less the head start of their lane: a lane
// with a greater one goes first, and what is older than the greatest head start is handled
// in the order of arrival whatever its lane, so that nothing starves.
func (q *Queue) ConsumeRanked(ctx context.Context, lanes []Lane, batch int, wait time.Duration,
	handle func(context.Context, []Message) error,
) error {
	if len(lanes) == 0 {
		return errors.New("queue: no lanes to consume")
	}
	for _, lane := range lanes {
		if err := checkConsumer(lane.Subject, lane.Durable, batch); err != nil {
			return err
		}
	}
	ctx, stop, err := q.untilClosed(ctx)
	if err != nil {
		return err
	}
	defer stop()
	r := &ranked{queue: q, size: batch}
	for _, lane := range lanes {
		consumer, err := q.consumer(ctx, lane.Subject, lane.Durable)
		if err != nil {
			return q.ended(ctx, err)
		}
		r.lanes = append(r.lanes, &heldLane{Lane: lane, consumer: consumer})
	}
	release := r.keep()
	defer func() {
		release()
		q.returnAll(ctx, r.heldMessages())
	}()
	return q.ended(ctx, r.run(ctx, wait, handle))
}

// ranked pulls up to a batch of every lane and hands over the best of them. What it holds
// back is kept from other consumers meanwhile.
type ranked struct {
	queue *Queue
	size  int

	mu    sync.Mutex // guards held of all lanes
	lanes []*heldLane
}

type heldLane struct {
	Lane
	consumer jetstream.Consumer
	held     []rankedMessage // by virtual time
}

type rankedMessage struct {
	jetstream.Msg
	virtual time.Time
}

func (r *ranked) run(ctx context.Context, wait time.Duration, handle func(context.Context, []Message) error) error {
	retry := minRetry
	for ctx.Err() == nil {
		arrived := r.queue.arrivals.next()
		err := r.collect(ctx, wait)
		switch {
		case err == nil:
			retry = minRetry
		case r.queue.fatal(err):
			return fmt.Errorf("queue: consume %s: %w", r.lanes[0].Subject, err)
		case ctx.Err() == nil:
			r.queue.log.Warn("queue: fetch failed", "error", err, "retry_in", retry)
		}
		// What came before an error is handled; the next pull will meet the error again.
		if best := r.take(); len(best) > 0 {
			r.queue.deliver(ctx, best, handle)
			continue
		}
		pause := idlePoll
		if err != nil {
			pause, arrived, retry = retry, nil, min(2*retry, maxRetry)
		}
		select {
		case <-ctx.Done():
		case <-arrived:
		case <-time.After(pause):
		}
	}
	return ctx.Err()
}

// collect tops the lanes up, and once more when a batch has begun and has had time to fill.
func (r *ranked) collect(ctx context.Context, wait time.Duration) error {
	err := r.topUp(ctx)
	if held := len(r.heldMessages()); err != nil || held == 0 || held >= r.size {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
	}
	return r.topUp(ctx)
}

// topUp pulls what is there into every lane that holds less than a batch, so that the best
// batch of all messages is among what is held.
func (r *ranked) topUp(ctx context.Context) error {
	errs := make([]error, len(r.lanes))
	var pulls sync.WaitGroup
	for i, lane := range r.lanes {
		if room := r.size - len(lane.held); room > 0 {
			pulls.Go(func() { errs[i] = r.pull(lane, room) })
		}
	}
	pulls.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

func (r *ranked) pull(lane *heldLane, room int) error {
	incoming, err := lane.consumer.FetchNoWait(room)
	if err != nil {
		return err
	}
	for msg := range incoming.Messages() {
		meta, err := msg.Metadata()
		if err != nil {
			_ = msg.Nak()
			continue
		}
		r.mu.Lock()
		lane.held = append(lane.held, rankedMessage{msg, meta.Timestamp.Add(-lane.HeadStart)})
		r.mu.Unlock()
	}
	return incoming.Error()
}

// take removes the best batch from the lanes.
func (r *ranked) take() []jetstream.Msg {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, lane := range r.lanes { // what came again is older than what follows it
		slices.SortStableFunc(lane.held, func(a, b rankedMessage) int { return a.virtual.Compare(b.virtual) })
	}
	var batch []jetstream.Msg
	for len(batch) < r.size {
		var first *heldLane
		for _, lane := range r.lanes {
			if len(lane.held) > 0 && (first == nil || lane.held[0].virtual.Before(first.held[0].virtual)) {
				first = lane
			}
		}
		if first == nil {
			break
		}
		batch = append(batch, first.held[0].Msg)
		first.held = first.held[1:]
	}
	return batch
}

// heldMessages are those that no batch has taken yet.
func (r *ranked) heldMessages() (all []jetstream.Msg) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, lane := range r.lanes {
		for _, m := range lane.held {
			all = append(all, m.Msg)
		}
	}
	return all
}

// keep holds back what no batch has taken until release is called.
func (r *ranked) keep() (release func()) {
	return every(r.queue.ackWait/3, func() {
		for _, msg := range r.heldMessages() {
			_ = msg.InProgress()
		}
	})
}

// arrivals wakes consumers when this process publishes something.
type arrivals struct {
	mu      sync.Mutex
	waiting chan struct{}
}

// next is closed by the first tell from now on.
func (a *arrivals) next() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting == nil {
		a.waiting = make(chan struct{})
	}
	return a.waiting
}

func (a *arrivals) tell() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.waiting != nil {
		close(a.waiting)
		a.waiting = nil
	}
}
