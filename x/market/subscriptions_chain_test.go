package market_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market/keeper"
	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	planOfChain   = "plan/basic"
	planEpoch     = 100 * time.Second
	planPeriod    = 60 * time.Second
	planRoyalties = 40_000_000 // of 100 VMT
)

// newPlanChain has a buyer, a contributor and three seated supernodes with an engine each,
// whom nothing but plans pays. Periods and epochs are short.
func newPlanChain(t *testing.T) *chaintest.Chain {
	t.Helper()
	chain := chaintest.New(t, chaintest.Config{
		Accounts: 2, Supernodes: 3, NoAllocation: true, EpochDuration: planEpoch,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(gs *samplestypes.GenesisState) error {
				gs.Params.ClaimWindowBlocks = 20
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, types.ModuleName, func(gs *types.GenesisState) error {
				for i := range gs.Params.Products {
					if product := &gs.Params.Products[i]; product.Id == planOfChain {
						product.PeriodSeconds = uint64(planPeriod / time.Second)
						product.Floor, product.Ceiling = product.InitialPrice, product.InitialPrice
					}
				}
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

// contribute submits a sample through a gateway, which others see as well, and lets two of
// three engines find it malicious: without sightings it would earn nothing.
func contribute(t *testing.T, chain *chaintest.Chain, contributor *chaintest.Account) {
	t.Helper()
	submission := chaintest.Submission([]byte("sold by plans"), 1)
	submission.Contributor = contributor.Address.String()
	gateway := chain.Supernodes[0].Sidecar
	chain.Run(chain.Sign(gateway, gateway.Submit(submission)))
	for _, node := range chain.Supernodes[1:] {
		chain.Run(chain.Sign(node.Sidecar, &bountytypes.MsgReportSightings{
			Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String(),
			Sightings: []bountytypes.Sighted{{Sha256: submission.Sha256, Contributor: sdk.AccAddress("somebody else").String()}},
		}))
	}
	chain.Blocks(2)
	var round uint64
	require.NoError(t, chain.App.VerdictsKeeper.OpenRounds.Walk(chain.Context(), nil, func(open uint64) (bool, error) {
		round = open
		return true, nil
	}))
	require.NotZero(t, round)
	var commits, reveals [][]byte
	for i, node := range chain.Supernodes {
		category := verdictstypes.CATEGORY_MALICIOUS
		if i == 2 {
			category = verdictstypes.CATEGORY_UNDETECTED
		}
		attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{verdictstypes.NewVerdictVector("av", "1", nil, 0,
			[]verdictstypes.Answer{{Category: category, Confidence: 10}})}, verdictstypes.NewFeatureVector([]string{"elf"}))
		attestation.Features.KeySample(0, verdictstypes.SimilarityKeys{{1}})
		commits = append(commits, chain.SignFree(node.Sidecar, chaintest.Gas, node.Commit(round, attestation)))
		reveals = append(reveals, chain.SignFree(node.Sidecar, chaintest.Gas, node.Reveal(round, attestation)))
	}
	chain.Run(commits...)
	chain.Run(reveals...)
	chain.Blocks(22)
}

func planBalance(chain *chaintest.Chain, address sdk.AccAddress) int64 {
	return chain.App.BankKeeper.GetBalance(chain.Context(), address, types.Denom).Amount.Int64()
}

// A plan pays the supernodes at once, and the contributors of its epoch when they claim.
// Every state of it moves to another chain.
func TestPlanThroughTheChain(t *testing.T) {
	chain := newPlanChain(t)
	buyer, contributor := chain.Accounts[0], chain.Accounts[1]
	held := types.PlanAddress(buyer.Address, planOfChain)
	supply := chain.App.BankKeeper.GetSupply(chain.Context(), types.Denom).Amount.Int64()
	chain.Run(chain.Sign(buyer, &types.MsgSubscribe{
		Buyer: buyer.Address.String(), Product: planOfChain, Periods: 3, MaxPrice: sdk.NewInt64Coin(types.Denom, 100_000_000),
	}))
	require.EqualValues(t, 200_000_000, planBalance(chain, held))
	require.EqualValues(t, planRoyalties, planBalance(chain, types.PoolAddress(1)))
	for _, node := range chain.Supernodes {
		require.EqualValues(t, 16_666_666, planBalance(chain, supernodetypes.RewardsAddress(node.Operator.Address)))
	}
	require.EqualValues(t, 10_000_002, supply-chain.App.BankKeeper.GetSupply(chain.Context(), types.Denom).Amount.Int64())
	chain.RequireRoundTrip()

	contribute(t, chain, contributor)
	for chain.Block(); planBalance(chain, held) > 100_000_000; {
		chain.Blocks(1)
	}
	cancelled := planBalance(chain, buyer.Address)
	chain.Run(chain.Sign(buyer, &types.MsgCancelSubscription{Buyer: buyer.Address.String(), Product: planOfChain}))
	require.Zero(t, planBalance(chain, held))
	require.Greater(t, planBalance(chain, buyer.Address), cancelled+99_000_000) // less the fee
	chain.Run(chain.Sign(buyer, &types.MsgRevokeApiKeys{Buyer: buyer.Address.String()}))
	chain.RequireRoundTrip()

	claim := &types.MsgClaimRoyalties{Contributor: contributor.Address.String()}
	refused := chain.Block(chain.Sign(contributor, claim))
	require.NotZero(t, refused.TxResults[0].Code, "the epoch is running")
	chain.Blocks(int(planEpoch / time.Second))
	pool := planBalance(chain, types.PoolAddress(1))
	require.Positive(t, pool)
	chain.Run(chain.Sign(contributor, claim))
	require.Zero(t, planBalance(chain, types.PoolAddress(1)), "all points of the epoch are this contributor's")
	again := chain.Block(chain.Sign(contributor, claim))
	require.NotZero(t, again.TxResults[0].Code)
	chain.RequireRoundTrip()

	shown, err := keeper.NewQueryServer(chain.App.MarketKeeper).Subscriptions(chain.Context(), &types.QuerySubscriptionsRequest{Buyer: buyer.Address.String()})
	require.NoError(t, err)
	require.Empty(t, shown.Subscriptions)
	require.Positive(t, shown.RevokedTime)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
}
