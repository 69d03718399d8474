package market

import (
	"fmt"
	"testing"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// TestSale60: a tranche of the whole sale of which 60 % are sold. What was not sold is
// burned at its end, to the last unit and once, also when the chain goes on from an export.
func TestSale60(t *testing.T) {
	const (
		buyers  = 6
		amount  = 199_999_999_999_999 // not divisible by anything convenient
		price   = 333_333             // of 1 VMT
		saleEnd = 100
	)
	each := math.NewInt(amount).MulRaw(6).QuoRaw(10 * buyers)
	genesis := saleGenesis(t, buyers)
	chain := genesis.Start(t, nil, nil)
	chain.Blocks(1)
	authority, proceeds := chain.Accounts[0], chaintest.NewAccount("proceeds")
	supply := func() math.Int { return chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom).Amount }
	balance := func(address sdk.AccAddress, denom string) math.Int {
		return chain.App.BankKeeper.GetBalance(chain.Context(), address, denom).Amount
	}
	before, reserve := supply(), balance(authtypes.NewModuleAddress(markettypes.ModuleName), app.Denom)

	chain.Run(chain.Sign(authority, &markettypes.MsgCreateTranche{
		Authority: authority.Address.String(), Title: "the whole sale",
		Amount: math.NewInt(amount), Cap: each, Price: math.NewInt(price), PayDenom: chaintest.PayDenom,
		StartTime: chain.Time.Unix(), EndTime: chain.Time.Unix() + saleEnd, Proceeds: proceeds.Address.String(),
	}))
	var tranche []byte
	require.NoError(t, chain.App.MarketKeeper.Tranches.Walk(chain.Context(), nil, func(id []byte, _ markettypes.Tranche) (bool, error) {
		tranche = id
		return false, nil
	}))
	buy := func(buyer *chaintest.Account, amount math.Int) []byte {
		return chain.Sign(buyer, &markettypes.MsgBuyTokens{
			Buyer: buyer.Address.String(), Tranche: tranche, Amount: sdk.NewCoin(app.Denom, amount),
		})
	}
	var txs [][]byte
	for _, buyer := range chain.Accounts[1:] {
		txs = append(txs, buy(buyer, each))
	}
	chain.Run(txs...)
	refused := chain.Block(buy(chain.Accounts[1], math.OneInt())).TxResults[0]
	require.Contains(t, refused.Log, markettypes.ErrAccountCap.Error())
	require.Equal(t, before, supply(), "nothing burns before the end")
	chain.RequireRoundTrip()

	chain.BlockAfter(saleEnd * time.Second)
	sold := each.MulRaw(buyers)
	burned := before.Sub(supply())
	require.Equal(t, math.NewInt(amount).Sub(sold), burned)
	require.Equal(t, reserve.SubRaw(amount), balance(authtypes.NewModuleAddress(markettypes.ModuleName), app.Denom))
	require.True(t, balance(markettypes.TrancheAddress(tranche), app.Denom).IsZero())
	paid := balance(proceeds.Address, chaintest.PayDenom)
	one := each.MulRaw(price).AddRaw(999_999).QuoRaw(1_000_000)
	require.Equal(t, one.MulRaw(buyers), paid, "each pays its part, rounded up")
	refused = chain.Block(buy(chain.Accounts[2], math.OneInt())).TxResults[0]
	require.Contains(t, refused.Log, markettypes.ErrTrancheClosed.Error())
	chain.Blocks(5)
	require.Equal(t, before.Sub(burned), supply(), "it burns once")
	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	chain.RequireRoundTrip()

	arena.Show("sale_amount_uvmt", math.NewInt(amount))
	arena.Show("sale_sold_uvmt", sold)
	arena.Show("sale_burned_uvmt", burned)
	arena.Show("sale_proceeds", paid)
	arena.Bound(t, "sale_sold_share", vmt(sold)/vmt(math.NewInt(amount)), 0.6-1e-9, 0.6)
	arena.Bound(t, "sale_unaccounted_uvmt", float64(math.NewInt(amount).Sub(sold).Sub(burned).Int64()), 0, 0)
}

// saleGenesis is one whose first account may put up tranches, and whose others can pay.
func saleGenesis(t *testing.T, buyers int) *chaintest.Genesis {
	t.Helper()
	genesis := chaintest.NewGenesis(t, chaintest.Config{Accounts: 1 + buyers, Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, banktypes.ModuleName, func(s *banktypes.GenesisState) error {
			for i := range buyers {
				buyer := chaintest.NewAccount(fmt.Sprintf("account %d", 1+i)).Address.String()
				for j, balance := range s.Balances {
					if balance.Address == buyer {
						s.Balances[j].Coins = balance.Coins.Add(sdk.NewInt64Coin(chaintest.PayDenom, 1_000_000_000_000_000))
					}
				}
			}
			return nil
		}))
	}})
	genesis.Consensus.Authority = &cmtproto.AuthorityParams{Authority: genesis.Accounts[0].Address.String()}
	return genesis
}
