package gateway

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// serveWatch gives WatchAnalysis over REST, in grpc-gateway's own form: it cannot stream in
// one process by itself.
func (n native) serveWatch(rest *runtime.ServeMux) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		// The server's deadlines are for answers that come at once.
		conn := http.NewResponseController(w)
		_ = conn.SetReadDeadline(time.Time{})
		_ = conn.SetWriteDeadline(time.Now().Add(watchTime + writeTimeout))

		watch := &watchStream{ctx: ctx, sent: make(chan *nodev1.Analysis)}
		go func() {
			defer close(watch.sent)
			watch.err = n.WatchAnalysis(&nodev1.WatchAnalysisRequest{Id: path["id"]}, watch)
		}()
		_, marshaler := runtime.MarshalerForRequest(rest, r)
		first, err := watch.recv()
		if err != nil { // nothing was sent: the answer can still have its status
			runtime.HTTPError(ctx, rest, marshaler, w, r, err)
			return
		}
		ctx = runtime.NewServerMetadataContext(ctx, runtime.ServerMetadata{})
		runtime.ForwardResponseStream(ctx, rest, marshaler, w, r, func() (proto.Message, error) {
			if first != nil {
				next := first
				first = nil
				return next, nil
			}
			return watch.recv()
		})
	}
}

// watchStream hands what the service sends to the writer of the HTTP answer.
type watchStream struct {
	grpc.ServerStream
	ctx  context.Context
	sent chan *nodev1.Analysis
	err  error // set before sent is closed
}

func (s *watchStream) Context() context.Context { return s.ctx }

func (s *watchStream) Send(analysis *nodev1.Analysis) error {
	select {
	case s.sent <- analysis:
		return nil
	case <-s.ctx.Done():
		return s.ctx.Err()
	}
}

func (s *watchStream) recv() (proto.Message, error) {
	analysis, ok := <-s.sent
	switch {
	case ok:
		return analysis, nil
	case s.err != nil:
		return nil, s.err
	default:
		return nil, io.EOF
	}
}
