package queue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	maxBatch = 1000
	// idleFetch is how long one request for the first message of a batch stays open.
	idleFetch = 10 * time.Second

	minRetry = 250 * time.Millisecond
	maxRetry = time.Minute
)

// Message is one delivery.
type Message struct {
	// Subject and ID as given to Publish.
	Subject string
	ID      string
	Data    []byte
	// Deliveries counts this one and the failed ones before it.
	Deliveries int
}

// Consume hands the messages of a subject to handle until ctx ends (then it returns
// ctx's error) or the queue is closed (ErrClosed). A batch is handed over when it has
// batch messages (1..1000) or wait after its first one. When handle returns an error its
// whole batch comes again, later each time. durable names the consumer across restarts;
// processes that use the same name share the messages.
func (q *Queue) Consume(ctx context.Context, subject, durable string, batch int, wait time.Duration,
	handle func(context.Context, []Message) error,
) error {
	if err := checkConsumer(subject, durable, batch); err != nil {
		return err
	}
	ctx, stop, err := q.untilClosed(ctx)
	if err != nil {
		return err
	}
	defer stop()

	consumer, err := q.consumer(ctx, subject, durable)
	if err != nil {
		return q.ended(ctx, err)
	}
	for retry := minRetry; ctx.Err() == nil; {
		messages, err := collect(ctx, consumer, batch, wait)
		if err == nil {
			retry = minRetry
			q.deliver(ctx, messages, handle)
			continue
		}
		if q.fatal(err) {
			return q.ended(ctx, fmt.Errorf("queue: consume %s: %w", subject, err))
		}
		q.log.Warn("queue: fetch failed", "subject", subject, "error", err, "retry_in", retry)
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
		retry = min(2*retry, maxRetry)
	}
	return q.ended(ctx, ctx.Err())
}

func checkConsumer(subject, durable string, batch int) error {
	switch {
	case !subjectPattern.MatchString(subject):
		return fmt.Errorf("queue: subject %q does not match %s", subject, subjectPattern)
	case !durablePattern.MatchString(durable):
		return fmt.Errorf("queue: durable %q does not match %s", durable, durablePattern)
	case batch < 1 || batch > maxBatch:
		return fmt.Errorf("queue: batch of %d, must be 1 to %d", batch, maxBatch)
	}
	return nil
}

// consumer finds or makes the one consumer that a subject may have.
func (q *Queue) consumer(ctx context.Context, subject, durable string) (jetstream.Consumer, error) {
	consumer, err := q.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable:       durable,
		FilterSubject: subjectPrefix + subject,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       q.ackWait,
		MaxDeliver:    -1,
		MaxAckPending: 16 * maxBatch,
	})
	if err != nil {
		return nil, fmt.Errorf("queue: consumer %s of %s: %w", durable, subject, err)
	}
	return consumer, nil
}

// untilClosed returns a context that also ends when the queue is closed; Close waits for
// its stop.
func (q *Queue) untilClosed(parent context.Context) (ctx context.Context, stop func(), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.isClosed() {
		return nil, nil, ErrClosed
	}
	q.consumers.Add(1)
	ctx, cancel := context.WithCancel(parent)
	go func() {
		select {
		case <-q.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(); q.consumers.Done() }, nil
}

// ended prefers the reason for the end over errors that are its consequence.
func (q *Queue) ended(ctx context.Context, err error) error {
	if q.isClosed() {
		return ErrClosed
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// fatal tells whether trying again is pointless: somebody removed the consumer or its
// stream, or the embedded server disabled JetStream because its disk failed.
func (q *Queue) fatal(err error) bool {
	if q.embedded != nil && !q.embedded.server.JetStreamEnabled() {
		return true
	}
	return errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) ||
		errors.Is(err, jetstream.ErrStreamNotFound) || errors.Is(err, nats.ErrConnectionClosed)
}

// collect blocks for a first message and then fills the batch for at most wait. It
// returns no messages when none came for a while.
func collect(ctx context.Context, consumer jetstream.Consumer, batch int, wait time.Duration) ([]jetstream.Msg, error) {
	messages, err := fetch(ctx, consumer, 1, idleFetch)
	if err != nil || len(messages) == 0 || batch == 1 {
		return messages, err
	}
	// What came before an error is delivered; the next fetch will meet the error again.
	more, _ := fetch(ctx, consumer, batch-1, max(wait, time.Millisecond))
	return append(messages, more...), nil
}

func fetch(ctx context.Context, consumer jetstream.Consumer, count int, wait time.Duration) ([]jetstream.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	incoming, err := consumer.Fetch(count, jetstream.FetchContext(ctx))
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil
		}
		return nil, err
	}
	var messages []jetstream.Msg
	for msg := range incoming.Messages() {
		messages = append(messages, msg)
	}
	err = incoming.Error()
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
		errors.Is(err, nats.ErrTimeout) || errors.Is(err, jetstream.ErrNoMessages) {
		err = nil
	}
	if len(messages) > 0 {
		err = nil
	}
	return messages, err
}

