package gateway

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error of VirusTotal's API
// (https://docs.virustotal.com/reference/errors). vt-py goes by the status, vt-go by
// the code in the body, so both always agree.
type apiError struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	status     int
	retryAfter int // seconds; 0 for none
}

func (e *apiError) Error() string { return e.Code + ": " + e.Message }

func badRequest(format string, args ...any) *apiError {
	return &apiError{Code: "BadRequestError", Message: fmt.Sprintf(format, args...), status: http.StatusBadRequest}
}

func invalidArgument(format string, args ...any) *apiError {
	return &apiError{Code: "InvalidArgumentError", Message: fmt.Sprintf(format, args...), status: http.StatusBadRequest}
}

func tooLarge(limit int64) *apiError {
	return &apiError{
		Code:    "BadRequestError",
		Message: fmt.Sprintf("file: larger than the limit of %d bytes", limit),
		status:  http.StatusRequestEntityTooLarge,
	}
}

func bodyTooLarge(limit int64) *apiError {
	return &apiError{
		Code: "BadRequestError", Message: fmt.Sprintf("body: larger than %d bytes", limit), status: http.StatusRequestEntityTooLarge,
	}
}

// unselective is for a search that would have to look at too much.
func unselective(message string) *apiError {
	return &apiError{Code: "UnselectiveContentQueryError", Message: message, status: http.StatusBadRequest}
}

// isUnknown tells whether an error is one of notFound.
func isUnknown(err error) bool {
	var shown *apiError
	return errors.As(err, &shown) && shown.status == http.StatusNotFound
}

// isInvalid tells whether an error says that a client wrote something wrong.
func isInvalid(err error) bool {
	var shown *apiError
	return errors.As(err, &shown) && shown.status == http.StatusBadRequest
}

func notFound(format string, args ...any) *apiError {
	return &apiError{Code: "NotFoundError", Message: fmt.Sprintf(format, args...), status: http.StatusNotFound}
}

func tooManyRequests(retryAfter int) *apiError {
	return &apiError{
		Code:       "TooManyRequestsError",
		Message:    "this API key has sent too many requests; the Retry-After header tells when to go on",
		status:     http.StatusTooManyRequests,
		retryAfter: retryAfter,
	}
}

func alreadyExists(format string, args ...any) *apiError {
	return &apiError{Code: "AlreadyExistsError", Message: fmt.Sprintf(format, args...), status: http.StatusConflict}
}

func forbidden(format string, args ...any) *apiError {
	return &apiError{Code: "ForbiddenError", Message: fmt.Sprintf(format, args...), status: http.StatusForbidden}
}

func failedDependency(format string, args ...any) *apiError {
	return &apiError{Code: "FailedDependencyError", Message: fmt.Sprintf(format, args...), status: http.StatusFailedDependency}
}

// notAvailableYet has the status that VirusTotal's clients of feeds wait on.
func notAvailableYet(format string, args ...any) *apiError {
	return &apiError{Code: "NotAvailableYet", Message: fmt.Sprintf(format, args...), status: http.StatusBadRequest, retryAfter: 20}
}

func quotaExceeded(retryAfter int, format string, args ...any) *apiError {
	return &apiError{
		Code: "QuotaExceededError", Message: fmt.Sprintf(format, args...), status: http.StatusTooManyRequests, retryAfter: retryAfter,
	}
}

func transient(format string, args ...any) *apiError {
	return &apiError{
		Code:       "TransientError",
		Message:    fmt.Sprintf(format, args...),
		status:     http.StatusServiceUnavailable,
		retryAfter: 5,
	}
}

var (
	errQueueFull = transient("the queue of submissions is full; try again later")

	// errOtherKind is of a file whose whole content is a canonical URL, or the reverse: a hash
	// has one sample.
	errOtherKind = alreadyExists("the same bytes were submitted as another kind of sample")

	errTakenDown = &apiError{
		Code: "UnavailableForLegalReasonsError", Message: "the sample was taken down", status: http.StatusUnavailableForLegalReasons,
	}

	errNoKey    = &apiError{Code: "AuthenticationRequiredError", Message: "X-Apikey header is missing", status: http.StatusUnauthorized}
	errWrongKey = &apiError{Code: "WrongCredentialsError", Message: "Wrong API key", status: http.StatusUnauthorized}
)
