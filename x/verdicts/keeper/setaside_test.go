package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// TestDamagedRoundIsSetAside gives a round a vector that cannot be counted: the
// chain goes on, the failure is told once, and the samples get another round.
func TestDamagedRoundIsSetAside(t *testing.T) {
	f := newFixture(t, 1)
	hashes := f.addSamples("first", 2)
	round := f.untilOpen()
	attestation := f.operators[0].answers(2, allOf(types.CATEGORY_UNDETECTED))
	require.NoError(t, f.commit(f.operators[0], round.Number, attestation))
	f.endBlock()
	require.NoError(t, f.reveal(f.operators[0], round.Number, attestation))
	attestation.Vectors[0].Column = []byte{9}
	require.NoError(t, f.keeper.Attestations.Set(f.ctx, collections.Join(round.Number, f.operators[0].addr), attestation))
	f.endBlock()
	f.endBlock()

	require.Equal(t, types.ROUND_STATUS_VOID, f.round(round.Number).Status)
	failed := events[*types.EventItemFailed](f)
	require.Len(t, failed, 1)
	require.Contains(t, failed[0].Error, "unknown format 9")

	f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED))
	require.Equal(t, samplestypes.STATUS_FINAL, f.sampleStatus(hashes[0]))
}
