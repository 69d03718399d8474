package keeper_test

import (
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/market/types"
)

// ends are the ends of tranches that a block tells of.
func (c *saleChain) ends(block *abci.ResponseFinalizeBlock) []*types.EventTrancheEnded {
	return blockEvents[*types.EventTrancheEnded](c.t, block.Events)
}

// requireBurnedOnce lets time and blocks pass, a restart and another export among them:
// nothing more is burned.
func (c *saleChain) requireBurnedOnce(tranche types.Tranche, supply int64) {
	c.t.Helper()
	require.Equal(c.t, supply-onSale*4/10, c.supply(), "exactly the unsold 40 %% are gone")
	require.True(c.t, c.stored(tranche).Ended)
	require.Zero(c.t, c.balance(types.TrancheAddress(tranche.Id), types.Denom))
	for range 3 {
		require.Empty(c.t, c.ends(c.BlockAfter(time.Hour)))
	}
	c.Reopen()
	require.Empty(c.t, c.ends(c.BlockAfter(time.Hour)))
	moved := c.move()
	require.Empty(c.t, moved.ends(moved.BlockAfter(time.Hour)))
	for _, chain := range []*saleChain{c, moved} {
		require.Equal(c.t, supply-onSale*4/10, chain.supply())
		require.Equal(c.t, math.NewInt(onSale*6/10), chain.stored(tranche).Sold)
		chain.requireSound()
	}
}

func TestUnsoldRestIsBurnedOnce(t *testing.T) {
	for name, end := range map[string]func(c *saleChain, tranche types.Tranche) *saleChain{
		"in the block of its end": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime - 1)
			require.False(c.t, c.stored(tranche).Ended)
			require.Equal(c.t, onSale*4/10, c.balance(types.TrancheAddress(tranche.Id), types.Denom))
			ends := c.ends(c.Block())
			require.Len(c.t, ends, 1)
			require.Equal(c.t, &types.EventTrancheEnded{Tranche: tranche.Id, Sold: "600000000", Burned: "400000000"}, ends[0])
			return c
		},
		"in a block long after": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime + 1_000_000)
			return c
		},
		"after a restart": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime - 1)
			c.Reopen()
			c.until(tranche.EndTime)
			return c
		},
		"in a block that was lost and is run again": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime - 1)
			height, at := c.Height, c.Time
			require.Len(c.t, c.ends(c.Finalize(time.Second)), 1)
			c.Height, c.Time = height, at // the node stops before it commits
			c.Reopen()
			c.until(tranche.EndTime)
			return c
		},
		"on a chain that goes on from before": func(c *saleChain, tranche types.Tranche) *saleChain {
			moved := c.move()
			moved.until(tranche.EndTime - 1)
			require.False(c.t, moved.stored(tranche).Ended)
			moved.until(tranche.EndTime)
			return moved
		},
		"on a chain that goes on right at the end": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime - 1)
			moved := c.move()
			moved.until(tranche.EndTime)
			return moved
		},
		"on a chain that starts long after": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime - 1)
			c.Time = time.Unix(tranche.EndTime+500, 0)
			moved := c.move()
			moved.until(tranche.EndTime + 501)
			return moved
		},
		"before the chain goes on elsewhere": func(c *saleChain, tranche types.Tranche) *saleChain {
			c.until(tranche.EndTime)
			moved := c.move()
			require.Empty(c.t, moved.ends(moved.Block()))
			return moved
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newSaleChain(t)
			tranche, paid := c.sellSixtyPercent()
			supply := c.supply()
			ended := end(c, tranche)
			ended.requireBurnedOnce(tranche, supply)
			if ended == c {
				require.Equal(t, paid, c.balance(saleProceeds(), payDenom))
			}
			err := ended.tryBuy(ended.Time.Unix(), ended.buying(1, tranche, 1))
			require.ErrorIs(t, err, types.ErrTrancheClosed)
		})
	}
}

// An end that fails is not lost, and harms no other.
func TestFailedEndIsTriedAgain(t *testing.T) {
	c := newSaleChain(t)
	terms := c.terms()
	sound := c.open(terms)
	terms.Title = "without its coins"
	broken := c.open(terms)
	send := func(from, to sdk.AccAddress) {
		coins := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))
		require.NoError(t, c.App.BankKeeper.SendCoins(c.App.CommitContext(), from, to, coins))
	}
	thief := c.Genesis.Accounts[1].Address
	send(types.TrancheAddress(broken.Id), thief)
	c.Blocks(1)
	supply := c.supply()
	c.BlockAfter(time.Duration(saleSeconds) * time.Second)
	require.True(t, c.stored(sound).Ended)
	require.False(t, c.stored(broken).Ended)
	require.Equal(t, supply-onSale, c.supply())

	send(thief, types.TrancheAddress(broken.Id))
	c.Blocks(1)
	require.False(t, c.stored(broken).Ended, "it waits")
	c.BlockAfter(100 * time.Second)
	require.True(t, c.stored(broken).Ended)
	require.Equal(t, supply-2*onSale, c.supply())
	c.requireSound()
}

