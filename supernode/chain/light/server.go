package light

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	jsonrpc "github.com/cometbft/cometbft/rpc/jsonrpc/client"
)

const (
	// maxAnswerBytes bounds one RPC answer: the attestations of a full round in base64.
	maxAnswerBytes = 256 << 20
	rpcTimeout     = 30 * time.Second
	statusTimeout  = 5 * time.Second
)

// server is one CometBFT RPC endpoint; nothing it says is believed without a proof.
type server struct {
	address string
	*rpchttp.HTTP
}

func dial(address string) (*server, error) {
	client, err := jsonrpc.DefaultHTTPClient(address)
	if err != nil {
		return nil, fmt.Errorf("rpc %q: %w", address, err)
	}
	client.Timeout = rpcTimeout
	client.Transport = boundedTransport{client.Transport}
	remote, err := rpchttp.NewWithClient(address, "/websocket", client)
	if err != nil {
		return nil, fmt.Errorf("rpc %q: %w", address, err)
	}
	return &server{address, remote}, nil
}

// tip is the newest height the server knows.
func (s *server) tip(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	status, err := s.Status(ctx)
	if err != nil {
		return 0, err
	}
	return status.SyncInfo.LatestBlockHeight, nil
}

// boundedTransport cuts answers that are larger than any honest one.
type boundedTransport struct{ http.RoundTripper }

func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxAnswerBytes)
	}
	return response, err
}

// refuted marks an answer that contradicts what is proved, in contrast to a server
// that did not answer.
type refuted struct{ error }

func (r refuted) Unwrap() error { return r.error }

func refute(format string, args ...any) error { return refuted{fmt.Errorf(format, args...)} }

// ask sends an ABCI query to one server after the other until accept takes an
// answer. The error is a refuted one when any answer was a false one.
func ask(ctx context.Context, servers []*server, path string, data []byte, height int64, prove bool,
	accept func(abci.ResponseQuery) error,
) error {
	var failures []error
	for _, server := range servers {
		options := rpcclient.ABCIQueryOptions{Height: height, Prove: prove}
		answer, err := server.ABCIQueryWithOptions(ctx, path, bytes.HexBytes(data), options)
		if err == nil && !answer.Response.IsOK() {
			refusal := &Refusal{answer.Response.Codespace, answer.Response.Code, answer.Response.Log}
			err = fmt.Errorf("query %s: %w", path, refusal)
		}
		if err == nil {
			err = accept(answer.Response)
		}
		if err == nil {
			return nil
		}
		failures = append(failures, fmt.Errorf("%s: %w", server.address, err))
	}
	err := errors.Join(failures...)
	if errors.As(err, new(refuted)) {
		return refuted{err}
	}
	return err
}
