// Package api speaks the VirusTotal v3 API of a VirusMap gateway.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

const (
	// maxAnswerBytes bounds an answer; a report of all engines is far below.
	maxAnswerBytes = light.MaxReportBytes
	// answerTimeout is how long the server may think after a request was sent.
	answerTimeout = 2 * time.Minute
	maxAttempts   = 6
	maxRetryAfter = time.Minute
)

// Client of one gateway. It is safe for concurrent use.
type Client struct {
	base *url.URL
	key  string
	http *http.Client
}

// New takes a host as ParseHost does.
func New(host, key string) (*Client, error) {
	base, err := ParseHost(host)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = answerTimeout
	transport.MaxIdleConnsPerHost = 16
	return &Client{base: base, key: key, http: &http.Client{Transport: transport, CheckRedirect: sameHost}}, nil
}

// ParseHost takes a host such as https://scan.example.org or 127.0.0.1:8080; http is
// assumed for loopback hosts without a scheme, https for others.
func ParseHost(host string) (*url.URL, error) {
	if !strings.Contains(host, "://") {
		scheme := "https://"
		if isLoopback(host) {
			scheme = "http://"
		}
		host = scheme + host
	}
	base, err := url.Parse(host)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("host %.100q is not an address such as https://scan.example.org or 127.0.0.1:8080", host)
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, fmt.Errorf("host %.100q may hold a scheme, a name, a port and a path only", base.Redacted())
	}
	return base, nil
}

func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// sameHost keeps the API key from going to another server.
func sameHost(request *http.Request, via []*http.Request) error {
	if len(via) >= 5 || request.URL.Host != via[0].URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// Error is an answer of the API that is not a success.
type Error struct {
	Status  int
	Code    string
	Message string
	// RetryAfter is what the server asks for; 0 when it does not.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%s, HTTP %d)", e.Message, e.Code, e.Status) }

// IsNotFound tells whether the server does not know what was asked for.
func IsNotFound(err error) bool {
	var answer *Error
	return errors.As(err, &answer) && answer.Status == http.StatusNotFound
}

func retryable(err error) (time.Duration, bool) {
	var answer *Error
	if !errors.As(err, &answer) {
		return 0, false
	}
	switch answer.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return answer.RetryAfter, answer.Code != "QuotaExceededError"
	}
	return 0, false
}

// retry calls send until it succeeds, fails for good, or failed maxAttempts times.
func retry(ctx context.Context, send func() error) error {
	for attempt := 0; ; attempt++ {
		err := send()
		wait, again := retryable(err)
		if !again || attempt == maxAttempts-1 {
			return err
		}
		wait = max(min(wait, maxRetryAfter), time.Second<<attempt/2)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (c *Client) url(elements ...string) string {
	escaped := make([]string, len(elements))
	for i, element := range elements {
		escaped[i] = url.PathEscape(element)
	}
	return strings.TrimSuffix(c.base.String(), "/") + "/api/v3/" + strings.Join(escaped, "/")
}

// get returns the answer's whole body.
func (c *Client) get(ctx context.Context, elements ...string) ([]byte, error) {
	var body []byte
	err := retry(ctx, func() error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url(elements...), nil)
		if err != nil {
			return err
		}
		body, err = c.do(request)
		return err
	})
	return body, err
}

func (c *Client) do(request *http.Request) ([]byte, error) {
	body, err := c.open(request)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return readAnswer(request, body)
}

// open returns the body of a success, which may be of any size.
func (c *Client) open(request *http.Request) (io.ReadCloser, error) {
	request.Header.Set("User-Agent", "virusmap")
	if c.key != "" {
		request.Header.Set("X-Apikey", c.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode == http.StatusOK {
		return response.Body, nil
	}
	defer response.Body.Close()
	body, err := readAnswer(request, response.Body)
	if err != nil {
		return nil, err
	}
	return nil, readError(response, body)
}

func readAnswer(request *http.Request, body io.Reader) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(body, maxAnswerBytes+1))
	if err != nil {
		return nil, err
	}
	if len(answer) > maxAnswerBytes {
		return nil, fmt.Errorf("the answer of %s is larger than %d bytes", request.URL.Host, maxAnswerBytes)
	}
	return answer, nil
}

func readError(response *http.Response, body []byte) error {
	var envelope struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	answer := &Error{Status: response.StatusCode}
	if err := json.Unmarshal(body, &envelope); err == nil {
		answer.Code, answer.Message = envelope.Error.Code, envelope.Error.Message
	}
	if answer.Code == "" {
		answer.Code, answer.Message = "UnknownError", "the server did not answer as the VirusTotal API does; is the host right?"
	}
	if seconds, err := strconv.Atoi(response.Header.Get("Retry-After")); err == nil && seconds > 0 {
		answer.RetryAfter = time.Duration(min(seconds, 3600)) * time.Second
	}
	return answer
}
