package keeper

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// AllInvariants walks the whole state and tells of the first rule that is broken, by
// ErrInvariant. It is for tests, exported states and simulation, not for blocks.
func (k *Keeper) AllInvariants(ctx context.Context) error {
	for _, check := range []func(context.Context) error{
		k.checkRecords, k.checkDeposits, k.checkContributors, k.checkExpiry, k.checkClaims,
		k.checkChallenges, k.checkDraws, k.checkStored,
	} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkRecords: every record is well formed, in a known status, and found by its CID.
func (k *Keeper) checkRecords(ctx context.Context) error {
	return k.Samples.Walk(ctx, nil, func(sha256 []byte, sample types.Sample) (bool, error) {
		if err := types.ValidateSHA256(sha256); err != nil {
			return true, broken("records: %s", err)
		}
		if err := sample.Validate(); err != nil {
			return true, broken("records: %x: %s", sha256, err)
		}
		holder, err := k.ByCID.Get(ctx, sample.Sealing.Cid)
		if err != nil || !bytes.Equal(holder, sha256) {
			return true, broken("by_cid: the CID of %x leads to %x (error %v)", sha256, holder, err)
		}
		return false, nil
	})
}

// checkDeposits: each payer's deposit account holds at least what its records say. It
// may hold more, because anybody can send coins to it.
func (k *Keeper) checkDeposits(ctx context.Context) error {
	sums := make(map[string]math.Int)
	err := k.Samples.Walk(ctx, nil, func(_ []byte, sample types.Sample) (bool, error) {
		take(sums, &sample)
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, text := range slices.Sorted(maps.Keys(sums)) {
		payer, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			return broken("deposits: payer %q: %s", text, err)
		}
		held := k.bank.GetBalance(ctx, types.DepositAddress(payer), types.Denom).Amount
		if held.LT(sums[text]) {
			return broken("deposits: %s paid %s, its account holds %s", text, sums[text], held)
		}
	}
	return nil
}

// checkContributors: by_contributor has exactly the records.
func (k *Keeper) checkContributors(ctx context.Context) error {
	entries := 0
	err := k.ByContributor.Walk(ctx, nil, func(key collections.Pair[sdk.AccAddress, []byte]) (bool, error) {
		entries++
		sample, err := k.Samples.Get(ctx, key.K2())
		if err != nil || sample.Contributor != key.K1().String() {
			return true, broken("by_contributor: (%s, %x) has no such record (error %v)", key.K1(), key.K2(), err)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.checkCount(ctx, "by_contributor", entries)
}

// checkExpiry: the expiry queue has exactly the records, at their times.
func (k *Keeper) checkExpiry(ctx context.Context) error {
	entries := 0
	err := k.Expiry.Walk(ctx, nil, func(key collections.Pair[int64, []byte]) (bool, error) {
		entries++
		sample, err := k.Samples.Get(ctx, key.K2())
		if err != nil || sample.ExpiryTime != key.K1() {
			return true, broken("expiry: (%d, %x) has no such record (error %v)", key.K1(), key.K2(), err)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	return k.checkCount(ctx, "expiry", entries)
}

// checkClaims: the claim queue has exactly the claims, at their heights.
func (k *Keeper) checkClaims(ctx context.Context) error {
	entries := 0
	err := k.ClaimExpiry.Walk(ctx, nil, func(key collections.Pair[int64, []byte]) (bool, error) {
		entries++
		height, err := k.Claims.Get(ctx, key.K2())
		if err != nil || height != key.K1() {
			return true, broken("claim_expiry: (%d, %x) has no such claim (error %v)", key.K1(), key.K2(), err)
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	claims := 0
	err = k.Claims.Walk(ctx, nil, func([]byte, int64) (bool, error) {
		claims++
		return false, nil
	})
	if err == nil && claims != entries {
		err = broken("claim_expiry: %d entries for %d claims", entries, claims)
	}
	return err
}

// checkChallenges: each challenge is under its key, and the deadline
// queue has exactly the challenges, at their heights.
func (k *Keeper) checkChallenges(ctx context.Context) error {
	challenges := 0
	err := k.Challenges.Walk(ctx, nil, func(key challengeKey, challenge types.Challenge) (bool, error) {
		challenges++
		if challenge.Operator != key.K1().String() || challenge.Epoch != key.K2() || challenge.Index != key.K3() {
			return true, broken("challenges: (%s, %d, %d) is under the key of (%s, %d, %d)",
				challenge.Operator, challenge.Epoch, challenge.Index, key.K1(), key.K2(), key.K3())
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	entries := 0
	err = k.Deadlines.Walk(ctx, nil, func(entry collections.Pair[int64, challengeKey]) (bool, error) {
		entries++
		challenge, err := k.Challenges.Get(ctx, entry.K2())
		if err != nil || challenge.DeadlineHeight != entry.K1() {
			return true, broken("deadlines: (%d, %s) has no such challenge (error %v)", entry.K1(), entry.K2().K1(), err)
		}
		return false, nil
	})
	if err == nil && challenges != entries {
		err = broken("deadlines: %d entries for %d challenges", entries, challenges)
	}
	return err
}

// checkDraws: nobody waits for the challenges of an epoch that has not started.
func (k *Keeper) checkDraws(ctx context.Context) error {
	epoch, err := k.supernode.CurrentEpoch(ctx)
	if err != nil {
		return err
	}
	return k.Draws.Walk(ctx, nil, func(key collections.Pair[uint64, sdk.AccAddress]) (bool, error) {
		if key.K1() > epoch.Number {
			return true, broken("draws: %s waits for epoch %d, the current one is %d", key.K2(), key.K1(), epoch.Number)
		}
		return false, nil
	})
}

// checkCount compares the length of an index with the number of records; together
// with a check of each entry it shows that none is missing.
func (k *Keeper) checkCount(ctx context.Context, index string, entries int) error {
	records := 0
	err := k.Samples.Walk(ctx, nil, func([]byte, types.Sample) (bool, error) {
		records++
		return false, nil
	})
	if err == nil && records != entries {
		err = broken("%s: %d entries for %d records", index, entries, records)
	}
	return err
}

func broken(format string, args ...any) error {
	return errorsmod.Wrapf(types.ErrInvariant, format, args...)
}
