package gateway

import (
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

var errTooSlow = errors.New("client is too slow")

// pacedBody cuts off a client that feeds its body too slowly: all the time spent
// waiting for it may be no more than the grace and what its bytes need at the least
// rate. Time that the server itself spends between reads does not count.
type pacedBody struct {
	io.ReadCloser
	conn   *http.ResponseController
	grace  time.Duration
	rate   int64 // bytes per second
	read   int64
	waited time.Duration
}

func (b *pacedBody) Read(p []byte) (int, error) {
	earned := time.Duration(float64(b.read) / float64(b.rate) * float64(time.Second))
	left := b.grace + earned - b.waited
	if left <= 0 {
		return 0, errTooSlow
	}
	start := time.Now()
	if err := b.conn.SetReadDeadline(start.Add(left)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	b.waited += time.Since(start)
	b.read += int64(n)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		err = errTooSlow
	}
	return n, err
}

// drainTime is how long the server goes on reading a refused body, so that its client
// sees the answer instead of a reset connection.
const drainTime = 2 * time.Second

// done ends the pace: a body that was read must not end its request later by the last
// deadline, and one that was refused is not read for long.
func (b *pacedBody) done(refused bool) {
	deadline := time.Time{}
	if refused {
		deadline = time.Now().Add(drainTime)
	}
	_ = b.conn.SetReadDeadline(deadline) // a closed connection needs none
}

// paced gives a client as much time for an answer as its bytes need at the least rate.
func (g *Gateway) paced(w http.ResponseWriter) *pacedWriter {
	return &pacedWriter{
		ResponseWriter: w, conn: http.NewResponseController(w),
		grace: time.Duration(g.cfg.UploadGrace) * time.Second, rate: g.cfg.MinUploadRate,
	}
}

// pacedWriter cuts off a client that takes its answer too slowly, by the same rule.
type pacedWriter struct {
	http.ResponseWriter
	conn    *http.ResponseController
	grace   time.Duration
	rate    int64 // bytes per second
	written int64
	waited  time.Duration
}

func (w *pacedWriter) Write(p []byte) (int, error) {
	earned := time.Duration(float64(w.written) / float64(w.rate) * float64(time.Second))
	left := w.grace + earned - w.waited
	if left <= 0 {
		return 0, errTooSlow
	}
	start := time.Now()
	if err := w.conn.SetWriteDeadline(start.Add(left)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := w.ResponseWriter.Write(p)
	w.waited += time.Since(start)
	w.written += int64(n)
	return n, err
}

// done ends the pace and leaves a while for what is buffered.
func (w *pacedWriter) done() {
	_ = w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // a closed connection needs none
}
