package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

func planAccount(first byte) sdk.AccAddress { return sdk.AccAddress{0: first, 19: 0} }

// plansGenesis has a plan, a feed pass, a pool with a claim, a claim of a closed pool, and
// a revocation.
func plansGenesis(t *testing.T) types.GenesisState {
	t.Helper()
	gs := types.DefaultGenesis()
	for _, id := range []string{"plan/duet+feeds", "feed/urls"} {
		product, err := gs.Params.Subscribable(id)
		require.NoError(t, err)
		subscription := types.NewSubscription(planAccount(1), 1_900_000_000)
		subscription.Renew(product, math.NewInt(100), gs.Params.Rates, 3)
		gs.Subscriptions = append(gs.Subscriptions, subscription)
	}
	gs.Pools = []types.Pool{{Epoch: 4, Amount: math.NewInt(10)}}
	gs.RoyaltyClaims = []types.RoyaltyClaim{
		{Epoch: 3, Contributor: planAccount(1).String(), Amount: math.NewInt(99)},
		{Epoch: 4, Contributor: planAccount(1).String(), Amount: math.NewInt(7)},
	}
	gs.Revocations = []types.Revocation{{Buyer: planAccount(2).String(), Time: 1_900_000_000}}
	return *gs
}

func TestPlansGenesisNamesWhatIsBad(t *testing.T) {
	require.NoError(t, plansGenesis(t).Validate())
	plan := func(change func(*types.Subscription)) func(*types.GenesisState) {
		return func(gs *types.GenesisState) { change(&gs.Subscriptions[1]) }
	}
	for name, test := range map[string]struct {
		change func(*types.GenesisState)
		want   error
		names  string
	}{
		"buyer":             {plan(func(s *types.Subscription) { s.Buyer = "nobody" }), types.ErrInvalidAddress, "subscriptions[1]"},
		"buyer in capitals": {plan(func(s *types.Subscription) { s.Buyer = strings.ToUpper(s.Buyer) }), types.ErrInvalidAddress, "subscriptions[1]"},
		"kind":              {plan(func(s *types.Subscription) { s.Kind = types.PRODUCT_KIND_INTEL }), types.ErrInvalidGenesis, "subscriptions[1]: kind"},
		"no price":          {plan(func(s *types.Subscription) { s.Price = math.Int{} }), types.ErrInvalidGenesis, "subscriptions[1]: price"},
		"free":              {plan(func(s *types.Subscription) { s.Price = math.ZeroInt() }), types.ErrInvalidGenesis, "subscriptions[1]: price"},
		"dear":              {plan(func(s *types.Subscription) { s.Price = math.NewInt(1 << 60) }), types.ErrInvalidGenesis, "subscriptions[1]: price"},
		"periods":           {plan(func(s *types.Subscription) { s.PeriodsLeft = 1001 }), types.ErrInvalidGenesis, "subscriptions[1]: periods_left"},
		"due":               {plan(func(s *types.Subscription) { s.DueTime = 0 }), types.ErrInvalidGenesis, "subscriptions[1]: due_time"},
		"rates":             {plan(func(s *types.Subscription) { s.Rates.StoragePpm = 1_000_000 }), types.ErrInvalidGenesis, "subscriptions[1]: rates"},
		"product":           {plan(func(s *types.Subscription) { s.Product = "?" }), types.ErrInvalidGenesis, "subscriptions[1]: product"},
		"period":            {plan(func(s *types.Subscription) { s.PeriodSeconds = 1 }), types.ErrInvalidGenesis, "period_seconds"},
		"feed":              {plan(func(s *types.Subscription) { s.Feed = "gossip" }), types.ErrInvalidGenesis, "gossip"},
		"quotas":            {plan(func(s *types.Subscription) { s.Quotas.LookupsPerDay = 1 }), types.ErrInvalidGenesis, "quotas"},
		"twice":             {func(gs *types.GenesisState) { gs.Subscriptions[1] = gs.Subscriptions[0] }, types.ErrInvalidGenesis, "subscriptions[1]"},
		"pool twice":        {func(gs *types.GenesisState) { gs.Pools = append(gs.Pools, gs.Pools[0]) }, types.ErrInvalidGenesis, "pools[1]"},
		"empty pool":        {func(gs *types.GenesisState) { gs.Pools[0].Amount = math.ZeroInt() }, types.ErrInvalidGenesis, "pools[0]"},
		"no amount":         {func(gs *types.GenesisState) { gs.Pools[0].Amount = math.Int{} }, types.ErrInvalidGenesis, "pools[0]"},
		"boundless pool":    {func(gs *types.GenesisState) { gs.Pools[0].Amount = math.NewIntFromUint64(1 << 63).MulRaw(2) }, types.ErrInvalidGenesis, "pools[0]"},
		"claimant":          {func(gs *types.GenesisState) { gs.RoyaltyClaims[1].Contributor = "" }, types.ErrInvalidAddress, "royalty_claims[1]"},
		"empty claim":       {func(gs *types.GenesisState) { gs.RoyaltyClaims[0].Amount = math.ZeroInt() }, types.ErrInvalidGenesis, "royalty_claims[0]"},
		"claim twice":       {func(gs *types.GenesisState) { gs.RoyaltyClaims[1].Epoch = 3 }, types.ErrInvalidGenesis, "royalty_claims[1]"},
		"too much claimed": {func(gs *types.GenesisState) {
			gs.RoyaltyClaims[0] = types.RoyaltyClaim{Epoch: 4, Contributor: planAccount(2).String(), Amount: math.NewInt(4)}
		}, types.ErrInvalidGenesis, "royalty_claims[1]"},
		"revoker":       {func(gs *types.GenesisState) { gs.Revocations[0].Buyer = "" }, types.ErrInvalidAddress, "revocations[0]"},
		"revoked never": {func(gs *types.GenesisState) { gs.Revocations[0].Time = 0 }, types.ErrInvalidGenesis, "revocations[0]"},
		"revoked twice": {func(gs *types.GenesisState) { gs.Revocations = append(gs.Revocations, gs.Revocations[0]) }, types.ErrInvalidGenesis, "revocations[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := plansGenesis(t)
			test.change(&gs)
			err := gs.Validate()
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.names)
		})
	}
}