func TestSaleMovesToAnotherChain(t *testing.T) {
	c := newSaleChain(t)
	c.sellSixtyPercent()
	ended := c.terms()
	ended.Title, ended.EndTime = "ends soon", ended.StartTime+2
	c.open(ended)
	c.Blocks(3)
	gs, err := c.App.MarketKeeper.ExportGenesis(c.Context())
	require.NoError(t, err)
	require.Len(t, gs.Tranches, 2)
	require.Len(t, gs.Purchases, 3)
	require.NoError(t, gs.Validate())

	moved := c.move()
	ctx := moved.App.GetContextForFinalizeBlock(nil)
	require.NoError(t, moved.App.MarketKeeper.SaleInvariant(ctx), "an ended tranche waits for nothing")
	again, err := moved.App.MarketKeeper.ExportGenesis(ctx)
	require.NoError(t, err)
	first, err := gs.Marshal()
	require.NoError(t, err)
	second, err := again.Marshal()
	require.NoError(t, err)
	require.Equal(t, first, second)
	moved.Blocks(1)
	moved.requireSound()

	// A chain whose bank has not got the coins is refused.
	open := slices.IndexFunc(gs.Tranches, func(t types.Tranche) bool { return !t.Ended })
	ctx = c.Context()
	require.NoError(t, c.App.BankKeeper.SendCoins(ctx, types.TrancheAddress(gs.Tranches[open].Id),
		c.Genesis.Accounts[1].Address, sdk.NewCoins(sdk.NewInt64Coin(types.Denom, 1))))
	require.ErrorIs(t, c.App.MarketKeeper.InitGenesis(ctx, *gs), types.ErrInvariant)
}

// The module account has the part of the sale from the start, and may burn but not mint.
func TestReserveIsThePartOfTheSale(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{})
	chain.Blocks(1)
	market := authtypes.NewModuleAddress(types.ModuleName)
	account, ok := chain.App.AccountKeeper.GetAccount(chain.Context(), market).(sdk.ModuleAccountI)
	require.True(t, ok)
	require.Equal(t, []string{authtypes.Burner}, account.GetPermissions())

	// Nobody else has got anything of it here but the accounts of the test.
	allocation := bountytypes.DefaultAllocation()
	others := math.ZeroInt()
	chain.App.BankKeeper.IterateAllBalances(chain.Context(), func(of sdk.AccAddress, coin sdk.Coin) bool {
		if !of.Equals(market) {
			others = others.Add(coin.Amount)
		}
		return false
	})
	reserve := chain.App.BankKeeper.GetBalance(chain.Context(), market, types.Denom).Amount
	require.Equal(t, bountytypes.TotalSupply, reserve.Add(others))
	require.True(t, reserve.GTE(allocation.Sale), "the sale has %s of %s", reserve, allocation.Sale)
}

// Governance puts up a tranche: a proposal, a vote, and it is there. One that asks for more
// than the reserve fails and leaves nothing.
func TestGovernancePutsUpATranche(t *testing.T) {
	chain := chaintest.New(t, chaintest.Config{Accounts: 1})
	chain.Blocks(1)
	params, err := chain.App.GovKeeper.Params.Get(chain.Context())
	require.NoError(t, err)
	proposer, voter := chain.Accounts[0], chaintest.NewAccount("validator operator 0")
	reserve := func() math.Int {
		return chain.App.BankKeeper.GetBalance(chain.Context(), authtypes.NewModuleAddress(types.ModuleName), types.Denom).Amount
	}
	before := reserve()
	start := chain.Time.Add(*params.VotingPeriod).Unix()
	terms := func(title string, amount math.Int) *types.MsgCreateTranche {
		return &types.MsgCreateTranche{
			Authority: authtypes.NewModuleAddress(govtypes.ModuleName).String(), Title: title,
			Amount: amount, Price: math.NewInt(salePrice), PayDenom: payDenom,
			StartTime: start, EndTime: start + 24*60*60, Cap: math.NewInt(saleCap), Proceeds: saleProceeds().String(),
		}
	}
	propose := func(id uint64, msg *types.MsgCreateTranche) {
		proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{msg}, params.MinDeposit, proposer.Address.String(), "", msg.Title, "a part of the sale", false)
		require.NoError(t, err)
		chain.Run(chain.Sign(proposer, proposal))
		chain.Run(chain.Sign(voter, govv1.NewMsgVote(voter.Address, id, govv1.OptionYes, "")))
	}
	accepted, greedy := terms("first tranche", math.NewInt(onSale)), terms("too much", before.AddRaw(1))
	propose(1, accepted)
	propose(2, greedy)
	require.Equal(t, before, reserve(), "nothing happens before the votes are counted")
	chain.BlockAfter(*params.VotingPeriod)

	for id, want := range map[uint64]govv1.ProposalStatus{1: govv1.StatusPassed, 2: govv1.StatusFailed} {
		proposal, err := chain.App.GovKeeper.Proposals.Get(chain.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, proposal.Status, proposal.FailedReason)
	}
	tranche, err := types.NewTranche(accepted)
	require.NoError(t, err)
	stored, err := chain.App.MarketKeeper.Tranches.Get(chain.Context(), tranche.Id)
	require.NoError(t, err)
	require.Equal(t, tranche, stored)
	queued, err := chain.App.MarketKeeper.TrancheEnds.Has(chain.Context(), collections.Join(tranche.EndTime, tranche.Id))
	require.NoError(t, err)
	require.True(t, queued)
	require.Equal(t, before.SubRaw(onSale), reserve())
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	chain.RequireRoundTrip()

	// Nobody bought, so all of it is burned, and what comes out of the chain knows of it.
	chain.BlockAfter(24 * time.Hour)
	supply := chain.App.BankKeeper.GetSupply(chain.Context(), types.Denom).Amount
	require.Equal(t, bountytypes.TotalSupply.SubRaw(onSale), supply)
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	chain.RequireRoundTrip()
}
