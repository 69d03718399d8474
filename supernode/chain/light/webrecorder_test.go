package light

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"
)

// answers of a server by request; both are JSON.
type answers map[string]json.RawMessage

// recorder answers RPC requests from handlers in memory and keeps what it answered.
type recorder struct {
	t *testing.T
	// handlers by address; those that are missing do not answer.
	handlers map[string]http.Handler
	// rewrite may change the answers of a handler.
	rewrite func(address, method string, answer []byte) []byte

	mu       sync.Mutex
	answered map[string]answers
}

// rpcRequest has its fields in the order in which they are kept.
type rpcRequest struct {
	ID     int64          `json:"id,omitempty"`
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	address := request.URL.Scheme + "://" + request.URL.Host
	if r.handlers[address] == nil {
		return nil, errors.New("connection refused")
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	raw, err := r.ask(address, body)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(raw)),
	}, nil
}

// ask lets a server answer.
func (r *recorder) ask(address string, body []byte) ([]byte, error) {
	var asked rpcRequest
	if err := json.Unmarshal(body, &asked); err != nil {
		return nil, err
	}
	response := httptest.NewRecorder()
	r.handlers[address].ServeHTTP(response, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body)))
	raw := response.Body.Bytes()
	if r.rewrite != nil {
		raw = r.rewrite(address, asked.Method, raw)
	}
	return raw, r.keep(address, asked, raw)
}

// askAll asks every server what any was asked, so that it does not matter in which
// order they were, and more.
func (r *recorder) askAll(more []webExchange) {
	r.t.Helper()
	requests := map[string]bool{}
	for _, exchange := range more {
		requests[exchange.Request] = true
	}
	for _, answered := range r.answered {
		for request := range answered {
			requests[request] = true
		}
	}
	for request := range requests {
		for address := range r.handlers {
			_, err := r.ask(address, []byte(`{"jsonrpc":"2.0","id":1,`+request[1:]))
			require.NoError(r.t, err)
		}
	}
}

func (r *recorder) keep(address string, asked rpcRequest, raw []byte) error {
	if asked.Method == "broadcast_evidence" {
		return nil // to whom it goes hangs on who answers first
	}
	asked.ID = 0
	key, err := json.Marshal(asked)
	if err != nil {
		return err
	}
	answer := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	delete(answer, "id")
	delete(answer, "jsonrpc")
	kept, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.answered == nil {
		r.answered = map[string]answers{}
	}
	if r.answered[address] == nil {
		r.answered[address] = answers{}
	}
	if before, ok := r.answered[address][string(key)]; ok && !bytes.Equal(before, kept) {
		return errors.New("one request, two answers")
	}
	r.answered[address][string(key)] = kept
	return nil
}

// verifier asks the handlers.
func (r *recorder) verifier(config Config) *Verifier {
	r.t.Helper()
	verifier, err := New(config)
	require.NoError(r.t, err)
	for i, address := range config.RPC {
		client := &http.Client{Transport: boundedTransport{r}, Timeout: rpcTimeout}
		remote, err := rpchttp.NewWithClient(address, "/websocket", client)
		require.NoError(r.t, err)
		verifier.servers[i] = &server{address, remote}
	}
	return verifier
}
