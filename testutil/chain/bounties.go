package chaintest

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// boundBounties lets bounties end, and their limits be met, within a simulation.
func boundBounties(cdc codec.Codec, state app.GenesisState) error {
	return app.EditGenesis(cdc, state, bountytypes.ModuleName, func(s *bountytypes.GenesisState) error {
		s.Params.MinBounty.Amount = s.Params.BountyFee.Amount
		s.Params.MinBountySeconds, s.Params.MaxBountySeconds = 20, 120
		s.Params.MaxWanted, s.Params.MaxFunders, s.Params.MaxBountiesPerBlock = 12, 3, 1
		// Nobody reports sightings; contributors earn without.
		s.Params.SightingsFull, s.Params.ClaimWindowSeconds = 0, 600
		return nil
	})
}

// postBounty now and then wants what is refused.
func (s *Simulation) postBounty() []byte {
	account := s.account()
	kind, target := s.bountyTarget()
	msg := &bountytypes.MsgPostBounty{
		Funder: account.Address.String(), Kind: kind, Target: target,
		Amount: sdk.NewInt64Coin(app.Denom, 1_000_000+s.rand.Int63n(10_000_000)), DurationSeconds: 20 + uint64(s.rand.Intn(100)),
	}
	if kind.Wanted() {
		msg.Stage = uint32(s.rand.Intn(4)) // one more than there are
	}
	switch s.rand.Intn(12) {
	case 0:
		msg.Target = strings.ToUpper(target)
	case 1:
		msg.Amount = s.coin(1_000_000)
	case 2:
		msg.DurationSeconds = uint64(s.rand.Intn(20))
	case 3:
		msg.Kind = bountytypes.BountyKind(s.rand.Intn(6))
	}
	return s.sign(account, msg)
}

// bountyTarget is one of few, so that several accounts want the same.
func (s *Simulation) bountyTarget() (bountytypes.BountyKind, string) {
	number := s.rand.Intn(8)
	switch s.rand.Intn(4) {
	case 0:
		return bountytypes.BOUNTY_KIND_HASH, fmt.Sprintf("%040x", number)
	case 1:
		return bountytypes.BOUNTY_KIND_FAMILY, fmt.Sprintf("family-%d", number)
	case 2:
		return bountytypes.BOUNTY_KIND_YARA, fmt.Sprintf("rule r%d {\n\tcondition: true\n}\n", number)
	default:
		return bountytypes.BOUNTY_KIND_SAMPLE, hex.EncodeToString(s.hash())
	}
}

// topUpBounty adds to a running bounty if there is one, now and then too little.
func (s *Simulation) topUpBounty() []byte {
	account := s.account()
	amount := sdk.NewInt64Coin(app.Denom, 1_000_000+s.rand.Int63n(10_000_000))
	if s.rand.Intn(6) == 0 {
		amount = s.coin(1_000_000)
	}
	return s.sign(account, &bountytypes.MsgTopUpBounty{Funder: account.Address.String(), Id: s.runningBounty(), Amount: amount})
}

// runningBounty is the id of a random bounty, or of none.
func (s *Simulation) runningBounty() []byte {
	id, seen := make([]byte, 32), 0
	err := s.App.BountyKeeper.Bounties.Walk(s.Context(), nil, func(running []byte, _ bountytypes.Bounty) (bool, error) {
		if seen++; s.rand.Intn(seen) == 0 {
			id = running
		}
		return false, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// wantedMatches says that some members of a round match wanted bounties. It depends on
// nothing else, so that the supernodes agree.
func (s *Simulation) wantedMatches(round verdictstypes.Round) (matches []verdictstypes.BountyMatch) {
	err := s.App.BountyKeeper.Wanted.Walk(s.Context(), nil, func(bounty []byte) (bool, error) {
		match := verdictstypes.BountyMatch{Bounty: bounty}
		for member := range round.Samples {
			if (uint64(member)+round.Number+uint64(bounty[0]))%4 == 0 {
				match.Samples = append(match.Samples, member)
			}
		}
		if len(match.Samples) > 0 {
			matches = append(matches, match)
		}
		return false, nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return matches
}
