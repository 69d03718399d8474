package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// Bounds of a gRPC connection.
const (
	// maxGRPCMessage is above a full chunk and any other request.
	maxGRPCMessage   = 128 << 10
	maxGRPCStreams   = 64
	minKeepalive     = 20 * time.Second
	maxConnectionAge = time.Hour
)

// ServeGRPC answers the native API over gRPC until ctx ends, then lets running calls
// finish for a while. It closes the listener.
func (g *Gateway) ServeGRPC(ctx context.Context, listener net.Listener) error {
	server := grpc.NewServer(
		grpc.MaxRecvMsgSize(maxGRPCMessage),
		grpc.MaxConcurrentStreams(maxGRPCStreams),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.ConnectionTimeout(headerTimeout),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minKeepalive}),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: idleTimeout, MaxConnectionAge: maxConnectionAge, MaxConnectionAgeGrace: watchTime,
			Time: idleTimeout, Timeout: headerTimeout,
		}),
		grpc.UnaryInterceptor(g.interceptUnary),
		grpc.StreamInterceptor(g.interceptStream),
	)
	nodev1.RegisterNodeServer(server, native{Gateway: g})
	reflection.Register(server)

	served := make(chan error, 1)
	go func() { served <- server.Serve(netutil.LimitListener(listener, g.cfg.MaxConnections)) }()
	select {
	case err := <-served:
		return fmt.Errorf("gateway: serve gRPC: %w", err)
	case <-ctx.Done():
	}
	cutOff := time.AfterFunc(shutdownTimeout, func() {
		g.log.Warn("gRPC calls were cut off")
		server.Stop()
	})
	defer cutOff.Stop()
	server.GracefulStop()
	<-served
	return nil
}

func (g *Gateway) interceptUnary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (answer any, err error) {
	defer g.observeCall(ctx, info.FullMethod, time.Now(), &err)
	ctx, err = g.admitCall(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	return handler(ctx, request)
}

func (g *Gateway) interceptStream(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	defer g.observeCall(stream.Context(), info.FullMethod, time.Now(), &err)
	ctx, err := g.admitCall(stream.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	return handler(service, admittedStream{stream, ctx})
}

// admittedStream carries who makes the call.
type admittedStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s admittedStream) Context() context.Context { return s.ctx }

// admitCall puts a call to the rules of a request over HTTP. What these say in headers goes
// out as metadata.
func (g *Gateway) admitCall(ctx context.Context, method string) (context.Context, error) {
	r := (&http.Request{Method: http.MethodPost, URL: &url.URL{Path: method}, Header: http.Header{}}).WithContext(ctx)
	if from, ok := peer.FromContext(ctx); ok {
		r.RemoteAddr = from.Addr.String()
	}
	given, _ := metadata.FromIncomingContext(ctx)
	for _, name := range []string{"x-apikey", "x-forwarded-for"} {
		for _, value := range given.Get(name) {
			r.Header.Add(name, value)
		}
	}
	w := headerWriter{}
	c, err := g.admit(w, r, costOfMethod(method))
	told := metadata.MD{}
	for name, values := range w {
		told.Set(name, values...)
	}
	if headerErr := grpc.SetHeader(ctx, told); headerErr != nil {
		g.log.Debug("metadata could not be set", "error", headerErr)
	}
	if err != nil {
		return nil, g.callError(err)
	}
	return context.WithValue(ctx, clientContext{}, c), nil
}

// headerWriter takes the headers of an answer that has no body.
type headerWriter http.Header

func (h headerWriter) Header() http.Header         { return http.Header(h) }
func (h headerWriter) Write(p []byte) (int, error) { return len(p), nil }
func (h headerWriter) WriteHeader(int)             {}

// observeCall counts and times a call, and keeps a panic from ending the process, as
// net/http does.
func (g *Gateway) observeCall(ctx context.Context, method string, start time.Time, err *error) {
	if p := recover(); p != nil {
		g.log.LogAttrs(ctx, slog.LevelError, "a gRPC call panicked",
			slog.String("method", method), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		*err = status.Error(codes.Internal, "the request could not be served")
	}
	g.metrics.requests.WithLabelValues(method, status.Code(*err).String()).Inc()
	g.metrics.duration.WithLabelValues(method).Observe(time.Since(start).Seconds())
}
