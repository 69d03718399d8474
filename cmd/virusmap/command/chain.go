package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

// bountyQuery starts the names of x/bounty's queries.
const bountyQuery = "/virusmap.bounty.v1.Query/"

// ask sends one of x/bounty's queries to the RPC servers of trust.json. A refusal stays a
// *light.Refusal.
func (t *tool) ask(ctx context.Context, config light.Config, query string, request, response proto.Message) error {
	err := light.Query(ctx, config, bountyQuery+query, request, response)
	var refusal *light.Refusal
	switch {
	case err == nil || ctx.Err() != nil || errors.As(err, &refusal):
		return err
	default:
		// Not wrapped: advice about the host would be wrong.
		return fmt.Errorf("no RPC server of %s answers: %s", t.settings.Trust, err)
	}
}
