package keeper

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
	"github.com/virusmap/virusmap/x/samples/types"
)

// draw is what the challenges of an epoch are drawn from.
type draw struct {
	params    types.Params
	epoch     uint64
	beacon    []byte
	operators []sdk.AccAddress
}

// challengeWaiting challenges supernodes that wait for it, at most
// max_challenged_per_block, as soon as the beacon has a value that nobody could know
// when the epoch started. The value may change before the last one's turn; any such
// value will do.
func (k *Keeper) challengeWaiting(ctx context.Context, params types.Params) error {
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil || epoch.Number == 0 {
		return err
	}
	// The supernodes of an epoch that the beacon left out are not challenged any more.
	_, err = endblock.Take(ctx, k.Draws,
		collections.NewPrefixUntilPairRange[uint64, sdk.AccAddress](epoch.Number-1), int(params.MaxExpiriesPerBlock))
	if err != nil {
		return err
	}
	beacon, err := k.supernode.Randomness(ctx)
	if err != nil || beacon.HiddenHeight <= epoch.StartHeight {
		return err
	}
	waiting, err := endblock.Take(ctx, k.Draws,
		collections.NewPrefixedPairRange[uint64, sdk.AccAddress](epoch.Number), int(params.MaxChallengedPerBlock))
	if err != nil || len(waiting) == 0 {
		return err
	}
	operators, err := k.attesters(ctx, epoch.Number)
	if err != nil {
		return err
	}
	d := draw{params: params, epoch: epoch.Number, beacon: beacon.Value, operators: operators}
	for _, key := range waiting {
		// Isolate logs a failure, which spares this supernode in this epoch.
		_ = endblock.Isolate(ctx, "draw of challenges", func(ctx context.Context) error {
			return k.challenge(ctx, d, key.K2())
		})
	}
	return nil
}

// attesters are the operators that attest in an epoch, and hence store samples.
func (k *Keeper) attesters(ctx context.Context, epoch uint64) ([]sdk.AccAddress, error) {
	seats, err := k.supernode.Attesters(ctx, epoch)
	if err != nil {
		return nil, err
	}
	operators := make([]sdk.AccAddress, 0, len(seats))
	for _, seat := range seats {
		operator, err := types.ParseAddress("operator", seat.Operator)
		if err != nil {
			return nil, err
		}
		operators = append(operators, operator)
	}
	return operators, nil
}

// challenge draws the challenges of an operator. There is none when nothing is found
// that it must store.
func (k *Keeper) challenge(ctx context.Context, d draw, operator sdk.AccAddress) error {
	attests := slices.ContainsFunc(d.operators, func(other sdk.AccAddress) bool { return other.Equals(operator) })
	if !attests {
		return nil // benched since the epoch started
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	drawn := make(map[string]bool, d.params.ChallengesPerEpoch)
	for index := range d.params.ChallengesPerEpoch {
		sha256, chunk, err := k.find(ctx, d, operator, index, drawn)
		if err != nil {
			return err
		}
		if sha256 == nil {
			continue
		}
		challenge := types.Challenge{
			Epoch: d.epoch, Operator: operator.String(), Index: index, Sha256: sha256, Chunk: chunk,
			DeadlineHeight: sdkCtx.BlockHeight() + int64(d.params.ChallengeWindowBlocks),
		}
		if err := k.insertChallenge(ctx, operator, challenge); err != nil {
			return err
		}
		if err := sdkCtx.EventManager().EmitTypedEvent(types.NewEventChallenged(challenge)); err != nil {
			return err
		}
	}
	return nil
}

// find picks a sample that the operator must store and one of its chunks that is not
// drawn yet, which it notes. The cheapest checks come first.
func (k *Keeper) find(ctx context.Context, d draw, operator sdk.AccAddress, index uint32, drawn map[string]bool) (sha256 []byte, chunk uint64, err error) {
	for attempt := range uint32(types.MaxChallengeAttempts) {
		seed := types.ChallengeSeed(d.beacon, d.epoch, operator, index, attempt)
		sha256, sample, err := k.firstFrom(ctx, seed)
		if err != nil || sha256 == nil {
			return nil, 0, err
		}
		if sample.Status != types.STATUS_FINAL || !sample.Opened || sample.Sealing.SizeBytes == 0 {
			continue
		}
		chunk := types.DrawChunk(seed, types.Chunks(sample.Sealing.SizeBytes))
		key := string(binary.BigEndian.AppendUint64(bytes.Clone(sha256), chunk))
		if !drawn[key] && types.Holds(sha256, operator, d.operators, int(d.params.Replication)) {
			drawn[key] = true
			return sha256, chunk, nil
		}
	}
	return nil, 0, nil
}

// firstFrom gives the first sample at or after a hash, or the very first when there is
// none; nil when there are no samples.
func (k *Keeper) firstFrom(ctx context.Context, hash []byte) (sha256 []byte, sample types.Sample, err error) {
	for _, from := range [][]byte{hash, nil} {
		first := new(collections.Range[[]byte]).StartInclusive(from)
		err = k.Samples.Walk(ctx, first, func(key []byte, value types.Sample) (bool, error) {
			sha256, sample = key, value
			return true, nil
		})
		if err != nil || sha256 != nil {
			return sha256, sample, err
		}
	}
	return nil, types.Sample{}, nil
}

// insertChallenge writes a challenge with its queue entry.
func (k *Keeper) insertChallenge(ctx context.Context, operator sdk.AccAddress, challenge types.Challenge) error {
	key := collections.Join3(operator, challenge.Epoch, challenge.Index)
	if err := k.Challenges.Set(ctx, key, challenge); err != nil {
		return err
	}
	return k.Deadlines.Set(ctx, collections.Join(challenge.DeadlineHeight, key))
}

// closeChallenges ends challenges whose deadline has passed, at most
// max_expiries_per_block.
func (k *Keeper) closeChallenges(ctx context.Context, params types.Params) error {
	last := sdk.UnwrapSDKContext(ctx).BlockHeight() - 1
	due, err := endblock.Take(ctx, k.Deadlines,
		collections.NewPrefixUntilPairRange[int64, challengeKey](last), int(params.MaxExpiriesPerBlock))
	if err != nil {
		return err
	}
	for _, key := range due {
		// Isolate logs a failure, which counts neither for nor against the operator.
		_ = endblock.Isolate(ctx, "end of challenge", func(ctx context.Context) error {
			return k.closeChallenge(ctx, params, key.K2())
		})
	}
	return nil
}

// closeChallenge removes a challenge and tells how it ended. Answers are counted here
// and not when they come, so that no two of them write one record.
func (k *Keeper) closeChallenge(ctx context.Context, params types.Params, key challengeKey) error {
	challenge, err := k.Challenges.Get(ctx, key)
	if err != nil {
		return err
	}
	if err := k.Challenges.Remove(ctx, key); err != nil {
		return err
	}
	if !challenge.Proved {
		sample, err := k.Get(ctx, challenge.Sha256)
		switch {
		case errors.Is(err, types.ErrNotFound):
			return nil
		case err != nil:
			return err
		case !challenge.Blames(sample, params):
			return nil
		}
		event := types.NewEventStorageMissed(challenge)
		if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event); err != nil {
			return err
		}
	}
	k.afterStorageChallenge(ctx, challenge, key.K1(), params)
	return nil
}
