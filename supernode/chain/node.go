package chain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	rpcclient "github.com/cometbft/cometbft/rpc/jsonrpc/client"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// callTimeout ends a call to a node that accepts connections but does not answer.
	callTimeout = 20 * time.Second
	// pollInterval is how often the node is asked for its height. Asking costs the node
	// little, and unlike a subscription it cannot be lost without notice.
	pollInterval = 100 * time.Millisecond

	minBackoff = 100 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// dialRPC makes a client of the node's CometBFT RPC that reads bounded answers.
func dialRPC(url string) (*rpchttp.HTTP, error) {
	client, err := rpcclient.DefaultHTTPClient(url)
	if err != nil {
		return nil, err
	}
	client.Transport = boundedTransport{client.Transport}
	return rpchttp.NewWithClient(url, "/websocket", client)
}

type boundedTransport struct{ http.RoundTripper }

func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxResponseBytes)
	return response, nil
}

// persist calls fn until it succeeds, the node answers with an error of its own, or ctx
// ends. A node that is away, restarting or stuck is waited for.
func (c *Client) persist(ctx context.Context, what string, fn func(ctx context.Context) error) error {
	for backoff := minBackoff; ; backoff = min(2*backoff, maxBackoff) {
		call, cancel := context.WithTimeout(ctx, callTimeout)
		err := fn(call)
		cancel()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("chain: %s: %w", what, context.Cause(ctx))
		case !isAway(err):
			return fmt.Errorf("chain: %s: %w", what, err)
		}
		if backoff > minBackoff {
			c.log.Warn("chain: node is away", "call", what, "error", err, "retry_in", backoff)
		}
		if err := sleep(ctx, backoff); err != nil {
			return fmt.Errorf("chain: %s: %w", what, err)
		}
	}
}

// isAway tells a node that did not answer from one that answered with an error.
func isAway(err error) bool {
	var answer *rpctypes.RPCError
	var refusal *Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &refusal):
		return refusal.beforeFirstBlock()
	case errors.As(err, &answer):
		// A node that is being stopped serves open connections after its database.
		return strings.HasSuffix(answer.Data, "leveldb: closed") || strings.HasSuffix(answer.Data, "pebble: closed")
	case errors.As(err, &tooLarge),
		errors.Is(err, ErrWrongChain), errors.Is(err, ErrPruned), errors.Is(err, ErrNoAccount):
		return false
	case errors.Is(err, io.EOF), errors.Is(err, context.DeadlineExceeded):
		return true
	}
	if answered, ok := status.FromError(err); ok {
		switch answered.Code() {
		case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Aborted:
			return true
		default:
			return isStarting(answered.Message())
		}
	}
	return true
}

// isStarting tells the answer of a node that has finished no block since it was started,
// to queries of the newest state. The SDK gives it no code of its own over gRPC.
func isStarting(message string) bool {
	return strings.Contains(message, "context did not contain latest block height") ||
		strings.Contains(message, "is not ready; please wait for first block")
}

// IsAway tells whether a query over gRPC failed because the node did not answer, or is
// only just starting. Errors that are of no query are none of the node's.
func IsAway(err error) bool {
	_, answered := status.FromError(err)
	return err != nil && answered && isAway(err)
}

// appliedHeight is the newest height whose state queries see. The node has the block
// itself, and even its results, a moment earlier.
func (c *Client) appliedHeight(ctx context.Context) (height int64, err error) {
	err = c.persist(ctx, "height", func(ctx context.Context) error {
		info, err := c.rpc.ABCIInfo(ctx)
		if err != nil {
			return err
		}
		height = info.Response.LastBlockHeight
		return nil
	})
	return height, err
}

// awaitHeight returns when queries see the state of height or a later one.
func (c *Client) awaitHeight(ctx context.Context, height int64) (applied int64, err error) {
	for {
		if applied, err = c.appliedHeight(ctx); err != nil || applied >= height {
			return applied, err
		}
		if err := sleep(ctx, pollInterval); err != nil {
			return 0, err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
