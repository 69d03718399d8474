package chain

import (
	"errors"
	"fmt"
	"io"
	"testing"

	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/stretchr/testify/require"

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
	} {
		require.Equal(t, c.away, isAway(fmt.Errorf("wrapped: %w", c.err)), name)
	}
}
