package rewards

import (
	"fmt"
	"strings"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
)

// changes are the proposals that would change a parameter on which rewards depend.
type changes map[string]bool

// apply refuses a block in which such a parameter is changed: the new value is in no
// event, and a guess would be no audit.
func (c changes) apply(event abci.Event) error {
	proposal := blocks.Attribute(event, "proposal_id")
	switch event.Type {
	case "submit_proposal":
		for _, message := range strings.Split(blocks.Attribute(event, "proposal_messages"), ",") {
			if changesParams(message) {
				c[proposal] = true
			}
		}
	case "active_proposal":
		if c[proposal] && blocks.Attribute(event, "proposal_result") == "proposal_passed" {
			return fmt.Errorf("proposal %s changes parameters that rewards depend on: the recount holds up to the block before", proposal)
		}
	case "message":
		if action := blocks.Attribute(event, "action"); changesParams(action) {
			return fmt.Errorf("%s changes parameters that rewards depend on: the recount holds up to the block before", action)
		}
	}
	return nil
}

func changesParams(message string) bool {
	switch message {
	case "/virusmap.bounty.v1.MsgUpdateParams", "/virusmap.samples.v1.MsgUpdateParams", "/virusmap.verdicts.v1.MsgUpdateParams":
		return true
	default:
		return false
	}
}
