package keeper

import (
	"bytes"
	"context"
	"slices"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// judgedFeatures are the features found in one round, kept while a block accounts for
// the sources that the round judged, so that its attestations are read once.
type judgedFeatures struct {
	round    uint64
	hashes   [][]byte
	features []types.SampleFeatures
}

// featuresOf returns what the judge of a stage found out about each member of its source.
func (k *Keeper) featuresOf(ctx context.Context, s stage, judged *judgedFeatures) ([]types.SampleFeatures, error) {
	if judged.round != s.judge.Number {
		loaded, err := k.loadFeatures(ctx, s.judge)
		if err != nil {
			return nil, err
		}
		*judged = loaded
	}
	features := make([]types.SampleFeatures, len(s.hashes))
	for i, hash := range s.hashes {
		if at, found := slices.BinarySearchFunc(judged.hashes, hash, bytes.Compare); found {
			features[i] = judged.features[at]
		}
	}
	return features, nil
}

func (k *Keeper) loadFeatures(ctx context.Context, round types.Round) (judgedFeatures, error) {
	hashes, err := k.members(ctx, round.Number)
	if err != nil {
		return judgedFeatures{}, err
	}
	attestations, err := k.attestations(ctx, round.Number)
	if err != nil {
		return judgedFeatures{}, err
	}
	table, err := k.weightTable(ctx, round.Epoch)
	if err != nil {
		return judgedFeatures{}, err
	}
	features := types.AgreeOnFeatures(attestations, table, len(hashes))
	return judgedFeatures{round: round.Number, hashes: hashes, features: features}, nil
}
