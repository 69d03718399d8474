package types_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

func bountyOf(kind types.BountyKind, target string, amount int64) types.Bounty {
	return types.Bounty{
		Id: types.BountyID(kind, target, bountyFunder), Kind: kind, Target: target, Funder: bountyFunder.String(),
		Amount: math.NewInt(amount), PostedHeight: 5, PostedTime: 100, ExpiryTime: 200,
	}
}

// genesisWithBounties has one of each kind, the first wanted one with two funders and matches.
func genesisWithBounties() *types.GenesisState {
	gs := types.DefaultGenesis()
	gs.Bounties = []types.Bounty{
		bountyOf(types.BOUNTY_KIND_SAMPLE, sha256Hex, 10), bountyOf(types.BOUNTY_KIND_HASH, md5Hex, 10),
		bountyOf(types.BOUNTY_KIND_FAMILY, "emotet", 10), bountyOf(types.BOUNTY_KIND_YARA, rule, 10),
	}
	slices.SortFunc(gs.Bounties, func(a, b types.Bounty) int { return bytes.Compare(a.Id, b.Id) })
	for _, bounty := range gs.Bounties {
		other := sdk.AccAddress(bytes.Repeat([]byte{8}, 20))
		gs.Stakes = append(
			gs.Stakes,
			types.Stake{Bounty: bounty.Id, Funder: bountyFunder.String(), Amount: math.NewInt(7)},
			types.Stake{Bounty: bounty.Id, Funder: other.String(), Amount: math.NewInt(3)},
		)
		if bounty.Kind.Wanted() {
			gs.Matches = append(
				gs.Matches,
				types.Match{Bounty: bounty.Id, Sha256: bytes.Repeat([]byte{1}, 32)},
				types.Match{Bounty: bounty.Id, Sha256: bytes.Repeat([]byte{2}, 32), DueHeight: 9},
			)
		}
	}
	return gs
}

func TestGenesisOfBounties(t *testing.T) {
	require.NoError(t, genesisWithBounties().Validate())
	bounty := func(change func(*types.Bounty)) func(*types.GenesisState) {
		return func(gs *types.GenesisState) { change(&gs.Bounties[1]) }
	}
	stake := func(change func(*types.Stake)) func(*types.GenesisState) {
		return func(gs *types.GenesisState) { change(&gs.Stakes[1]) }
	}
	match := func(change func(*types.Match)) func(*types.GenesisState) {
		return func(gs *types.GenesisState) { change(&gs.Matches[1]) }
	}
	sampleBounty := func(gs *types.GenesisState) []byte {
		i := slices.IndexFunc(gs.Bounties, func(b types.Bounty) bool { return !b.Kind.Wanted() })
		return gs.Bounties[i].Id
	}
	for name, refused := range map[string]struct {
		change func(*types.GenesisState)
		want   error
		says   string
	}{
		"target":            {bounty(func(b *types.Bounty) { b.Target = "" }), types.ErrInvalidBounty, "bounties[1]: target"},
		"funder":            {bounty(func(b *types.Bounty) { b.Funder = "x" }), types.ErrInvalidAddress, "bounties[1]: funder"},
		"foreign id":        {bounty(func(b *types.Bounty) { b.Id = bytes.Repeat([]byte{9}, 32) }), types.ErrInvalidGenesis, "bounties[1]: id"},
		"no amount":         {bounty(func(b *types.Bounty) { b.Amount = math.Int{} }), types.ErrInvalidGenesis, "bounties[1]: amount"},
		"before time":       {bounty(func(b *types.Bounty) { b.PostedHeight = -1 }), types.ErrInvalidGenesis, "posted_height"},
		"ends at once":      {bounty(func(b *types.Bounty) { b.ExpiryTime = b.PostedTime }), types.ErrInvalidGenesis, "expiry_time"},
		"bounties disorder": {func(gs *types.GenesisState) { slices.Reverse(gs.Bounties) }, types.ErrInvalidGenesis, "bounties[1]"},
		"bounty twice":      {func(gs *types.GenesisState) { gs.Bounties[1] = gs.Bounties[0] }, types.ErrInvalidGenesis, "bounties[1]"},
		"amount not staked": {bounty(func(b *types.Bounty) { b.Amount = math.NewInt(11) }), types.ErrInvalidGenesis, "bounties[1].amount: 11, but the stakes are 10"},
		"nobody's bounty":   {func(gs *types.GenesisState) { gs.Stakes = gs.Stakes[2:] }, types.ErrInvalidGenesis, "bounties[0].amount"},
		"stake of nobody":   {stake(func(s *types.Stake) { s.Funder = "" }), types.ErrInvalidAddress, "stakes[1]"},
		"stake of nothing":  {stake(func(s *types.Stake) { s.Amount = math.ZeroInt() }), types.ErrInvalidGenesis, "stakes[1].amount"},
		"absurd stake":      {stake(func(s *types.Stake) { s.Amount = math.NewIntFromUint64(1 << 63).MulRaw(1 << 62).MulRaw(1 << 62) }), types.ErrInvalidGenesis, "stakes[1].amount"},
		"stake elsewhere":   {stake(func(s *types.Stake) { s.Bounty = make([]byte, 32) }), types.ErrInvalidGenesis, "stakes[1]: no bounty"},
		"stake twice":       {stake(func(s *types.Stake) { s.Funder = bountyFunder.String() }), types.ErrInvalidGenesis, "stakes[1]"},
		"match of nothing":  {match(func(m *types.Match) { m.Bounty = make([]byte, 32) }), types.ErrInvalidGenesis, "matches[1]: no wanted bounty"},
		"match of a sample": {func(gs *types.GenesisState) { gs.Matches[0].Bounty = sampleBounty(gs) }, types.ErrInvalidGenesis, "matches[0]: no wanted bounty"},
		"short hash":        {match(func(m *types.Match) { m.Sha256 = m.Sha256[1:] }), types.ErrInvalidGenesis, "matches[1].sha256"},
		"match twice":       {match(func(m *types.Match) { m.Sha256 = bytes.Repeat([]byte{1}, 32) }), types.ErrInvalidGenesis, "matches[1]"},
		"due before time":   {match(func(m *types.Match) { m.DueHeight = -1 }), types.ErrInvalidGenesis, "matches[1].due_height"},
		"too many matches": {func(gs *types.GenesisState) {
			first := gs.Matches[0].Bounty
			gs.Matches = nil
			for i := range types.MaxMatches + 1 {
				gs.Matches = append(gs.Matches, types.Match{Bounty: first, Sha256: bytes.Repeat([]byte{byte(i)}, 32)})
			}
		}, types.ErrInvalidGenesis, "matches[16]"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := genesisWithBounties()
			refused.change(gs)
			err := gs.Validate()
			require.ErrorIs(t, err, refused.want)
			require.ErrorContains(t, err, refused.says)
		})
	}
}
