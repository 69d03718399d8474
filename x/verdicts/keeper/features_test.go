package keeper_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// judgements is a listener that keeps what it hears.
type judgements []types.Judgement

func (j *judgements) AfterResolved(_ context.Context, judgement types.Judgement) error {
	*j = append(*j, judgement)
	return nil
}

// A judgement tells what the round that judges found out, not what the initial one did,
// and nothing about a member that it did not get to see.
func TestJudgementsCarryWhatTheJudgeFoundOut(t *testing.T) {
	f := newFixture(t, 1, 1)
	heard := &judgements{}
	f.keeper.SetHooks(heard)
	hashes := f.addSamples("first", 2)
	wanted := bytes.Repeat([]byte{7}, types.BountyIDBytes)
	says := func(round types.Round, operator int, key string, sample uint32) types.Attestation {
		attestation := f.operators[operator].answers(int(round.Samples), allOf(types.CATEGORY_MALICIOUS))
		var keys types.SimilarityKeys
		copy(keys[0][:], key)
		attestation.Features.KeySample(sample, keys)
		attestation.Features.Matches = []types.BountyMatch{{Bounty: wanted, Samples: []uint32{sample}}}
		return attestation
	}
	opened := f.untilOpen()
	source := f.attest(opened, says(opened, 0, "packed", 1), says(opened, 1, "packed", 1))
	f.endBlock()

	// One sample is gone when they are judged again; its neighbour moves to its place.
	f.block(hashes[0])
	f.wait(week)
	opened = f.untilOpen()
	require.EqualValues(t, 1, opened.Samples)
	again := f.attest(opened, says(opened, 0, "unpacked", 0), says(opened, 1, "unpacked", 0))
	f.endBlock()

	require.Len(t, *heard, 2)
	for stage, want := range []struct {
		judge types.Round
		key   string
	}{{source, "packed"}, {again, "unpacked"}} {
		judgement := (*heard)[stage]
		require.Equal(t, want.judge.Number, judgement.Judge.Number)
		require.Equal(t, source.Number, judgement.Source.Number)
		require.Equal(t, hashes, judgement.Members)
		require.Len(t, judgement.Features, 2)
		found := judgement.Features[1]
		require.Equal(t, want.key, string(bytes.TrimRight(found.Keys[0][:], "\x00")))
		require.NotZero(t, found.AttestedWeight)
		require.Equal(t, found.AttestedWeight, found.KeyedWeight)
		require.Equal(t, []types.MatchWeight{{Bounty: wanted, Weight: found.AttestedWeight}}, found.Matches)
	}
	require.Zero(t, (*heard)[0].Features[0].KeyedWeight)
	require.Empty(t, (*heard)[0].Features[0].Matches)
	require.Equal(t, types.SampleFeatures{}, (*heard)[1].Features[0], "the judge did not see it")
}
