package types_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount("vmt", "vmtpub") }

func hash(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func address(b byte) string { return sdk.AccAddress(bytes.Repeat([]byte{b}, 20)).String() }

// scored is a genesis with two samples of a cluster, one of which waits for points, and
// a third that was seen but has no score.
func scored() types.GenesisState {
	gs := *types.DefaultGenesis()
	first, second := fileScore(1, 0), fileScore(2, ppm)
	first.Sha256, first.Cluster = hash(1), hash(1)
	first.Stages = []types.StageScore{{Stage: 0, Malicious: true, Score: 100_000, Points: 40_000, Epoch: 3, Contributor: address(1), Sightings: 1, Credited: true}}
	second.Sha256, second.Cluster = hash(2), hash(1)
	second.Stages = []types.StageScore{{Stage: 0, Credited: true}, {Stage: 1, Malicious: true}}
	gs.Scores = []types.Score{first, second}
	gs.Clusters = []types.Cluster{{Id: hash(1), Members: 3, Contributor: address(1), Operator: address(2), Sighters: []string{address(3)}, Keys: 2, ExpiryTime: 7}}
	gs.Keys = []types.SimilarityKey{{Slot: 0, Key: hash(8)[:8], Cluster: hash(1)}, {Slot: 9, Key: hash(8)[:8], Cluster: hash(1)}}
	gs.Credits = []types.Credit{{Height: 5, Sha256: hash(2)}}
	gs.Sightings = []types.Sighting{{Sha256: hash(3), Operator: address(3)}}
	gs.SightingCounts = []types.SightingCount{{Epoch: 3, Operator: address(3), Sightings: 2}}
	return gs
}

func TestGenesisRefusesScoresThatDoNotFit(t *testing.T) {
	require.NoError(t, scored().Validate())
	for name, test := range map[string]struct {
		change func(*types.GenesisState)
		says   string
	}{
		"short hash":            {func(gs *types.GenesisState) { gs.Scores[0].Sha256 = hash(1)[1:] }, "scores[0]"},
		"score twice":           {func(gs *types.GenesisState) { gs.Scores[1].Sha256 = hash(1) }, "scores[1]"},
		"no cluster":            {func(gs *types.GenesisState) { gs.Scores[1].Cluster = hash(9) }, "no cluster 0909"},
		"rank 0":                {func(gs *types.GenesisState) { gs.Scores[0].Rank = 0 }, "rank 0 of 3"},
		"rank past the members": {func(gs *types.GenesisState) { gs.Scores[0].Rank = 4 }, "rank 4 of 3"},
		"rank twice":            {func(gs *types.GenesisState) { gs.Scores[1].Rank = 1 }, "rank 1 of 3"},
		"missed too much":       {func(gs *types.GenesisState) { gs.Scores[0].MissedPpm = ppm + 1 }, "missed_ppm"},
		"no round":              {func(gs *types.GenesisState) { gs.Scores[0].Round = 0 }, "round"},
		"no stages":             {func(gs *types.GenesisState) { gs.Scores[0].Stages = nil }, "stages"},
		"stage past the slices": {func(gs *types.GenesisState) { gs.Scores[0].Stages[0].Stage = 3 }, "stages[0]: 3"},
		"stages out of order":   {func(gs *types.GenesisState) { gs.Scores[1].Stages[1].Stage = 0 }, "stages[1]: 0"},
		"points while it waits": {func(gs *types.GenesisState) { gs.Scores[1].Stages[1].Points = 1 }, "stages[1]: it waits"},
		"points of nobody":      {func(gs *types.GenesisState) { gs.Scores[0].Stages[0].Contributor = "" }, "points of nobody"},
		"points above a sample": {func(gs *types.GenesisState) { gs.Scores[0].Stages[0].Points = ppm + 1 }, "1000001"},
		"score above a sample":  {func(gs *types.GenesisState) { gs.Scores[0].Stages[0].Score = ppm + 1 }, "1000001"},
		"too many sightings":    {func(gs *types.GenesisState) { gs.Scores[0].Stages[0].Sightings = 17 }, "sightings"},
		"contributor":           {func(gs *types.GenesisState) { gs.Scores[0].Stages[0].Contributor = "x" }, "contributor"},
		"novelty above a sixth": {func(gs *types.GenesisState) { gs.Scores[0].Rules.NoveltyPpm = 166_667 }, "novelty_ppm is 166667"},
		"rarity floor":          {func(gs *types.GenesisState) { gs.Scores[0].Rules.RarityFloorPpm = ppm + 1 }, "rarity_floor_ppm"},
		"sightings asked for":   {func(gs *types.GenesisState) { gs.Scores[0].Rules.SightingsFull = 17 }, "sightings_full"},
		"kind":                  {func(gs *types.GenesisState) { gs.Scores[0].Rules.KindPpm = ppm + 1 }, "kind_ppm"},
		"channel":               {func(gs *types.GenesisState) { gs.Scores[0].Rules.ChannelPpm = ppm + 1 }, "channel_ppm"},
		"too many slices":       {func(gs *types.GenesisState) { gs.Scores[0].Rules.SlicesPpm = make([]uint32, 6) }, "slices_ppm is 6"},
		"slices above a sample": {func(gs *types.GenesisState) { gs.Scores[0].Rules.SlicesPpm = []uint32{ppm, 1} }, "slices_ppm sum to 1000001"},
		"short id":              {func(gs *types.GenesisState) { gs.Clusters[0].Id = nil }, "clusters[0]"},
		"cluster twice":         {func(gs *types.GenesisState) { gs.Clusters = append(gs.Clusters, gs.Clusters[0]) }, "clusters[1]"},
		"no members":            {func(gs *types.GenesisState) { gs.Clusters[0].Members = 0 }, "members"},
		"cluster's contributor": {func(gs *types.GenesisState) { gs.Clusters[0].Contributor = "" }, "contributor"},
		"cluster's operator":    {func(gs *types.GenesisState) { gs.Clusters[0].Operator = "x" }, "operator"},
		"sighter":               {func(gs *types.GenesisState) { gs.Clusters[0].Sighters[0] = "x" }, "sighters"},
		"own operator sighted":  {func(gs *types.GenesisState) { gs.Clusters[0].Sighters[0] = address(2) }, "or is the operator"},
		"sighter twice":         {func(gs *types.GenesisState) { gs.Clusters[0].Sighters = []string{address(3), address(3)} }, "comes twice"},
		"too many sighters":     {func(gs *types.GenesisState) { gs.Clusters[0].Sighters = make([]string, 17) }, "17 sighters"},
		"too many keys":         {func(gs *types.GenesisState) { gs.Clusters[0].Keys = 1025 }, "keys is 1025"},
		"keys that are not":     {func(gs *types.GenesisState) { gs.Clusters[0].Keys = 3 }, "has 2 keys, not 3"},
		"slot":                  {func(gs *types.GenesisState) { gs.Keys[0].Slot = 10 }, "slot is 10"},
		"short key":             {func(gs *types.GenesisState) { gs.Keys[0].Key = hash(8)[:7] }, "keys[0]"},
		"key of zeros":          {func(gs *types.GenesisState) { gs.Keys[0].Key = make([]byte, 8) }, "keys[0]"},
		"key twice":             {func(gs *types.GenesisState) { gs.Keys[1].Slot = 0 }, "keys[1]"},
		"key of no cluster":     {func(gs *types.GenesisState) { gs.Keys[0].Cluster = hash(9) }, "no cluster 0909"},
		"queued without need":   {func(gs *types.GenesisState) { gs.Credits[0].Sha256 = hash(1) }, "credits[0]"},
		"queued twice": {func(gs *types.GenesisState) {
			gs.Credits = append(gs.Credits, types.Credit{Height: 9, Sha256: hash(2)})
		}, "credits[1]"},
		"queued without score": {func(gs *types.GenesisState) { gs.Credits[0].Sha256 = hash(9) }, "credits[0]"},
		"queued below 0":       {func(gs *types.GenesisState) { gs.Credits[0].Height = -1 }, "credits[0]"},
		"not queued":           {func(gs *types.GenesisState) { gs.Credits = nil }, "scores[1]"},
		"sighting's hash":      {func(gs *types.GenesisState) { gs.Sightings[0].Sha256 = nil }, "sightings[0]"},
		"sighting's operator":  {func(gs *types.GenesisState) { gs.Sightings[0].Operator = "x" }, "sightings[0]"},
		"sighting of a score":  {func(gs *types.GenesisState) { gs.Sightings[0].Sha256 = hash(1) }, "sightings[0]"},
		"sighting twice":       {func(gs *types.GenesisState) { gs.Sightings = append(gs.Sightings, gs.Sightings[0]) }, "sightings[1]"},
		"count of nobody":      {func(gs *types.GenesisState) { gs.SightingCounts[0].Operator = "" }, "sighting_counts[0]"},
		"count of nothing":     {func(gs *types.GenesisState) { gs.SightingCounts[0].Sightings = 0 }, "sighting_counts[0]"},
		"count twice":          {func(gs *types.GenesisState) { gs.SightingCounts = append(gs.SightingCounts, gs.SightingCounts[0]) }, "sighting_counts[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := scored()
			test.change(&gs)
			err := gs.Validate()
			require.ErrorIs(t, err, types.ErrInvalidGenesis)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// FuzzGenesisScores: no genesis makes the validation panic, and what is valid can be explained.
func FuzzGenesisScores(f *testing.F) {
	gs := scored()
	seed, err := gs.Marshal()
	require.NoError(f, err)
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		var gs types.GenesisState
		if gs.Unmarshal(data) != nil || gs.ValidateScores() != nil {
			return
		}
		for _, score := range gs.Scores {
			var stages []types.StageExplanation
			for i := range score.Stages {
				stages = append(stages, score.Explain(i, 0, types.NewEpochRewards(0)))
			}
			require.NotEmpty(t, types.ExplainText(score, stages))
		}
	})
}

func TestSightingsAreChecked(t *testing.T) {
	good := types.Sighted{Sha256: hash(1), Contributor: address(1)}
	for name, test := range map[string]struct {
		sightings []types.Sighted
		says      string
	}{
		"none":        {nil, "sightings: 0, want 1..100"},
		"too many":    {make([]types.Sighted, 101), "sightings: 101"},
		"short hash":  {[]types.Sighted{good, {Sha256: hash(1)[1:]}}, "sightings[1].sha256: 31 bytes"},
		"contributor": {[]types.Sighted{{Sha256: hash(1), Contributor: "x"}}, "sightings[0]: contributor"},
	} {
		t.Run(name, func(t *testing.T) {
			err := types.ValidateSightings(test.sightings)
			require.ErrorIs(t, err, types.ErrInvalidSighting)
			require.ErrorContains(t, err, test.says)
		})
	}
	require.NoError(t, types.ValidateSightings([]types.Sighted{good, {Sha256: hash(2)}}))
}
