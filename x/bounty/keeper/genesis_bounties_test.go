package keeper_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

// withBounties has one of each kind with two funders; one of the wanted has a match that
// waits for its truth, one a match that waits for its claims, one nothing.
func withBounties(t *testing.T) *bountyFixture {
	f := newBountyFixture(t)
	asked := f.submit(finder, "asked about")
	f.mustPost(types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(asked), 10*vmt, 0)
	certain, early := f.mustPost(familyKind, "emotet", 10*vmt, 0), f.mustPost(yaraKind, "rule a\n", 10*vmt, 2)
	f.mustPost(hashKind, someMD5, 10*vmt, 0)
	for _, id := range [][]byte{certain, early} {
		require.NoError(t, f.topUp(sponsor, id, 20*vmt))
	}
	f.judge(0, matching(f.submit(finder, "found"), certain, early))
	return f
}

func (f *bountyFixture) export() *types.GenesisState {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return gs
}

// moveTo makes another chain, as young as this one, with the found sample and the
// escrowed money, from a state.
func moveTo(t *testing.T, from *bountyFixture, gs *types.GenesisState) (*bountyFixture, error) {
	other := newBountyFixture(t)
	for _, bounty := range gs.Bounties {
		other.fund(types.EscrowAddress(bounty.Id), from.escrow(bounty.Id))
	}
	other.submit(finder, "found")
	return other, other.tx(func(ctx context.Context) error { return other.keeper.InitGenesis(ctx, *gs) })
}

func TestBountiesMoveToAnotherChain(t *testing.T) {
	f := withBounties(t)
	gs := f.export()
	require.Len(t, gs.Bounties, 4)
	require.Len(t, gs.Stakes, 6)
	require.Len(t, gs.Matches, 2)
	other, err := moveTo(t, f, gs)
	require.NoError(t, err)
	require.NoError(t, other.keeper.AllInvariants(other.ctx))
	first, err := gs.Marshal()
	require.NoError(t, err)
	second, err := other.export().Marshal()
	require.NoError(t, err)
	require.Equal(t, first, second)

	// Both go on alike.
	for _, chain := range []*bountyFixture{f, other} {
		before := chain.balance(finder)
		chain.untilSettled()
		require.Equal(t, before+30*vmt, chain.balance(finder))
		chain.expire()
		require.Empty(t, chain.export().Bounties)
	}
}

func TestBountiesWithoutTheirMoneyAreRefused(t *testing.T) {
	f := withBounties(t)
	gs := f.export()
	require.NoError(t, f.bank.SendCoins(f.ctx, types.EscrowAddress(gs.Bounties[2].Id), rival, sdk.NewCoins(uvmt(1))))
	_, err := moveTo(t, f, gs)
	require.ErrorIs(t, err, types.ErrInvariant)
	require.ErrorContains(t, err, hex.EncodeToString(gs.Bounties[2].Id))
	f.fund(types.EscrowAddress(gs.Bounties[2].Id), 1)
}

// Every rule of the invariant sees its damage.
func TestBountiesInvariantSeesDamage(t *testing.T) {
	for name, damage := range map[string]func(f *bountyFixture, bounty types.Bounty, match types.Match) error{
		"stolen": func(f *bountyFixture, b types.Bounty, _ types.Match) error {
			return f.bank.SendCoins(f.ctx, types.EscrowAddress(b.Id), rival, sdk.NewCoins(uvmt(1)))
		},
		"amount": func(f *bountyFixture, b types.Bounty, _ types.Match) error {
			b.Amount = b.Amount.SubRaw(1)
			return f.keeper.Bounties.Set(f.ctx, b.Id, b)
		},
		"stake of no bounty": func(f *bountyFixture, _ types.Bounty, _ types.Match) error {
			return f.keeper.Stakes.Set(f.ctx, collections.Join(bytes.Repeat([]byte{1}, 32), rival), types.Stake{Amount: math.OneInt()})
		},
		"not queued": func(f *bountyFixture, b types.Bounty, _ types.Match) error {
			return f.keeper.BountyExpiry.Remove(f.ctx, collections.Join(b.ExpiryTime, b.Id))
		},
		"queued twice": func(f *bountyFixture, b types.Bounty, _ types.Match) error {
			return f.keeper.BountyExpiry.Set(f.ctx, collections.Join(b.ExpiryTime+1, b.Id))
		},
		"not wanted": func(f *bountyFixture, _ types.Bounty, m types.Match) error {
			return f.keeper.Wanted.Remove(f.ctx, m.Bounty)
		},
		"wants what is gone": func(f *bountyFixture, _ types.Bounty, _ types.Match) error {
			return f.keeper.Wanted.Set(f.ctx, bytes.Repeat([]byte{1}, 32))
		},
		"match of no bounty": func(f *bountyFixture, _ types.Bounty, m types.Match) error {
			return f.keeper.Matches.Set(f.ctx, collections.Join(bytes.Repeat([]byte{1}, 32), m.Sha256), 0)
		},
		"due but not queued": func(f *bountyFixture, _ types.Bounty, m types.Match) error {
			return f.keeper.Matches.Set(f.ctx, collections.Join(m.Bounty, m.Sha256), 77)
		},
		"queued but not due": func(f *bountyFixture, _ types.Bounty, m types.Match) error {
			return f.keeper.BountyPayments.Set(f.ctx, collections.Join3(int64(77), m.Bounty, m.Sha256))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := withBounties(t)
			gs := f.export()
			sound := f.ctx
			f.ctx, _ = f.ctx.CacheContext()
			require.NoError(t, damage(f, gs.Bounties[0], gs.Matches[0]))
			require.ErrorIs(t, f.keeper.BountiesInvariant(f.ctx), types.ErrInvariant)
			f.ctx = sound
		})
	}
}

// What funders send on top changes no rule.
func TestGiftsToAnEscrow(t *testing.T) {
	f := withBounties(t)
	for _, bounty := range f.export().Bounties {
		f.fund(types.EscrowAddress(bounty.Id), 3)
	}
	require.NoError(t, f.keeper.BountiesInvariant(f.ctx))
	before := f.balance(finder)
	f.untilSettled()
	require.Equal(t, before+30*vmt+3, f.balance(finder), "a finder gets all that the escrow has")
	f.endBlock(1, time.Second)
}
