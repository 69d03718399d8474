package purchase

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
)

const (
	// stallTimeout ends a connection on which nothing comes.
	stallTimeout = 30 * time.Second
	// headerTimeout is longer: a gateway first gets what it lacks from others.
	headerTimeout = 5 * time.Minute
	maxFetchTries = 5
	fetchBackoff  = 500 * time.Millisecond
)

// Gateway serves ciphertexts by HTTP at /ipfs/{cid}.
type Gateway struct {
	base *url.URL
	key  string
	http *http.Client
}

// NewGateway takes an address such as https://scan.example.org, and an API key or nothing.
func NewGateway(base *url.URL, key string) *Gateway {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true // sizes are those on the wire
	transport.ResponseHeaderTimeout = headerTimeout
	transport.DialContext = (&net.Dialer{Timeout: stallTimeout}).DialContext
	return &Gateway{base: base, key: key, http: &http.Client{Transport: transport, CheckRedirect: sameHost}}
}

// sameHost keeps the API key, and the buyer, from being sent elsewhere.
func sameHost(request *http.Request, via []*http.Request) error {
	if len(via) >= 5 || request.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

func (g *Gateway) String() string { return g.base.Redacted() }

// Fetch implements Source. It goes on by Range where a connection broke, as long as each
// attempt brings something.
func (g *Gateway) Fetch(ctx context.Context, c cid.Cid, size int64, part *os.File) error {
	for try := 1; ; try++ {
		before, err := part.Seek(0, io.SeekEnd)
		if err != nil {
			return err
		}
		if before > size {
			return errTooMuch
		}
		err = g.attempt(ctx, c, size, before, part)
		if err == nil || ctx.Err() != nil || errors.Is(err, errFinal) || errors.Is(err, errTooMuch) {
			return err
		}
		if after, seekErr := part.Seek(0, io.SeekEnd); seekErr == nil && after > before {
			try = 0
		}
		if try >= maxFetchTries {
			return err
		}
		if err := sleep(ctx, fetchBackoff<<try); err != nil {
			return err
		}
	}
}

// errFinal is of answers that asking again does not change.
var errFinal = errors.New("of no use")

func (g *Gateway) attempt(ctx context.Context, c cid.Cid, size, have int64, part *os.File) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	address := strings.TrimSuffix(g.base.String(), "/") + "/ipfs/" + c.String()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "virusmap")
	if g.key != "" {
		request.Header.Set("X-Apikey", g.key)
	}
	if have > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	response, err := g.http.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if err := begin(response, have, part); err != nil {
		return err
	}
	stalled := time.AfterFunc(stallTimeout, func() { cancel(fmt.Errorf("nothing came for %s", stallTimeout)) })
	defer stalled.Stop()
	body := readerFunc(func(p []byte) (int, error) {
		n, err := response.Body.Read(p)
		stalled.Reset(stallTimeout)
		return n, err
	})
	return receive(ctx, body, size, part)
}

// begin reads the status, and puts part where the answer goes on.
func begin(response *http.Response, have int64, part *os.File) error {
	switch {
	case response.StatusCode == http.StatusPartialContent && have > 0 &&
		strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
		return nil
	case response.StatusCode == http.StatusOK, response.StatusCode == http.StatusPartialContent && have == 0:
		return restart(part)
	case response.StatusCode == http.StatusPartialContent, response.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return errors.Join(fmt.Errorf("sends another range than asked for (%s)", response.Status), restart(part))
	case response.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: it does not have the ciphertext (HTTP 404)", errFinal)
	case response.StatusCode == http.StatusTooManyRequests, response.StatusCode >= 500:
		return fmt.Errorf("answers HTTP %d", response.StatusCode)
	default:
		return fmt.Errorf("%w: it answers HTTP %d", errFinal, response.StatusCode)
	}
}

// receive reads up to size bytes in all, and one more to see that it is the end.
func receive(ctx context.Context, body io.Reader, size int64, part *os.File) error {
	have, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	n, err := io.Copy(part, io.LimitReader(body, size-have+1))
	switch {
	case have+n > size:
		return errTooMuch
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case have+n < size:
		return fmt.Errorf("%w: it has %d bytes, want %d", errFinal, have+n, size)
	}
	return nil
}
