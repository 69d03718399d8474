package system

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/network"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// until polls quickly and fails the test when it takes too long.
func until(t *testing.T, what string, done func(ctx context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !done(ctx) {
		require.NoError(t, ctx.Err(), what)
		time.Sleep(10 * time.Millisecond)
	}
}

// requireHealthy asserts that every supernode works and blocks are made.
func (w *world) requireHealthy(t *testing.T) {
	t.Helper()
	for _, supernode := range w.Supernodes {
		until(t, supernode.URL+"/healthz", func(ctx context.Context) bool {
			require.True(t, supernode.Running(), "the supernode has ended, see %s", supernode.Log)
			require.True(t, w.Validators[0].Running(), "the validator has ended, see %s", w.Validators[0].Log)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, supernode.URL+"/healthz", nil)
			require.NoError(t, err)
			response, err := http.DefaultClient.Do(request)
			return err == nil && response.Body.Close() == nil && response.StatusCode == http.StatusOK
		})
	}
	w.requireProgress(t, 1)
}

// requireProgress waits until some more blocks are made.
func (w *world) requireProgress(t *testing.T, blocks int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, validator := range w.Validators {
		until(t, "the validator answers", func(ctx context.Context) bool {
			require.True(t, validator.Running(), "the validator has ended, see %s", validator.Log)
			return validator.Height(ctx) > 0
		})
		require.NoError(t, w.WaitHeight(ctx, validator.Height(ctx)+blocks))
	}
}

// record is what the chain has of a sample, nil when it has none.
func (w *world) record(ctx context.Context, sha256 string) *samplestypes.Sample {
	found, err := w.chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: sha256})
	if err != nil {
		return nil
	}
	return &found.Entry.Sample
}

// waitFinal waits for a sample's outcome on chain.
func (w *world) waitFinal(t *testing.T, sha256 string) verdictstypes.Report {
	t.Helper()
	until(t, "outcome of "+sha256, func(ctx context.Context) bool {
		found := w.record(ctx, sha256)
		return found != nil && (found.Status == samplestypes.STATUS_FINAL || found.Status == samplestypes.STATUS_INVALID)
	})
	return w.chainReport(t, sha256)
}

func (w *world) chainReport(t *testing.T, sha256 string) verdictstypes.Report {
	t.Helper()
	found, err := w.chain.Verdicts().Report(t.Context(), &verdictstypes.QueryReportRequest{Sha256: sha256})
	require.NoError(t, err)
	return found.Report
}

// roundOf waits until a sample is a member of an open round that takes commits.
func (w *world) roundOf(t *testing.T, sha256 string) (number uint64) {
	t.Helper()
	until(t, "round of "+sha256, func(ctx context.Context) bool {
		found := w.record(ctx, sha256)
		if found == nil || found.Status != samplestypes.STATUS_SCANNING {
			return false
		}
		number = found.Round
		return true
	})
	return number
}

// commitment tells how far a supernode is in a round.
func (w *world) commitment(ctx context.Context, round uint64, supernode *network.Supernode) (committed, revealed bool) {
	found, err := w.chain.Verdicts().Commitment(ctx, &verdictstypes.QueryCommitmentRequest{Round: round, Operator: supernode.Operator})
	return err == nil, err == nil && found.Revealed
}

// initialRounds is how many rounds over new samples there ever were.
func (w *world) initialRounds(t *testing.T) int {
	t.Helper()
	initial := 0
	page := &query.PageRequest{Limit: 100}
	for {
		found, err := w.chain.Verdicts().Rounds(t.Context(), &verdictstypes.QueryRoundsRequest{Pagination: page})
		require.NoError(t, err)
		for _, round := range found.Rounds {
			if round.Kind == verdictstypes.ROUND_KIND_INITIAL {
				initial++
			}
		}
		if page.Key = found.Pagination.NextKey; len(page.Key) == 0 {
			return initial
		}
	}
}

// said counts what was attested in a round by everybody.
type said struct{ commits, reveals, final, void int }

var errEnough = errors.New("enough blocks")

// counted recounts all commits and reveals from the events of the whole chain.
func (w *world) counted(t *testing.T) map[uint64]said {
	t.Helper()
	all := map[uint64]said{}
	head, err := w.chain.Status(t.Context())
	require.NoError(t, err)
	err = w.chain.Follow(t.Context(), 1, func(_ context.Context, block chain.Block) error {
		err := block.Each(func(event proto.Message) error {
			switch event := event.(type) {
			case *verdictstypes.EventCommitted:
				round := all[event.Round]
				round.commits++
				all[event.Round] = round
			case *verdictstypes.EventRevealed:
				round := all[event.Round]
				round.reveals++
				all[event.Round] = round
			case *verdictstypes.EventRoundFinal:
				round := all[event.Round]
				round.final++
				all[event.Round] = round
			case *verdictstypes.EventRoundVoid:
				round := all[event.Round]
				round.void++
				all[event.Round] = round
			}
			return nil
		})
		if err == nil && block.Height >= head.Height {
			return errEnough
		}
		return err
	})
	require.ErrorIs(t, err, errEnough)
	return all
}

// requireOneAnswerPerRound asserts that the single supernode of a network never said
// anything twice and never left a commit unopened in a finished round.
func (w *world) requireOneAnswerPerRound(t *testing.T) {
	t.Helper()
	for number, round := range w.counted(t) {
		switch {
		case round.void > 0: // it was down all the time
			require.Zero(t, round.commits, "round %d", number)
			continue
		case round.final == 0: // it runs, as one that judges again may at any time
			require.LessOrEqual(t, round.commits, 1, "round %d", number)
			require.LessOrEqual(t, round.reveals, 1, "round %d", number)
			continue
		}
		require.Equal(t, said{commits: 1, reveals: 1, final: 1}, round, "round %d", number)
	}
}

func raw(t *testing.T, sha256 string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(sha256)
	require.NoError(t, err)
	return decoded
}

func hexOf(hash []byte) string { return hex.EncodeToString(hash) }
