package gateway

import (
	"errors"
	"net/http"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// errorDomain of the codes in google.rpc.ErrorInfo.
const errorDomain = "virusmap"

// grpcCodes are the counterparts of HTTP statuses
// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
var grpcCodes = map[int]codes.Code{
	http.StatusBadRequest:                 codes.InvalidArgument,
	http.StatusUnauthorized:               codes.Unauthenticated,
	http.StatusForbidden:                  codes.PermissionDenied,
	http.StatusNotFound:                   codes.NotFound,
	http.StatusConflict:                   codes.AlreadyExists,
	http.StatusRequestEntityTooLarge:      codes.InvalidArgument,
	http.StatusFailedDependency:           codes.FailedPrecondition,
	http.StatusTooManyRequests:            codes.ResourceExhausted,
	http.StatusUnavailableForLegalReasons: codes.PermissionDenied,
	http.StatusNotImplemented:             codes.Unimplemented,
	http.StatusServiceUnavailable:         codes.Unavailable,
}

// GRPCStatus is the error for gRPC. The code of the API is the reason of its ErrorInfo.
func (e *apiError) GRPCStatus() *status.Status {
	code, known := grpcCodes[e.status]
	if !known {
		code = codes.Internal
	}
	plain := status.New(code, e.Message)
	detailed, err := plain.WithDetails(&errdetails.ErrorInfo{Reason: e.Code, Domain: errorDomain})
	if err != nil {
		return plain
	}
	return detailed
}

// shownError gives an error of grpc-gateway itself, such as of JSON that it cannot read, the
// form of all others. What is not meant for clients stays as it is.
func shownError(err error) error {
	var shown *apiError
	if errors.As(err, &shown) {
		return err
	}
	switch found, ok := status.FromError(err); {
	case !ok:
		return err
	case found.Code() == codes.InvalidArgument:
		return badRequest("%.300s", found.Message())
	case found.Code() == codes.NotFound:
		return notFound("%.300s", found.Message())
	}
	return err
}
