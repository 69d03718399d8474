package keeper_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestInvariantsNoticeDamage(t *testing.T) {
	tests := map[string]struct {
		invariant func(*fixture) func(context.Context) error
		damage    func(*fixture) error
	}{
		"bond missing": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.BondsBacked },
			damage: func(f *fixture) error {
				return f.bank.SendCoins(f.ctx, types.BondAddress(operator(1)), operator(1), sdk.NewCoins(coin(1)))
			},
		},
		"candidate missing": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.CandidatesMatch },
			damage:    func(f *fixture) error { return f.keeper.Candidates.Remove(f.ctx, operator(1)) },
		},
		"candidate at another stake": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.CandidatesMatch },
			damage:    func(f *fixture) error { return f.keeper.Candidates.Set(f.ctx, operator(1), 1) },
		},
		"retired candidate": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.CandidatesMatch },
			damage:    func(f *fixture) error { return f.keeper.Candidates.Set(f.ctx, operator(2), 3*minBond) },
		},
		"release missing": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.ReleasesMatch },
			damage:    func(f *fixture) error { return f.keeper.Releases.Clear(f.ctx, nil) },
		},
		"release at another time": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.ReleasesMatch },
			damage:    func(f *fixture) error { return f.keeper.Releases.Set(f.ctx, collections.Join(int64(1), operator(2))) },
		},
		"operator spelled otherwise": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SidecarsMatch },
			damage: func(f *fixture) error {
				supernode, err := f.keeper.Supernode(f.ctx, operator(1))
				if err != nil {
					return err
				}
				supernode.Operator = operator(9).String()
				return f.keeper.Supernodes.Set(f.ctx, operator(1), supernode)
			},
		},
		"seat missing": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SeatsRanked },
			damage: func(f *fixture) error {
				return f.keeper.SeatTable.Remove(f.ctx, collections.Join(uint64(1), operator(5)))
			},
		},
		"seat out of order": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SeatsRanked },
			damage: func(f *fixture) error {
				id := collections.Join(uint64(1), operator(5))
				seat, err := f.keeper.SeatTable.Get(f.ctx, id)
				if err != nil {
					return err
				}
				seat.Stake = math.NewInt(1)
				return f.keeper.SeatTable.Set(f.ctx, id, seat)
			},
		},
		"seats without their epoch": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SeatsRanked },
			damage:    func(f *fixture) error { return f.keeper.Epochs.Remove(f.ctx, 1) },
		},
		"current epoch is not the newest": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SeatsRanked },
			damage:    func(f *fixture) error { return f.keeper.Current.Set(f.ctx, 1) },
		},
		"sealed key without its vault key": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SealedKeysOpen },
			damage:    func(f *fixture) error { return f.keeper.VaultKeys.Remove(f.ctx, 1) },
		},
		"vault key of an epoch to come": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.SealedKeysOpen },
			damage:    func(f *fixture) error { return f.keeper.VaultKeys.Set(f.ctx, 99, types.VaultKey{Epoch: 99}) },
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f := busyFixture(t)
			f.damaged = true
			require.NoError(t, tc.invariant(f)(f.ctx))
			require.NoError(t, tc.damage(f))
			require.ErrorIs(t, tc.invariant(f)(f.ctx), types.ErrInvariant)
			require.ErrorIs(t, f.keeper.AllInvariants(f.ctx), types.ErrInvariant)
		})
	}
}
