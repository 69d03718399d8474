package economy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/virusmap/virusmap/sim/arena"
	bountykeeper "github.com/virusmap/virusmap/x/bounty/keeper"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// TestGovernanceCapture is E-35: whoever has captured governance cannot move parameters
// out of the bounds in code, and there is no message for the emission or the supply.
func TestGovernanceCapture(t *testing.T) {
	w := newWorld(t, 11, []*arena.Player{careful("honest", 1, 0.9)}, nil, nil)
	authority := authtypes.NewModuleAddress(govtypes.ModuleName).String()
	server := bountykeeper.NewMsgServer(w.App.BountyKeeper)
	refused := 0
	for name, change := range map[string]func(*bountytypes.Params){
		"contributors get little":    func(p *bountytypes.Params) { p.ContributorsPpm = 100_000 },
		"copies are worth as much":   func(p *bountytypes.Params) { p.NoveltyPpm = 900_000 },
		"more than everything":       func(p *bountytypes.Params) { p.EnginesPpm = 900_000 },
		"samples worth ten times":    func(p *bountytypes.Params) { p.FilePpm = 10_000_000 },
		"clean files as farms":       func(p *bountytypes.Params) { p.CleanPpm = 1_000_000 },
		"no time to claim":           func(p *bountytypes.Params) { p.ClaimWindowSeconds = 1 },
		"one sample takes the epoch": func(p *bountytypes.Params) { p.ContributorTargetSamples = 0 },
		"a flood of bounties":        func(p *bountytypes.Params) { p.MaxWanted = 1 << 30 },
		"another coin":               func(p *bountytypes.Params) { p.MinBounty.Denom = "other" },
		"a negative fee":             func(p *bountytypes.Params) { p.BountyFee.Amount = math.NewInt(-1) },
	} {
		params := bountytypes.DefaultParams()
		change(&params)
		_, err := server.UpdateParams(w.Context(), &bountytypes.MsgUpdateParams{Authority: authority, Params: params})
		require.ErrorIs(t, err, bountytypes.ErrInvalidParams, name)
		refused++
	}
	_, err := server.UpdateParams(w.Context(), &bountytypes.MsgUpdateParams{
		Authority: w.Accounts[0].Address.String(), Params: bountytypes.DefaultParams(),
	})
	require.Error(t, err, "only governance may")
	arena.Show("capture_proposals_refused", refused)
}
