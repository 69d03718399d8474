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
		"a miss that is not in the ring": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.LivenessMatches },
			damage: func(f *fixture) error {
				liveness := types.Liveness{Operator: operator(1).String()}
				liveness.Push(true, 8)
				liveness.MissedCount++
				return f.keeper.Liveness.Set(f.ctx, operator(1), liveness)
			},
		},
		"a record without its registration": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.LivenessMatches },
			damage: func(f *fixture) error {
				liveness := types.Liveness{Operator: operator(99).String()}
				liveness.Push(true, 8)
				return f.keeper.Liveness.Set(f.ctx, operator(99), liveness)
			},
		},
		"a record of another": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.LivenessMatches },
			damage: func(f *fixture) error {
				liveness := types.Liveness{Operator: operator(2).String()}
				liveness.Push(true, 8)
				return f.keeper.Liveness.Set(f.ctx, operator(1), liveness)
			},
		},
		"jailed candidate": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.JailMatches },
			damage: func(f *fixture) error {
				supernode := f.supernode(1)
				supernode.Status, supernode.JailedUntil = types.STATUS_JAILED, 1
				if err := f.keeper.Supernodes.Set(f.ctx, operator(1), supernode); err != nil {
					return err
				}
				return f.keeper.Candidates.Set(f.ctx, operator(1), 1)
			},
		},
		"a candidate with a jail time": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.JailMatches },
			damage: func(f *fixture) error {
				supernode := f.supernode(3)
				supernode.Status, supernode.JailedUntil = types.STATUS_CANDIDATE, 1
				return f.keeper.Supernodes.Set(f.ctx, operator(3), supernode)
			},
		},
		"benched without a seat": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.BenchedSeated },
			damage: func(f *fixture) error {
				return f.keeper.Benched.Set(f.ctx, collections.Join(uint64(1), operator(99)))
			},
		},
		"all benched": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.BenchedSeated },
			damage: func(f *fixture) error {
				for _, number := range f.seats(1) {
					if err := f.keeper.Benched.Set(f.ctx, collections.Join(uint64(1), operator(number))); err != nil {
						return err
					}
				}
				return nil
			},
		},
		"fault without a vault key": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.VaultKeyFaultsMatch },
			damage:    func(f *fixture) error { return f.keeper.VaultKeyFaults.Set(f.ctx, 99) },
		},
		"recipient_hash too short": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.VaultKeyFaultsMatch },
			damage: func(f *fixture) error {
				key := sealedTo(1, 1)[0]
				key.RecipientHash = make([]byte, 31)
				return f.keeper.SealedKeys.Set(f.ctx, collections.Join(uint64(1), operator(1)), key)
			},
		},
		"beacon too short": {
			invariant: func(f *fixture) func(context.Context) error { return f.keeper.BeaconWhole },
			damage:    func(f *fixture) error { return f.keeper.Beacon.Set(f.ctx, types.Beacon{Value: []byte{1}}) },
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
