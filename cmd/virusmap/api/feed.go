package api

import (
	"context"
	"errors"
	"io"
	"net/http"
)

// Feed asks for the package of a minute of a feed, such as files and 202603011000 (V-70). The
// caller closes it; it is bzip2 and of any size.
func (c *Client) Feed(ctx context.Context, kind, minute string) (io.ReadCloser, error) {
	var body io.ReadCloser
	err := retry(ctx, func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url("feeds", kind, minute), nil)
		if err != nil {
			return err
		}
		body, err = c.open(request)
		return err
	})
	return body, err
}

// IsNotAvailableYet tells whether the server will have what was asked for later (V-73).
func IsNotAvailableYet(err error) bool {
	var answer *Error
	return errors.As(err, &answer) && answer.Code == "NotAvailableYet"
}
