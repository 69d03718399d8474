package keeper_test

import (
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// slashed returns the slashings of the block.
func (f *fixture) slashed() []types.EventSlashed {
	f.t.Helper()
	var events []types.EventSlashed
	for _, event := range f.ctx.EventManager().Events() {
		if event.Type != "virusmap.supernode.v1.EventSlashed" {
			continue
		}
		parsed, err := sdk.ParseTypedEvent(abci.Event(event))
		require.NoError(f.t, err)
		events = append(events, *parsed.(*types.EventSlashed))
	}
	return events
}

func TestSlash(t *testing.T) {
	tests := map[string]struct {
		bond, delegated, unbonding    int64
		ppm, share                    uint32
		fromBond, fromPool, fromLeave int64
	}{
		"bond alone":                {bond: 10_000, ppm: 50_000, share: 500_000, fromBond: 500},
		"with delegations":          {bond: 10_000, delegated: 30_000, unbonding: 4_000, ppm: 50_000, share: 500_000, fromBond: 500, fromPool: 750, fromLeave: 100},
		"delegators bear all of it": {bond: 10_000, delegated: 30_000, ppm: 50_000, share: 1_000_000, fromBond: 500, fromPool: 1500},
		"delegators bear none":      {bond: 10_000, delegated: 30_000, unbonding: 9, ppm: 50_000, share: 0, fromBond: 500},
		"rounded down":              {bond: 1_999, delegated: 1_999, unbonding: 399, ppm: 10_000, share: 500_000, fromBond: 19, fromPool: 9, fromLeave: 1},
		"too small to take from":    {bond: 1_000, delegated: 99, unbonding: 99, ppm: 900, share: 500_000},
		"a fault that costs nothing": {
			bond: 10_000, delegated: 10_000, ppm: 0, share: 1_000_000,
		},
		"the most": {bond: 1_000, delegated: 1_000, ppm: 250_000, share: 1_000_000, fromBond: 250, fromPool: 250},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.govern(func(p *types.Params) { p.SlashLostAppealPpm, p.DelegatorSharePpm = tc.ppm, tc.share })
			f.register(1, tc.bond)
			if tc.delegated > 0 {
				f.delegate(1, 1, tc.delegated+tc.unbonding)
				if tc.unbonding > 0 {
					require.NoError(t, f.undelegate(1, 1, tc.unbonding))
				}
			}
			supply := f.bank.GetSupply(f.ctx, denom)

			require.NoError(t, f.keeper.Slash(f.ctx, operator(1), types.FAULT_LOST_APPEAL))

			require.Equal(t, tc.bond-tc.fromBond, f.supernode(1).SelfBond.Int64())
			require.Equal(t, tc.bond-tc.fromBond, f.balance(types.BondAddress(operator(1))))
			if tc.delegated > 0 {
				pool := f.pool(1)
				require.Equal(t, tc.delegated-tc.fromPool, pool.Delegated.Int64())
				require.Equal(t, tc.unbonding-tc.fromLeave, pool.Unbonding.Int64())
				require.Equal(t, tc.delegated, pool.Shares.Int64())
				require.Equal(t, pool.Delegated.Add(pool.Unbonding).Int64(), f.balance(types.PoolAddress(operator(1))))
			}
			burned := tc.fromBond + tc.fromPool + tc.fromLeave
			require.Equal(t, supply.Sub(coin(burned)), f.bank.GetSupply(f.ctx, denom))
			require.Equal(t, []types.EventSlashed{{
				Operator: operator(1).String(), Fault: types.FAULT_LOST_APPEAL,
				FromBond: coin(tc.fromBond).String(), FromDelegated: coin(tc.fromPool).String(), FromUnbonding: coin(tc.fromLeave).String(),
			}}, f.slashed())
			require.NoError(t, f.keeper.CandidatesMatch(f.ctx))
			require.NoError(t, f.keeper.BondsBacked(f.ctx))
		})
	}
}

