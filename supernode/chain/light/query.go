package light

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"
)

// Refusal is a server's answer that a query has no result; errors.Is finds the
// registered error it stands for.
type Refusal struct {
	Codespace string
	Code      uint32
	Log       string
}

func (r *Refusal) Error() string { return r.Log }

// Is tells whether target is the registered error with the same codespace and code.
func (r *Refusal) Is(target error) bool {
	registered, ok := target.(*errorsmod.Error)
	return ok && registered.Codespace() == r.Codespace && registered.ABCICode() == r.Code
}

// Query asks a gRPC method, such as /virusmap.bounty.v1.Query/Rewards, of the newest state.
// The first server that answers is believed: unlike Verify, this proves nothing. The error
// holds a *Refusal when a server refused the query.
func Query(ctx context.Context, config Config, method string, request, response proto.Message) error {
	data, err := proto.Marshal(request)
	if err != nil {
		return err
	}
	servers := make([]*server, len(config.RPC))
	for i, address := range config.RPC {
		if servers[i], err = dial(address); err != nil {
			return err
		}
	}
	return ask(ctx, servers, method, data, 0, false, func(answer abci.ResponseQuery) error {
		response.Reset()
		if err := proto.Unmarshal(answer.Value, response); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		return nil
	})
}
