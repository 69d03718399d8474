package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/supernode/chain/light"
)

// bountyQuery and marketQuery start the names of the modules' queries.
const (
	bountyQuery = "/virusmap.bounty.v1.Query/"
	marketQuery = purchase.Query
)

// ask sends a query to the RPC servers of trust.json. A refusal stays a *light.Refusal.
func (t *tool) ask(ctx context.Context, config light.Config, query string, request, response proto.Message) error {
	err := light.Query(ctx, config, query, request, response)
	var refusal *light.Refusal
	switch {
	case err == nil || ctx.Err() != nil || errors.As(err, &refusal):
		return err
	default:
		// Not wrapped: advice about the host would be wrong.
		return fmt.Errorf("no RPC server of %s answers: %s", t.settings.Trust, err)
	}
}
