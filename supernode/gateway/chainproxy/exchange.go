package chainproxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
)

// exchange sends a request that was made here to the node, and its answer to the client.
func (p *Proxy) exchange(w http.ResponseWriter, r *http.Request, request *http.Request) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	default:
		return refuse(http.StatusServiceUnavailable, "all %d connections to the node are taken; try again later", maxExchanges)
	}
	// The server's deadline for reading a request would end a long answer too.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	ctx, cancel := context.WithTimeout(r.Context(), exchangeTimeout)
	defer cancel()
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "virusmap-supernode")
	answer, err := p.client.Do(request.WithContext(ctx))
	if err != nil {
		if r.Context().Err() == nil {
			p.cfg.Log.Warn("the node did not answer", "url", request.URL.Redacted(), "error", err)
		}
		return refuse(http.StatusBadGateway, "the node did not answer; try again later")
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	switch {
	case answer.StatusCode < 200, answer.StatusCode >= 300 && answer.StatusCode < 400:
		return refuse(http.StatusBadGateway, "the node answered with status %d", answer.StatusCode)
	case answer.ContentLength > MaxAnswerBytes:
		return refuse(http.StatusBadGateway, "the answer of %d bytes is larger than the limit of %d bytes", answer.ContentLength, MaxAnswerBytes)
	case answer.Header.Get("Content-Encoding") != "":
		return refuse(http.StatusBadGateway, "the node answered in an encoding that was not asked for")
	}
	p.pass(w, answer)
	return nil
}

// pass streams an answer. Of the node's headers none is passed on: not cookies, not a type
// that a browser would show, not leave for other sites.
func (p *Proxy) pass(w http.ResponseWriter, answer *http.Response) {
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	if answer.ContentLength >= 0 {
		header.Set("Content-Length", strconv.FormatInt(answer.ContentLength, 10))
	}
	deadline := http.NewResponseController(w)
	_ = deadline.SetWriteDeadline(time.Now().Add(exchangeTimeout)) // a test recorder has none
	w.WriteHeader(answer.StatusCode)
	sent, err := io.Copy(w, io.LimitReader(answer.Body, MaxAnswerBytes))
	if err == nil && sent == MaxAnswerBytes && !atEnd(answer.Body) {
		err = errors.New("larger than the limit")
	}
	if err != nil {
		p.cfg.Log.Debug("an answer of the node was cut off", "sent", sent, "error", err)
		panic(http.ErrAbortHandler) // the client must not take a part for the whole
	}
}

func atEnd(r io.Reader) bool {
	n, err := r.Read(make([]byte, 1))
	return n == 0 && errors.Is(err, io.EOF)
}

// readBody reads a bounded body within bodyTimeout.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout)) // a test recorder has none
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequestBytes))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refuse(http.StatusRequestEntityTooLarge, "body: larger than the limit of %d bytes", MaxRequestBytes)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "body: it ends too early")
	}
	return body, nil
}
