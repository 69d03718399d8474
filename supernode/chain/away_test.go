package chain

import (
	"errors"
	"fmt"
	"io"
	"testing"

	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

// A node that starts or stops answers for a moment with errors that are not final.
func TestIsAway(t *testing.T) {
	refusal := func(log string) error {
		return &Error{Codespace: sdkerrors.RootCodespace, Code: sdkerrors.ErrInvalidRequest.ABCICode(), Log: log}
	}
	internal := func(data string) error {
		return &rpctypes.RPCError{Code: -32603, Message: "Internal error", Data: data}
	}
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"no connection":           {errors.New("connection refused"), true},
		"cut off":                 {io.EOF, true},
		"no block since start":    {refusal("failed to simulate tx: unordered tx ttl exceeds 10m0s: invalid request"), true},
		"database is closed":      {internal("leveldb: closed"), true},
		"bad transaction":         {refusal("unordered transaction must have timeout_timestamp set: invalid request"), false},
		"height that is not here": {internal("height 9 must be less than or equal to the current blockchain height 8"), false},
		"pruned":                  {ErrPruned, false},
		"no state since start":    {status.Error(codes.Unknown, "invalid height: "+noState), true},
		"not found":               {status.Error(codes.NotFound, "sample is not known"), false},
	} {
		require.Equal(t, c.away, isAway(fmt.Errorf("wrapped: %w", c.err)), name)
	}
}

const noState = "context did not contain latest block height in either check state or finalize block state (26)"

// Who asks by the query clients sees a node that is away, and takes nothing else for one.
func TestIsAwayOfQueries(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"no connection": {status.Error(codes.Unavailable, "connection refused"), true},
		"starting":      {status.Error(codes.Unknown, noState), true},
		"not found":     {status.Error(codes.NotFound, "sample is not known"), false},
		"another":       {errors.New("database is locked"), false},
		"none":          {nil, false},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("wrapped: %w", err)
		}
		require.Equal(t, c.away, IsAway(err), name)
	}
}
