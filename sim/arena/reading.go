package arena

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Opened counts the initial rounds so far.
func (a *Arena) Opened() int {
	opened := 0
	require.NoError(a.T, a.App.VerdictsKeeper.Rounds.Walk(a.Context(), nil, func(_ uint64, round verdictstypes.Round) (bool, error) {
		if round.Kind == verdictstypes.ROUND_KIND_INITIAL {
			opened++
		}
		return false, nil
	}))
	return opened
}

// OpenRounds are the rounds that are not finished.
func (a *Arena) OpenRounds() []verdictstypes.Round {
	var rounds []verdictstypes.Round
	ctx := a.Context()
	require.NoError(a.T, a.App.VerdictsKeeper.OpenRounds.Walk(ctx, nil, func(number uint64) (bool, error) {
		round, err := a.App.VerdictsKeeper.Rounds.Get(ctx, number)
		rounds = append(rounds, round)
		return false, err
	}))
	return rounds
}

// Members are the raw hashes of a round's members in ascending order.
func (a *Arena) Members(round uint64) []string {
	var members []string
	for page := uint32(0); ; page++ {
		hashes, err := a.App.VerdictsKeeper.MemberPages.Get(a.Context(), collections.Join(round, page))
		if err != nil {
			return members
		}
		for ; len(hashes) >= sha256.Size; hashes = hashes[sha256.Size:] {
			members = append(members, string(hashes[:sha256.Size]))
		}
	}
}

// wantedHashes are the running bounties for the hash of a member, as everybody attests.
func (a *Arena) wantedHashes(members []string) []verdictstypes.BountyMatch {
	var matches []verdictstypes.BountyMatch
	require.NoError(a.T, a.App.BountyKeeper.Bounties.Walk(a.Context(), nil, func(id []byte, bounty bountytypes.Bounty) (bool, error) {
		for i, member := range members {
			if bounty.Kind == bountytypes.BOUNTY_KIND_HASH && bounty.Target == hex.EncodeToString([]byte(member)) {
				matches = append(matches, verdictstypes.BountyMatch{Bounty: id, Samples: []uint32{uint32(i)}})
			}
		}
		return false, nil
	}))
	return matches
}

// Points are what a player's engine has earned in all epochs, in samples.
func (a *Arena) Points(p *Player) float64 {
	total := uint64(0)
	a.Records(p, func(record verdictstypes.TrackRecord) { total += record.Points })
	return float64(total) / 1e6
}

// Records visits the track records of a player.
func (a *Arena) Records(p *Player, visit func(verdictstypes.TrackRecord)) {
	require.NoError(a.T, a.App.VerdictsKeeper.Records.Walk(a.Context(), nil, func(_ collections.Triple[sdk.AccAddress, string, uint64], record verdictstypes.TrackRecord) (bool, error) {
		if record.Operator == p.Node.Operator.Address.String() {
			visit(record)
		}
		return false, nil
	}))
}

// Weights is the newest table.
func (a *Arena) Weights() verdictstypes.WeightTable {
	epoch, err := a.App.SupernodeKeeper.CurrentEpoch(a.Context())
	require.NoError(a.T, err)
	table, err := a.App.VerdictsKeeper.Weights.Get(a.Context(), epoch.Number)
	require.NoError(a.T, err)
	return table
}

// Row is the player's engine in a table; empty when it is not in it.
func Row(table verdictstypes.WeightTable, p *Player) verdictstypes.EngineWeight {
	for _, row := range table.Rows {
		if row.Operator == p.Node.Operator.Address.String() {
			return row
		}
	}
	return verdictstypes.EngineWeight{}
}

// Bond is the self-bond of a player.
func (a *Arena) Bond(p *Player) sdk.Coin {
	return a.Balance(supernodetypes.BondAddress(p.Node.Operator.Address))
}

// Balance is what an account has.
func (a *Arena) Balance(address sdk.AccAddress) sdk.Coin {
	return a.App.BankKeeper.GetBalance(a.Context(), address, app.Denom)
}
