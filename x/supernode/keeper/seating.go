package keeper

import (
	"cmp"
	"context"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// prunedPerSeating bounds how many old epochs one seating removes. One falls due
// each epoch; the rest is for catching up after epochs_kept was lowered.
const prunedPerSeating = 4

// passedPerSeat bounds how many candidates a seating looks at for each seat.
const passedPerSeat = 4

// Seats returns the seat table of an epoch in rank order. It is empty for an
// epoch that is unknown or pruned.
func (k *Keeper) Seats(ctx context.Context, epoch uint64) ([]types.Seat, error) {
	seats, err := k.seatsByOperator(ctx, epoch)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(seats, func(a, b types.Seat) int { return cmp.Compare(a.Rank, b.Rank) })
	return seats, nil
}

// Attesters returns the seats of an epoch in rank order, without the benched.
func (k *Keeper) Attesters(ctx context.Context, epoch uint64) ([]types.Seat, error) {
	seats, err := k.Seats(ctx, epoch)
	if err != nil {
		return nil, err
	}
	attesters := make([]types.Seat, 0, len(seats))
	for _, seat := range seats {
		operator, err := types.ParseAddress("operator", seat.Operator)
		if err != nil {
			return nil, err
		}
		benched, err := k.Benched.Has(ctx, collections.Join(epoch, operator))
		if err != nil {
			return nil, err
		}
		if !benched {
			attesters = append(attesters, seat)
		}
	}
	return attesters, nil
}

// IsSeated tells whether an operator has a seat in an epoch and is not benched.
func (k *Keeper) IsSeated(ctx context.Context, epoch uint64, operator sdk.AccAddress) (bool, error) {
	key := collections.Join(epoch, operator)
	seated, err := k.SeatTable.Has(ctx, key)
	if err != nil || !seated {
		return false, err
	}
	benched, err := k.Benched.Has(ctx, key)
	return !benched, err
}

// stake is the weight with which an operator stands for a seat: its self-bond and
// what is delegated to it.
func (k *Keeper) stake(ctx context.Context, operator sdk.AccAddress) (math.Int, error) {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	pool, err := k.pool(ctx, operator)
	if err != nil {
		return math.Int{}, err
	}
	return supernode.SelfBond.Add(pool.Delegated), nil
}

// stand enters a candidate into the order, or moves it after its stake changed. The
// jailed and the retired stand for nothing. A stake above MaxStake is ErrInvalidBond.
func (k *Keeper) stand(ctx context.Context, operator sdk.AccAddress) error {
	supernode, err := k.Supernode(ctx, operator)
	if err != nil || supernode.Status != types.STATUS_CANDIDATE {
		return err
	}
	stake, err := k.stake(ctx, operator)
	if err != nil {
		return err
	}
	if !stake.IsUint64() {
		return types.ErrInvalidBond.Wrapf("stake of operator %s is %s, want at most %d", operator, stake, uint64(types.MaxStake))
	}
	return k.Candidates.Set(ctx, operator, stake.Uint64())
}

// restand is stand for an operator whose registration may be gone.
func (k *Keeper) restand(ctx context.Context, operator sdk.AccAddress) error {
	registered, err := k.Supernodes.Has(ctx, operator)
	if err != nil || !registered {
		return err
	}
	return k.stand(ctx, operator)
}

// stepDown takes an operator out of the order, if it is in it.
func (k *Keeper) stepDown(ctx context.Context, operator sdk.AccAddress) error {
	standing, err := k.Candidates.Has(ctx, operator)
	if err != nil || !standing {
		return err
	}
	return k.Candidates.Remove(ctx, operator)
}

// seat freezes the set of an epoch and makes it the current one.
func (k *Keeper) seat(ctx context.Context, number uint64) error {
	params, err := k.Params.Get(ctx)
	if err != nil {
		return err
	}
	current, err := k.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	if number <= current.Number {
		return types.ErrWrongEpoch.Wrapf("epoch %d cannot start after epoch %d", number, current.Number)
	}
	elected, err := k.elect(ctx, params)
	if err != nil {
		return err
	}
	epoch := types.Epoch{
		Number:      number,
		StartHeight: sdk.UnwrapSDKContext(ctx).BlockHeight(),
		Seats:       uint32(len(elected)),
	}
	if err := k.freeze(ctx, epoch, elected); err != nil {
		return err
	}
	if err := k.prune(ctx, number, uint64(params.EpochsKept)); err != nil {
		return err
	}
	return emit(ctx, types.NewEventSeated(epoch))
}

// elect returns the at most max_active largest candidates in rank order. It passes
// over those whose own bond is too small, as after a slash or a raised min_self_bond,
// however much is delegated to them; to stay bounded it looks at no more than
// passedPerSeat candidates a seat.
func (k *Keeper) elect(ctx context.Context, params types.Params) ([]sdk.AccAddress, error) {
	elected := make([]sdk.AccAddress, 0, params.MaxActive)
	lowest := types.MaxStake - params.MinSelfBond.Amount.Uint64()
	read, limit := 0, passedPerSeat*int(params.MaxActive)
	err := k.Candidates.Indexes.Stake.Walk(ctx, nil, func(complement uint64, operator sdk.AccAddress) (bool, error) {
		if read++; complement > lowest || read > limit {
			return true, nil
		}
		supernode, err := k.Supernode(ctx, operator)
		if err != nil {
			return true, err
		}
		if supernode.SelfBond.GTE(params.MinSelfBond.Amount) {
			elected = append(elected, operator)
		}
		return len(elected) >= int(params.MaxActive), nil
	})
	return elected, err
}

// freeze stores the table of an epoch, which nothing changes afterwards.
func (k *Keeper) freeze(ctx context.Context, epoch types.Epoch, elected []sdk.AccAddress) error {
	for rank, operator := range elected {
		stake, err := k.stake(ctx, operator)
		if err != nil {
			return err
		}
		seat := types.Seat{Epoch: epoch.Number, Operator: operator.String(), Rank: uint32(rank), Stake: stake}
		if err := k.SeatTable.Set(ctx, collections.Join(epoch.Number, operator), seat); err != nil {
			return err
		}
	}
	if err := k.Epochs.Set(ctx, epoch.Number, epoch); err != nil {
		return err
	}
	return k.Current.Set(ctx, epoch.Number)
}

// prune removes the oldest epochs that lie more than kept behind the current one.
func (k *Keeper) prune(ctx context.Context, current, kept uint64) error {
	if current <= kept {
		return nil
	}
	old := make([]uint64, 0, prunedPerSeating)
	err := k.Epochs.Walk(ctx, new(collections.Range[uint64]).EndExclusive(current-kept), func(number uint64, _ types.Epoch) (bool, error) {
		old = append(old, number)
		return len(old) >= prunedPerSeating, nil
	})
	if err != nil {
		return err
	}
	for _, number := range old {
		if err := k.SeatTable.Clear(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](number)); err != nil {
			return err
		}
		if err := k.Benched.Clear(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](number)); err != nil {
			return err
		}
		if err := k.Epochs.Remove(ctx, number); err != nil {
			return err
		}
	}
	return nil
}

// seatsByOperator returns the seat table of an epoch in ascending operator order.
func (k *Keeper) seatsByOperator(ctx context.Context, epoch uint64) ([]types.Seat, error) {
	table, err := k.SeatTable.Iterate(ctx, collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch))
	if err != nil {
		return nil, err
	}
	return table.Values()
}
