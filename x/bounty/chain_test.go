package bounty_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const bountyAmount = 30_000_000

// newBountyChain has two accounts and three seated supernodes with an engine each, whom
// nothing but bounties pays.
func newBountyChain(t *testing.T) *chaintest.Chain {
	t.Helper()
	chain := chaintest.New(t, chaintest.Config{
		Accounts: 2, Supernodes: 3, NoAllocation: true,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
				s.Params.ClaimWindowBlocks = 20
				return nil
			}))
		},
	})
	chain.Blocks(1)
	chain.PublishVaultKey()
	for _, node := range chain.Supernodes {
		chain.Run(chain.Sign(node.Sidecar, node.RegisterEngine("av")))
	}
	return chain
}

func post(chain *chaintest.Chain, kind types.BountyKind, target string) []byte {
	funder := chain.Accounts[0]
	chain.Run(chain.Sign(funder, &types.MsgPostBounty{
		Funder: funder.Address.String(), Kind: kind, Target: target,
		Amount: sdk.NewInt64Coin(types.Denom, bountyAmount), DurationSeconds: 24 * 60 * 60,
	}))
	return types.BountyID(kind, target, funder.Address)
}

// scan runs the next round; each supernode says what is given, and that all samples match
// the bounties.
func scan(t *testing.T, chain *chaintest.Chain, said []verdictstypes.Category, bounties ...[]byte) {
	t.Helper()
	var open []uint64
	for range 10 {
		require.NoError(t, chain.App.VerdictsKeeper.OpenRounds.Walk(chain.Context(), nil, func(number uint64) (bool, error) {
			open = append(open, number)
			return false, nil
		}))
		if len(open) > 0 {
			break
		}
		chain.Blocks(1)
	}
	require.Len(t, open, 1)
	round, err := chain.App.VerdictsKeeper.Round(chain.Context(), open[0])
	require.NoError(t, err)
	var commits, reveals [][]byte
	for i, node := range chain.Supernodes {
		answers := chaintest.Answers(int(round.Samples), func(int) verdictstypes.Answer {
			return verdictstypes.Answer{Category: said[i], Confidence: 10}
		})
		features := verdictstypes.NewFeatureVector(make([]string, round.Samples))
		for _, bounty := range bounties {
			features.Matches = append(features.Matches, verdictstypes.BountyMatch{Bounty: bounty, Samples: []uint32{0}})
		}
		attestation := verdictstypes.NewAttestation(
			[]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("av", "1", nil, 0, answers)}, features)
		commits = append(commits, chain.SignFree(node.Sidecar, 10_000_000, node.Commit(round.Number, attestation)))
		reveals = append(reveals, chain.SignFree(node.Sidecar, 10_000_000, node.Reveal(round.Number, attestation)))
	}
	chain.Run(commits...)
	chain.Run(reveals...)
	chain.Blocks(3)
}

func balance(chain *chaintest.Chain, address sdk.AccAddress) math.Int {
	return chain.App.BankKeeper.GetBalance(chain.Context(), address, types.Denom).Amount
}

func requireNoBounty(t *testing.T, chain *chaintest.Chain, id []byte) {
	t.Helper()
	running, err := chain.App.BountyKeeper.Bounties.Has(chain.Context(), id)
	require.NoError(t, err)
	require.False(t, running)
	require.True(t, balance(chain, types.EscrowAddress(id)).IsZero())
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
}

// A sample that was judged once is scanned again for a bounty, and who is right is paid.
func TestBountyOnASampleThroughTheChain(t *testing.T) {
	chain := newBountyChain(t)
	submitted := chaintest.Submissions("asked about", 1, 1)
	chain.Run(chain.Sign(chain.Accounts[1], chain.Accounts[1].Submit(submitted...)))
	mal, clean := verdictstypes.CATEGORY_MALICIOUS, verdictstypes.CATEGORY_UNDETECTED
	scan(t, chain, []verdictstypes.Category{clean, clean, clean})

	id := post(chain, types.BOUNTY_KIND_SAMPLE, hex.EncodeToString(submitted[0].Sha256))
	scan(t, chain, []verdictstypes.Category{mal, mal, clean})
	chain.RequireRoundTrip()
	supply := chain.App.BankKeeper.GetSupply(chain.Context(), types.Denom)
	before := balance(chain, chain.Accounts[0].Address)
	chain.BlockAfter(24 * time.Hour)
	requireNoBounty(t, chain, id)

	paid := math.ZeroInt()
	for i, node := range chain.Supernodes {
		rewards := balance(chain, supernodetypes.RewardsAddress(node.Operator.Address))
		require.Equal(t, i < 2, rewards.IsPositive(), "supernode %d has %s", i, rewards)
		paid = paid.Add(rewards)
	}
	dust := balance(chain, chain.Accounts[0].Address).Sub(before)
	require.Equal(t, math.NewInt(bountyAmount), paid.Add(dust))
	require.True(t, dust.LT(math.NewInt(2)), "dust is %s", dust)
	require.Equal(t, supply, chain.App.BankKeeper.GetSupply(chain.Context(), types.Denom))
}

func TestWantedSampleThroughTheChain(t *testing.T) {
	chain := newBountyChain(t)
	finder := chain.Accounts[1]
	id := post(chain, types.BOUNTY_KIND_YARA, "rule wanted { condition: true }")
	chain.Run(chain.Sign(finder, finder.Submit(chaintest.Submissions("wanted", 1, 1)...)))
	mal := verdictstypes.CATEGORY_MALICIOUS
	scan(t, chain, []verdictstypes.Category{mal, mal, mal}, id)
	chain.RequireRoundTrip() // with the match in its queue
	before := balance(chain, finder.Address)
	chain.Blocks(20)
	requireNoBounty(t, chain, id)
	require.Equal(t, before.AddRaw(bountyAmount), balance(chain, finder.Address))
}
