package keeper

import (
	"bytes"
	"context"
	"encoding/hex"
	"sort"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// report joins what all engines said of a sample in a round. Verdicts appear when
// the round is final, so that nobody reads a half-told story.
func (k *Keeper) report(ctx context.Context, hash []byte, number uint64) (types.Report, error) {
	if number == 0 {
		newest, err := k.newestRound(ctx, hash)
		if err != nil {
			return types.Report{}, err
		}
		number = newest
	}
	round, err := k.round(ctx, number)
	if err != nil {
		return types.Report{}, status.Error(codes.NotFound, err.Error())
	}
	report := types.Report{Sha256: hash, Round: round}
	switch {
	case round.Kind == types.ROUND_KIND_APPEAL:
		report.Outcome = round.Decision
	case round.Status == types.ROUND_STATUS_FINAL:
		outcome, err := k.History.Get(ctx, collections.Join(hash, number))
		if err != nil {
			return types.Report{}, status.Errorf(codes.NotFound, "sample %x is not a member of round %d", hash, number)
		}
		report.Outcome = types.Outcome(outcome)
	}
	if round.Pruned {
		return report, nil
	}
	if report.Index, err = k.memberIndex(ctx, round, hash); err != nil {
		return types.Report{}, err
	}
	if round.Status != types.ROUND_STATUS_FINAL {
		return report, nil
	}
	return k.withVerdicts(ctx, report)
}

// newestRound is the newest final round of a sample, else the one it runs in.
func (k *Keeper) newestRound(ctx context.Context, hash []byte) (uint64, error) {
	newest, _, err := k.newestOutcome(ctx, hash)
	if err != nil || newest != 0 {
		return newest, err
	}
	sample, err := k.samples.Get(ctx, hash)
	if samplestypes.ErrNotFound.Is(err) {
		return 0, status.Errorf(codes.NotFound, "sample %s is not known", hex.EncodeToString(hash))
	}
	if err != nil {
		return 0, err
	}
	if sample.Round == 0 || sample.Status == samplestypes.STATUS_QUEUED {
		return 0, status.Errorf(codes.NotFound, "sample %s is queued for its first round", hex.EncodeToString(hash))
	}
	return sample.Round, nil
}

// newestOutcome returns the newest final round in the history of a sample, 0 when there
// is none, and its outcome.
func (k *Keeper) newestOutcome(ctx context.Context, hash []byte) (newest uint64, outcome types.Outcome, err error) {
	ranger := collections.NewPrefixedPairRange[[]byte, uint64](hash).Descending()
	err = k.History.Walk(ctx, ranger, func(key historyKey, said uint32) (bool, error) {
		round, err := k.round(ctx, key.K2())
		if err != nil || round.Status != types.ROUND_STATUS_FINAL {
			return false, err
		}
		newest, outcome = key.K2(), types.Outcome(said)
		return true, nil
	})
	return newest, outcome, err
}

// memberIndex finds a sample among the ascending members of a round.
func (k *Keeper) memberIndex(ctx context.Context, round types.Round, hash []byte) (uint32, error) {
	hashes, err := k.members(ctx, round.Number)
	if err != nil {
		return 0, err
	}
	index := sort.Search(len(hashes), func(i int) bool { return bytes.Compare(hashes[i], hash) >= 0 })
	if index == len(hashes) || !bytes.Equal(hashes[index], hash) {
		return 0, status.Errorf(codes.NotFound, "sample %x is not a member of round %d", hash, round.Number)
	}
	return uint32(index), nil
}

func (k *Keeper) withVerdicts(ctx context.Context, report types.Report) (types.Report, error) {
	attestations, err := k.attestations(ctx, report.Round.Number)
	if err != nil {
		return report, err
	}
	table, err := k.weightTable(ctx, report.Round.Epoch)
	if err != nil {
		return report, err
	}
	report.Verdicts, report.FileType, err = types.VerdictsOf(attestations, table, int(report.Index), int(report.Round.Samples))
	return report, err
}
