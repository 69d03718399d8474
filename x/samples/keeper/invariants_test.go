package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// Each way to break the state is found, and named.
func TestInvariantsFindDamage(t *testing.T) {
	f := newFixture(t)
	f.populate()
	require.NoError(t, f.keeper.AllInvariants(f.ctx))
	hash := submission("through a gateway").Sha256
	sample := f.sample(hash)
	other := submission("other").Sha256
	stored := func(ctx sdk.Context, change func(s *types.Sample)) error {
		damaged := sample
		change(&damaged)
		return f.keeper.Samples.Set(ctx, hash, damaged)
	}
	for name, test := range map[string]struct {
		damage func(ctx sdk.Context) error
		says   string
	}{
		"unknown status": {func(ctx sdk.Context) error {
			return stored(ctx, func(s *types.Sample) { s.Status = 9 })
		}, "records"},
		"key that is no hash": {func(ctx sdk.Context) error {
			return f.keeper.Samples.Set(ctx, []byte("short"), sample)
		}, "records"},
		"deposit that is not there": {func(ctx sdk.Context) error {
			return stored(ctx, func(s *types.Sample) { s.Deposit = math.NewInt(2 * deposit) })
		}, "deposits"},
		"deposit account drained": {func(ctx sdk.Context) error {
			return f.bank.SendCoins(ctx, types.DepositAddress(gateway), copier, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1)))
		}, "deposits"},
		"CID leads nowhere": {func(ctx sdk.Context) error {
			return f.keeper.ByCID.Remove(ctx, sample.Sealing.Cid)
		}, "by_cid"},
		"CID leads elsewhere": {func(ctx sdk.Context) error {
			return f.keeper.ByCID.Set(ctx, sample.Sealing.Cid, other)
		}, "by_cid"},
		"contributor entry lost": {func(ctx sdk.Context) error {
			return f.keeper.ByContributor.Remove(ctx, collections.Join(contributor, hash))
		}, "by_contributor"},
		"contributor entry left over": {func(ctx sdk.Context) error {
			return f.keeper.ByContributor.Set(ctx, collections.Join(contributor, other))
		}, "by_contributor"},
		"contributor entry of another account": {func(ctx sdk.Context) error {
			return f.keeper.ByContributor.Set(ctx, collections.Join(copier, hash))
		}, "by_contributor"},
		"expiry entry lost": {func(ctx sdk.Context) error {
			return f.keeper.Expiry.Remove(ctx, collections.Join(sample.ExpiryTime, hash))
		}, "expiry"},
		"expiry entry left over": {func(ctx sdk.Context) error {
			return f.keeper.Expiry.Set(ctx, collections.Join(sample.ExpiryTime, other))
		}, "expiry"},
		"expiry entry at another time": {func(ctx sdk.Context) error {
			return f.keeper.Expiry.Set(ctx, collections.Join(sample.ExpiryTime+1, hash))
		}, "expiry"},
		"claim that never expires": {func(ctx sdk.Context) error {
			return f.keeper.Claims.Set(ctx, other, 1)
		}, "claim_expiry"},
		"stored bytes lost": {func(ctx sdk.Context) error {
			return f.keeper.Stored.Remove(ctx)
		}, "stored"},
		"opened without being counted": {func(ctx sdk.Context) error {
			return stored(ctx, func(s *types.Sample) { s.Opened = true })
		}, "stored"},
		"claim entry left over": {func(ctx sdk.Context) error {
			return f.keeper.ClaimExpiry.Set(ctx, collections.Join(int64(1), other))
		}, "claim_expiry"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, _ := f.ctx.CacheContext()
			require.NoError(t, test.damage(ctx))
			err := f.keeper.AllInvariants(ctx)
			require.ErrorIs(t, err, types.ErrInvariant)
			require.ErrorContains(t, err, test.says)
		})
	}
}