// deliver runs the handler and acknowledges the batch, or gives it back.
func (q *Queue) deliver(ctx context.Context, batch []jetstream.Msg, handle func(context.Context, []Message) error) {
	if len(batch) == 0 {
		return
	}
	messages := make([]Message, len(batch))
	for i, msg := range batch {
		messages[i] = messageOf(msg)
	}
	err := ctx.Err()
	if err == nil {
		release := q.holdBatch(batch)
		err = handle(ctx, messages)
		release()
	}
	if err != nil {
		q.giveBack(ctx, batch, messages, err)
		return
	}
	acknowledge(ctx, batch)
}

func messageOf(msg jetstream.Msg) Message {
	subject := strings.TrimPrefix(msg.Subject(), subjectPrefix)
	return Message{
		Subject:    subject,
		ID:         strings.TrimPrefix(msg.Headers().Get(jetstream.MsgIDHeader), subject+"/"),
		Data:       msg.Data(),
		Deliveries: deliveries(msg),
	}
}

// acknowledge drops what was handled. A lost acknowledgement means one more delivery, which
// handlers must stand anyway.
func acknowledge(ctx context.Context, batch []jetstream.Msg) {
	last := make(map[string]jetstream.Msg)
	for _, msg := range batch {
		if earlier := last[msg.Subject()]; earlier != nil {
			_ = earlier.Ack()
		}
		last[msg.Subject()] = msg
	}
	// The server takes the acknowledgements of a subject in order, so the last one confirms
	// them all. Not bound to ctx, which may have ended: what was handled must not come again.
	confirm, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	for _, msg := range last {
		_ = msg.DoubleAck(confirm)
	}
}

// giveBack has a failed batch delivered again: after a delay when the handler failed, at
// once when this consumer ends.
func (q *Queue) giveBack(ctx context.Context, batch []jetstream.Msg, messages []Message, cause error) {
	if ctx.Err() != nil {
		q.returnAll(ctx, batch)
		return
	}
	for i, msg := range batch {
		_ = msg.NakWithDelay(retryDelay(messages[i].Deliveries))
	}
	q.log.Warn("queue: handler failed", "subject", messages[0].Subject, "messages", len(batch), "error", cause)
}

// returnAll has messages delivered again at once, to whoever consumes then.
func (q *Queue) returnAll(ctx context.Context, messages []jetstream.Msg) {
	for _, msg := range messages {
		_ = msg.Nak()
	}
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = q.conn.FlushWithContext(flush)
}

// holdBatch keeps a batch from being given to another consumer until release is called.
func (q *Queue) holdBatch(batch []jetstream.Msg) (release func()) {
	return every(q.ackWait/3, func() {
		for _, msg := range batch {
			_ = msg.InProgress()
		}
	})
}

// every calls fn at an interval until stop is called.
func every(interval time.Duration, fn func()) (stop func()) {
	done := make(chan struct{})
	go func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				fn()
			}
		}
	}()
	return func() { close(done) }
}

func deliveries(msg jetstream.Msg) int {
	meta, err := msg.Metadata()
	if err != nil {
		return 1
	}
	return int(meta.NumDelivered)
}

func retryDelay(deliveries int) time.Duration {
	return min(minRetry<<min(deliveries-1, 16), maxRetry)
}
