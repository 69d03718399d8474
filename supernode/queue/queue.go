// Package queue is the durable work queue of a supernode: JetStream, embedded in the
// process by default and without any listening socket, or an external NATS cluster.
//
// Delivery is at least once. A message stays until a handler returned without error;
// whoever handles one must be able to see it twice.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// MaxMessageBytes bounds the data of one message.
	MaxMessageBytes = 512 << 10
	// DedupeWindow is how long the id of a message is remembered. Ids of messages that
	// are still queued are remembered across restarts too.
	DedupeWindow = 10 * time.Minute

	streamName    = "VIRUSMAP"
	subjectPrefix = "virusmap."
	maxIDBytes    = 256

	defaultAckWait = 10 * time.Second
)

var (
	// ErrClosed is returned by calls on a closed queue.
	ErrClosed = errors.New("queue: closed")
	// ErrFull is returned by Publish when the queue holds Config.MaxBytes.
	ErrFull = errors.New("queue: full")
)

// subjectPattern keeps wildcards, empty tokens and separators of other systems out.
var subjectPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,7}$`)

// durablePattern is what JetStream takes as the name of a consumer.
var durablePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Config tells where the queue lives.
type Config struct {
	// Dir holds the embedded server's files. Only one process can have it open.
	Dir string
	// URL of an external NATS cluster, such as nats://host:4222; Dir is not used then.
	URL string
	// MaxBytes bounds what the queue stores; 0 means no bound but the disk's.
	MaxBytes int64
	// Replicas of each message in an external cluster; 0 means 1.
	Replicas int
	// AckWait is how long a crashed consumer's messages wait for another one; a running
	// handler extends it for as long as it takes. 0 means 10 s.
	AckWait time.Duration
	// Log gets the embedded server's warnings and errors; nil means slog's default.
	Log *slog.Logger
}

// Queue is an open queue. Its methods may be called from many goroutines.
type Queue struct {
	embedded *embedded // nil with an external cluster
	conn     *nats.Conn
	js       jetstream.JetStream
	stream   jetstream.Stream
	ackWait  time.Duration
	log      *slog.Logger

	arrivals arrivals

	mu        sync.Mutex // guards closed against consumers being added
	closed    chan struct{}
	consumers sync.WaitGroup
}

// Open starts the embedded server or connects to the external cluster, and makes the
// stream when it is not there. ctx bounds the opening only.
func Open(ctx context.Context, cfg Config) (*Queue, error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.AckWait == 0 {
		cfg.AckWait = defaultAckWait
	}
	q := &Queue{ackWait: cfg.AckWait, log: cfg.Log, closed: make(chan struct{})}
	if err := q.open(ctx, cfg); err != nil {
		q.shutdown()
		return nil, fmt.Errorf("queue: %w", err)
	}
	return q, nil
}

func (q *Queue) open(ctx context.Context, cfg Config) (err error) {
	options := []nats.Option{nats.Name("virusmap-supernode"), nats.MaxReconnects(-1)}
	if cfg.URL == "" {
		if q.embedded, err = startEmbedded(cfg.Dir, cfg.Log); err != nil {
			return err
		}
		options = append(options, nats.InProcessServer(q.embedded.server))
	}
	if q.conn, err = nats.Connect(cfg.URL, options...); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if q.js, err = jetstream.New(q.conn); err != nil {
		return err
	}
	maxBytes := cfg.MaxBytes
	if maxBytes <= 0 {
		maxBytes = -1
	}
	q.stream, err = q.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:       streamName,
		Subjects:   []string{subjectPrefix + ">"},
		Retention:  jetstream.WorkQueuePolicy,
		Storage:    jetstream.FileStorage,
		Discard:    jetstream.DiscardNew,
		MaxBytes:   maxBytes,
		Duplicates: DedupeWindow,
		Replicas:   max(cfg.Replicas, 1),
	})
	if err != nil {
		return fmt.Errorf("open stream: %w", err)
	}
	return nil
}

// Close ends all Consume calls, which return ErrClosed once their handlers have returned,
// and stops the embedded server. It must be called once.
func (q *Queue) Close() error {
	q.mu.Lock()
	close(q.closed)
	q.mu.Unlock()
	q.consumers.Wait()
	q.shutdown()
	return nil
}

func (q *Queue) shutdown() {
	if q.conn != nil {
		q.conn.Close()
	}
	if q.embedded != nil {
		q.embedded.stop()
	}
}

// Publish stores a message; it is on disk when Publish returns. A message whose id was
// published within the DedupeWindow is a success without effect. An error does not rule
// out that the message was stored: publish it again with the same id.
func (q *Queue) Publish(ctx context.Context, subject, id string, data []byte) error {
	switch {
	case !subjectPattern.MatchString(subject):
		return fmt.Errorf("queue: subject %q does not match %s", subject, subjectPattern)
	case id == "" || len(id) > maxIDBytes:
		return fmt.Errorf("queue: id of %d bytes, must have 1 to %d", len(id), maxIDBytes)
	case len(data) > MaxMessageBytes:
		return fmt.Errorf("queue: message %s of %d bytes, limit is %d", id, len(data), MaxMessageBytes)
	}
	// The subject is part of the id, so that one thing can pass through several subjects.
	_, err := q.js.Publish(ctx, subjectPrefix+subject, data, jetstream.WithMsgID(subject+"/"+id))
	if err == nil {
		q.arrivals.tell()
		return nil
	}
	if q.isClosed() {
		return ErrClosed
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Description == "maximum bytes exceeded" {
		return fmt.Errorf("%w: message %s", ErrFull, id)
	}
	return fmt.Errorf("queue: publish %s: %w", id, err)
}

// Depth is the number of messages of a subject that no handler has finished.
func (q *Queue) Depth(ctx context.Context, subject string) (uint64, error) {
	if !subjectPattern.MatchString(subject) {
		return 0, fmt.Errorf("queue: subject %q does not match %s", subject, subjectPattern)
	}
	name := subjectPrefix + subject
	info, err := q.stream.Info(ctx, jetstream.WithSubjectFilter(name))
	if err != nil {
		return 0, fmt.Errorf("queue: depth of %s: %w", subject, err)
	}
	return info.State.Subjects[name], nil
}

func (q *Queue) isClosed() bool {
	select {
	case <-q.closed:
		return true
	default:
		return false
	}
}
