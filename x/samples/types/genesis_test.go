package types_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/samples/types"
)

func entry(content string) types.SampleEntry {
	s := submission(content)
	return types.SampleEntry{Sha256: s.Sha256, Sample: types.Sample{
		Kind: s.Kind, SizeBytes: s.SizeBytes, Sealing: s.Sealing, Contributor: account("contributor").String(),
		Deposit: math.NewInt(5), SubmittedHeight: 1, SubmittedTime: 1, PriorityHeight: 1, Status: types.STATUS_QUEUED, ExpiryTime: 9,
	}}
}

func challenge(operator sdk.AccAddress, epoch uint64, index uint32) types.Challenge {
	return types.Challenge{
		Epoch: epoch, Operator: operator.String(), Index: index, Sha256: bytes.Repeat([]byte{3}, 32), Chunk: 7, DeadlineHeight: 9,
	}
}

func genesis() types.GenesisState {
	samples := []types.SampleEntry{entry("a"), entry("b")}
	slices.SortFunc(samples, func(x, y types.SampleEntry) int { return bytes.Compare(x.Sha256, y.Sha256) })
	return types.GenesisState{
		Params:  types.DefaultParams(),
		Samples: samples,
		Claims:  []types.Claim{{Hash: bytes.Repeat([]byte{1}, 32), Height: 3}, {Hash: bytes.Repeat([]byte{2}, 32), Height: 1}},
		Challenges: []types.Challenge{
			challenge(account("operator"), 3, 0), challenge(account("operator"), 3, 2), challenge(account("operator"), 4, 1),
			challenge(append(sdk.AccAddress{0}, account("operator")...), 1, 0), // longer addresses come later
		},
		Draws: []types.Draw{
			{Epoch: 3, Operator: account("b").String()}, {Epoch: 4, Operator: account("a").String()},
		},
	}
}

func TestGenesisValidate(t *testing.T) {
	require.NoError(t, types.DefaultGenesis().Validate())
	require.NoError(t, genesis().Validate())
	sample := func(change func(s *types.Sample)) func(*types.GenesisState) {
		return func(gs *types.GenesisState) { change(&gs.Samples[1].Sample) }
	}
	asked := func(change func(c *types.Challenge)) func(*types.GenesisState) {
		return func(gs *types.GenesisState) { change(&gs.Challenges[1]) }
	}
	for name, test := range map[string]struct {
		change func(gs *types.GenesisState)
		want   error
		says   string
	}{
		"params":                {func(gs *types.GenesisState) { gs.Params.TtlSeconds = 0 }, types.ErrInvalidParams, "ttl_seconds"},
		"short hash":            {func(gs *types.GenesisState) { gs.Samples[0].Sha256 = nil }, types.ErrInvalidHash, "samples[0]"},
		"samples unordered":     {func(gs *types.GenesisState) { slices.Reverse(gs.Samples) }, types.ErrInvalidGenesis, "samples[1]"},
		"sample twice":          {func(gs *types.GenesisState) { gs.Samples[1] = gs.Samples[0] }, types.ErrInvalidGenesis, "samples[1]"},
		"CID twice":             {func(gs *types.GenesisState) { gs.Samples[1].Sample.Sealing = gs.Samples[0].Sample.Sealing }, types.ErrCIDTaken, "samples[1]"},
		"no contributor":        {sample(func(s *types.Sample) { s.Contributor = "" }), sdkerrors.ErrInvalidAddress, "samples[1]: contributor"},
		"bad gateway":           {sample(func(s *types.Sample) { s.Gateway = "x" }), sdkerrors.ErrInvalidAddress, "gateway"},
		"absurd size":           {sample(func(s *types.Sample) { s.SizeBytes = 1<<64 - 1 }), types.ErrInvalidSubmission, "size_bytes"},
		"bad sealing":           {sample(func(s *types.Sample) { s.Sealing.StorageRoot = nil }), types.ErrInvalidSubmission, "storage_root"},
		"no status":             {sample(func(s *types.Sample) { s.Status = types.STATUS_UNSPECIFIED }), types.ErrStatus, "status"},
		"unknown status":        {sample(func(s *types.Sample) { s.Status = 77 }), types.ErrStatus, "status: 77"},
		"no deposit field":      {sample(func(s *types.Sample) { s.Deposit = math.Int{} }), types.ErrInvalidSubmission, "deposit"},
		"negative deposit":      {sample(func(s *types.Sample) { s.Deposit = math.NewInt(-1) }), types.ErrInvalidSubmission, "deposit"},
		"deposit after FINAL":   {sample(func(s *types.Sample) { s.Status = types.STATUS_FINAL }), types.ErrInvalidSubmission, "is still held in STATUS_FINAL"},
		"short claim":           {func(gs *types.GenesisState) { gs.Claims[1].Hash = []byte{9} }, types.ErrInvalidHash, "claims[1].hash: 1 bytes"},
		"claims unordered":      {func(gs *types.GenesisState) { slices.Reverse(gs.Claims) }, types.ErrInvalidGenesis, "claims[1]"},
		"challenge of nobody":   {asked(func(c *types.Challenge) { c.Operator = "" }), sdkerrors.ErrInvalidAddress, "challenges[1]: operator"},
		"challenge in capitals": {asked(func(c *types.Challenge) { c.Operator = strings.ToUpper(c.Operator) }), types.ErrInvalidGenesis, "challenges[1]: operator"},
		"challenge on no hash":  {asked(func(c *types.Challenge) { c.Sha256 = nil }), types.ErrInvalidHash, "challenges[1]"},
		"absurd index":          {asked(func(c *types.Challenge) { c.Index = 1 << 31 }), types.ErrInvalidGenesis, "challenges[1]: index"},
		"absurd chunk":          {asked(func(c *types.Challenge) { c.Chunk = 1 << 63 }), types.ErrInvalidGenesis, "challenges[1]: chunk"},
		"no deadline":           {asked(func(c *types.Challenge) { c.DeadlineHeight = 0 }), types.ErrInvalidGenesis, "challenges[1]: deadline_height"},
		"challenge twice":       {asked(func(c *types.Challenge) { c.Index = 0 }), types.ErrInvalidGenesis, "challenges[1]"},
		"challenges unordered":  {func(gs *types.GenesisState) { slices.Reverse(gs.Challenges) }, types.ErrInvalidGenesis, "challenges[1]"},
		"draw of nobody":        {func(gs *types.GenesisState) { gs.Draws[1].Operator = "x" }, sdkerrors.ErrInvalidAddress, "draws[1]: operator"},
		"draw twice":            {func(gs *types.GenesisState) { gs.Draws[1] = gs.Draws[0] }, types.ErrInvalidGenesis, "draws[1]"},
		"draws unordered":       {func(gs *types.GenesisState) { slices.Reverse(gs.Draws) }, types.ErrInvalidGenesis, "draws[1]"},
		"claim before time":     {func(gs *types.GenesisState) { gs.Claims[0].Height = -1 }, types.ErrInvalidGenesis, "claims[0].height"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := genesis()
			test.change(&gs)
			err := gs.Validate()
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
		})
	}
}
