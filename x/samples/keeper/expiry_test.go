package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

const ttl = int64(365 * 24 * 3600) // seconds, the default parameter

func TestExpiry(t *testing.T) {
	for status, stays := range map[types.Status]bool{
		types.STATUS_QUEUED:   true,
		types.STATUS_SCANNING: true,
		types.STATUS_FINAL:    false,
		types.STATUS_INVALID:  false,
		types.STATUS_BLOCKED:  false,
	} {
		t.Run(status.String(), func(t *testing.T) {
			f := newFixture(t)
			hash := f.reach(status, "content")
			cid := f.sample(hash).Sealing.Cid
			f.endBlock(1, ttl-1)
			f.endBlock(1, 1)
			require.False(t, f.gone(hash), "a second too early")
			f.freshEvents()
			f.endBlock(1, 1)

			require.Equal(t, stays, !f.gone(hash))
			if stays {
				require.Empty(t, f.ctx.EventManager().Events())
				require.Equal(t, f.ctx.BlockTime().Unix()-1+ttl, f.sample(hash).ExpiryTime, "another term")
				require.Equal(t, deposit, f.held(contributor))
				return
			}
			require.Equal(t, []*types.EventExpired{{Sha256: hash}}, eventsOf[*types.EventExpired](f))
			require.False(t, f.contributorHas(contributor, hash))
			_, err := f.keeper.ByCID.Get(f.ctx, cid)
			require.ErrorIs(t, err, collections.ErrNotFound)
			require.Len(t, f.rawStore(), 1, "nothing but the parameters is left")

			f.mustSubmit(contributor, submission("content"))
			require.Equal(t, types.STATUS_QUEUED, f.sample(hash).Status, "it may come back")
		})
	}
}

// A sample that is taken down in a round that never ends still holds its deposit.
func TestExpiryReturnsWhatIsLeft(t *testing.T) {
	f := newFixture(t)
	hash := f.reach(types.STATUS_SCANNING, "content")
	require.NoError(t, f.takeDown(hash))
	f.endBlock(1, ttl)
	f.endBlock(1, 1)
	require.True(t, f.gone(hash))
	require.Equal(t, startBalance, f.balance(contributor))
	require.Zero(t, f.held(contributor))
}

func TestExpiryIsBounded(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.MaxExpiriesPerBlock = 3 })
	for i := range 8 {
		f.reach(types.STATUS_FINAL, fmt.Sprint(i))
	}
	f.endBlock(1, ttl)
	for _, left := range []int{5, 2, 0, 0} {
		f.endBlock(1, 1)
		gs, err := f.keeper.ExportGenesis(f.ctx)
		require.NoError(t, err)
		require.Len(t, gs.Samples, left)
	}
}

// One record that cannot be dropped costs neither the block nor the others, and comes
// up again a term later.
func TestExpiryIsolatesEachRecord(t *testing.T) {
	f := newFixture(t)
	stuck := f.reach(types.STATUS_SCANNING, "stuck")
	require.NoError(t, f.takeDown(stuck))
	fine := f.reach(types.STATUS_FINAL, "fine")
	// The deposit is missing, so that its refund fails.
	taken := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, deposit))
	require.NoError(t, f.bank.SendCoins(f.ctx, types.DepositAddress(contributor), copier, taken))
	f.endBlock(1, ttl)
	f.freshEvents()
	f.endBlock(1, 1)

	require.True(t, f.gone(fine))
	require.False(t, f.gone(stuck))
	require.True(t, f.contributorHas(contributor, stuck), "none of the failed removal is written")
	require.Equal(t, []*types.EventExpired{{Sha256: fine}}, eventsOf[*types.EventExpired](f))
	require.Equal(t, f.ctx.BlockTime().Unix()-1+ttl, f.sample(stuck).ExpiryTime)

	require.NoError(t, f.bank.SendCoins(f.ctx, copier, types.DepositAddress(contributor), taken))
	f.endBlock(1, ttl)
	f.endBlock(1, 1)
	require.True(t, f.gone(stuck))
	require.Equal(t, startBalance, f.balance(contributor))
}

// A record that cannot be read does not stop the chain.
func TestExpiryOfADamagedRecord(t *testing.T) {
	f := newFixture(t)
	damaged, fine := f.reach(types.STATUS_FINAL, "damaged"), f.reach(types.STATUS_FINAL, "fine")
	whole := f.ctx
	f.ctx, _ = f.ctx.CacheContext()
	f.ctx.KVStore(f.key).Set(append([]byte{1}, damaged...), []byte("not a record"))
	f.endBlock(1, ttl)
	f.endBlock(1, 1)
	require.True(t, f.gone(fine))
	f.ctx = whole // the invariants hold again
}
