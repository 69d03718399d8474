package keeper_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// FuzzDuties runs any sequence of duties, slashings, jail times and changed parameters.
// Whatever happens, the invariants hold, and what leaves the supply is what the events say.
func FuzzDuties(f *testing.F) {
	f.Add([]byte("MMMMMMMMMMMMMMMM"))
	f.Add([]byte{1, 1, 1, 1, 1, 1, 4, 3, 40, 5, 0, 2, 1, 2, 2, 2, 3, 2, 6, 6})
	f.Add([]byte{3, 200, 4, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 21, 22, 23, 24, 25, 26, 27, 28, 29})
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) > 300 {
			steps = steps[:300]
		}
		chain := dutyFixture(t)
		chain.govern(func(p *types.Params) {
			p.UnrevealedTolerance, p.SlashUnrevealedPpm, p.SlashStorageFraudPpm = 1, 100_000, 250_000
		})
		for _, step := range steps {
			supply := chain.bank.GetSupply(chain.ctx, denom)
			told := len(chain.slashed())
			blockBefore := chain.ctx.BlockHeight()
			chain.dutyStep(step%8, 1+step/8%4)
			require.NoError(t, chain.keeper.AllInvariants(chain.ctx))
			if chain.ctx.BlockHeight() != blockBefore {
				told = 0
			}
			for _, event := range chain.slashed()[told:] {
				supply = supply.Sub(mustCoin(t, event.FromBond))
			}
			require.Equal(t, supply.String(), chain.bank.GetSupply(chain.ctx, denom).String())
		}
		exported, err := chain.keeper.ExportGenesis(chain.ctx)
		require.NoError(t, err)
		require.NoError(t, exported.Validate())
	})
}

func (f *fixture) dutyStep(action, number byte) {
	f.t.Helper()
	switch action {
	case 0:
		f.duties(number, "D")
	case 1:
		f.duties(number, "MM")
	case 2:
		f.duties(number, "U")
	case 3:
		f.duties(number, "fp")
	case 4:
		f.nextBlock(10 * time.Second)
	case 5:
		_, _ = deliver(f, f.msgs.Unjail, &types.MsgUnjail{Operator: operator(number).String()})
	case 6:
		f.nextEpoch()
	case 7:
		f.govern(func(p *types.Params) { p.LivenessWindow = 7 + 3*uint32(number) })
	}
}
