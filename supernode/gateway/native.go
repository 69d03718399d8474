package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// maxNativeBody bounds the JSON body of a request to the native API.
const maxNativeBody = 64 << 10

// native is the supernode's own API (proto/virusmap/node/v1). The same service answers
// gRPC and REST.
type native struct {
	nodev1.UnimplementedNodeServer
	*Gateway
}

// nativeRoutes mounts the REST of the native API under the paths that its proto gives.
func (g *Gateway) nativeRoutes(mux *routeTable) {
	service := native{Gateway: g}
	rest := runtime.NewServeMux(
		// Names as in the proto; what is not known is absent, and a zero is a zero.
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true},
		}),
		runtime.WithDisablePathLengthFallback(), // a form is not a GET in disguise
		runtime.WithErrorHandler(g.failNative),
		runtime.WithRoutingErrorHandler(func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, _ int) {
			unknownResource(w, r)
		}),
	)
	err := errors.Join(
		nodev1.RegisterNodeHandlerServer(context.Background(), rest, service),
		rest.HandlePath(http.MethodGet, pathOf(nodev1.Node_WatchAnalysis_FullMethodName), service.serveWatch(rest)),
	)
	if err != nil {
		panic(err) // the paths of the proto are patterns
	}
	for method, rule := range nativeRules() {
		handler := bounded(rest)
		if method == nodev1.Node_Info_FullMethodName {
			mux.Handle("OPTIONS "+rule, shared("GET, OPTIONS", handler))
			mux.Handle("GET "+rule, shared("GET, OPTIONS", handler))
			continue
		}
		verb := "GET "
		if costOfMethod(method) == costUpload {
			verb = "POST "
		}
		mux.Handle(verb+rule, g.admitted(method, handler))
	}
}

// nativeRules are the REST paths by full method name; a method without one is gRPC's alone.
func nativeRules() map[string]string {
	rules := make(map[string]string)
	service := nodev1.File_virusmap_node_v1_node_proto.Services().ByName("Node")
	for i := range service.Methods().Len() {
		method := service.Methods().Get(i)
		rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
		if path := rule.GetGet() + rule.GetPost(); path != "" {
			rules[fullName(service, method)] = path
		}
	}
	return rules
}

func fullName(service protoreflect.ServiceDescriptor, method protoreflect.MethodDescriptor) string {
	return "/" + string(service.FullName()) + "/" + string(method.Name())
}

func pathOf(method string) string { return nativeRules()[method] }

// bounded limits the body, which grpc-gateway reads as a whole.
func bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxNativeBody)
		// Headers by which gRPC metadata could be forged are for gRPC alone.
		for name := range r.Header {
			if strings.HasPrefix(name, "Grpc-") {
				r.Header.Del(name)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// failNative answers REST as the rest of the gateway does.
func (g *Gateway) failNative(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	g.failWith(w, r, shownError(err))
}