func TestASlashingMovesTheCandidate(t *testing.T) {
	f := newFixture(t)
	f.register(1, 1_100)
	f.register(2, 1_050)
	f.govern(func(p *types.Params) { p.SlashLostAppealPpm = 50_000 })
	require.Equal(t, []byte{1, 2}, f.seats(f.nextEpoch()))

	require.NoError(t, f.keeper.Slash(f.ctx, operator(1), types.FAULT_LOST_APPEAL))

	require.Equal(t, []byte{2, 1}, f.seats(f.nextEpoch()))
}

func TestAnUnbondingBondIsSlashed(t *testing.T) {
	f := newFixture(t)
	f.register(1, 10_000)
	f.retire(1)
	f.govern(func(p *types.Params) { p.SlashLostAppealPpm = 50_000 })

	require.NoError(t, f.keeper.Slash(f.ctx, operator(1), types.FAULT_LOST_APPEAL))

	f.nextBlock(unbond * time.Second)
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.EqualValues(t, 9_500, f.balance(operator(1)))
}

func TestAJailedOneIsSlashedAndStaysOut(t *testing.T) {
	f := dutyFixture(t)
	f.duties(2, "MMMMM")
	require.NoError(t, f.keeper.Slash(f.ctx, operator(2), types.FAULT_LOST_APPEAL))
	require.Equal(t, []byte{1, 3}, f.seats(f.nextEpoch()))
}

func TestWhoHasLeftCannotBeSlashed(t *testing.T) {
	f := newFixture(t)
	supply := f.bank.GetSupply(f.ctx, denom)
	require.NoError(t, f.keeper.Slash(f.ctx, operator(9), types.FAULT_LOST_APPEAL))
	require.Equal(t, supply, f.bank.GetSupply(f.ctx, denom))
	require.ErrorIs(t, f.keeper.Slash(f.ctx, operator(9), types.FAULT_UNSPECIFIED), types.ErrNotFound)
}

func TestUnrevealedBeyondTheTolerance(t *testing.T) {
	f := dutyFixture(t)
	f.govern(func(p *types.Params) { p.UnrevealedTolerance, p.SlashUnrevealedPpm, p.LivenessWindow = 2, 100_000, 64 })
	f.duties(3, "UDUMM")
	require.Empty(t, f.slashed())

	f.duties(3, "UU")
	require.Len(t, f.slashed(), 2, "each one beyond the tolerance")
	require.EqualValues(t, 9_997-999-899, f.supernode(3).SelfBond.Int64())

	f.nextEpoch()
	f.duties(3, "UU")
	require.Empty(t, f.slashed(), "the tolerance is per epoch")
}

func TestStorageFraud(t *testing.T) {
	tests := map[string]struct {
		duties  string
		slashed int
	}{
		"within the tolerance":                 {duties: "Df"},
		"beyond it while attesting":            {duties: "Dff", slashed: 1},
		"once an epoch":                        {duties: "Dfffff", slashed: 1},
		"it attests only after it missed":      {duties: "ffD"},
		"it died after it attested":            {duties: "Daaaa"},
		"it died and came back":                {duties: "DaaDf"},
		"it was away: misses but no fraud":     {duties: "MMfff"},
		"a commit without a reveal is no work": {duties: "Uff"},
		"proofs between do not excuse":         {duties: "Dfpfp", slashed: 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := dutyFixture(t)
			f.govern(func(p *types.Params) { p.SlashStorageFraudPpm, p.LivenessWindow = 20_000, 64 })
			f.duties(2, tc.duties)
			events := f.slashed()
			require.Len(t, events, tc.slashed)
			for _, event := range events {
				require.Equal(t, types.FAULT_STORAGE, event.Fault)
				require.Equal(t, "199uvmt", event.FromBond)
			}
			f.nextEpoch()
			f.duties(2, "D")
			f.dutiesOf(1, 2, "ff") // late, and not counted
			require.Empty(t, f.slashed())
			f.duties(2, "ff")
			require.Len(t, f.slashed(), 1, "the next epoch counts anew")
		})
	}
}

func mustCoin(t testing.TB, text string) sdk.Coin {
	t.Helper()
	parsed, err := sdk.ParseCoinNormalized(text)
	require.NoError(t, err)
	return parsed
}
