package cmd_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/privval"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// newHome is a home with a genesis that starts when chaintest's chains do.
func newHome(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	mustRun(t, home, "init", "node", "--chain-id", chaintest.ChainID)
	_, doc := readGenesis(t, home)
	doc.GenesisTime = chaintest.StartTime
	require.NoError(t, doc.SaveAs(genesisFile(home)))
	return home
}

func genesisFile(home string) string { return filepath.Join(home, "config", "genesis.json") }

func writePlan(t *testing.T, plan allocation.Plan) string {
	t.Helper()
	bz, err := json.Marshal(plan)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "plan.json")
	require.NoError(t, os.WriteFile(path, bz, 0o600))
	return path
}

// addresses replaces the names in a plan by the addresses of accounts that sign in tests.
func addresses(plan allocation.Plan) allocation.Plan {
	for _, part := range []allocation.Part{plan.Sale, plan.Developers, plan.Supporters} {
		for i, account := range part.Accounts {
			part.Accounts[i].Address = chaintest.NewAccount(account.Address).Address.String()
		}
	}
	return plan
}

// What `--example` prints is a plan that the tool takes, with names of keys in it.
func TestAllocateExample(t *testing.T) {
	home := newHome(t)
	keyring := []string{"--keyring-backend", "test"}
	example := mustRun(t, home, "genesis", "allocate", "--example")
	path := filepath.Join(home, "plan.json")
	require.NoError(t, os.WriteFile(path, []byte(example), 0o600))
	_, err := vmtd(t, home, append([]string{"genesis", "allocate", path}, keyring...)...)
	require.ErrorContains(t, err, `sale.accounts[0].address: "validator" is neither an address nor a key`)
	for _, name := range []string{"validator", "supernode-operator", "lead-developer", "engine-developer", "first-supporter"} {
		mustRun(t, home, append([]string{"keys", "add", name}, keyring...)...)
	}
	// The example's vesting ends before the tests' chains start.
	plan, err := allocation.ParsePlan(bytes.NewReader([]byte(example)))
	require.NoError(t, err)
	plan.Developers.Accounts[0].End = plan.Developers.Accounts[0].Start.AddDate(10, 0, 0)
	plan.Developers.Accounts[1].End = plan.Developers.Accounts[0].End
	plan.Supporters.Accounts[0].End = plan.Developers.Accounts[0].End
	out := mustRun(t, home, append([]string{"genesis", "allocate", writePlan(t, plan)}, keyring...)...)
	require.Regexp(t, `(?m)^contribution +60 +600000000 *$`, out)
	require.Regexp(t, `(?m)^  module account market +19\.898 +198980000 *$`, out)
	mustRun(t, home, "genesis", "validate")
}

func TestAllocateRefuses(t *testing.T) {
	home := newHome(t)
	before, err := os.ReadFile(genesisFile(home))
	require.NoError(t, err)
	for _, test := range []struct {
		name   string
		change func(*allocation.Plan)
		want   string
	}{
		{"contributors without the majority", func(p *allocation.Plan) { p.Contribution, p.Community = "50%", "15%" }, "majority"},
		{"a wrong sum", func(p *allocation.Plan) { p.Community = "6%" }, "sums up to"},
		{"an address twice", func(p *allocation.Plan) { p.Sale.Accounts[1].Address = p.Sale.Accounts[0].Address }, "twice"},
		{"times that are none", func(p *allocation.Plan) { p.Developers.Accounts[0].End = chaintest.StartTime }, "vesting_end"},
		{"another denomination", func(p *allocation.Plan) { p.Community = "50000000000000uatom" }, `"uatom" is not uvmt`},
		{"a key that is not there", func(p *allocation.Plan) { p.Sale.Accounts[0].Address = "nobody" }, "neither an address nor a key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := addresses(allocation.Example(chaintest.StartTime))
			test.change(&plan)
			_, err := vmtd(t, home, "genesis", "allocate", writePlan(t, plan), "--keyring-backend", "test")
			require.ErrorContains(t, err, test.want)
			after, err := os.ReadFile(genesisFile(home))
			require.NoError(t, err)
			require.Equal(t, string(before), string(after), "a refused plan leaves the file as it was")
		})
	}
	_, err = vmtd(t, home, "genesis", "allocate")
	require.ErrorContains(t, err, "accepts 1 arg")
	_, err = vmtd(t, home, "genesis", "allocate", "plan.json", "--example")
	require.ErrorContains(t, err, "unknown command")
	_, err = vmtd(t, home, "genesis", "allocate", filepath.Join(home, "none.json"))
	require.ErrorContains(t, err, "no such file")

	plan := writePlan(t, addresses(allocation.Example(chaintest.StartTime)))
	stranger := chaintest.NewAccount("stranger").Address.String()
	mustRun(t, home, "genesis", "add-genesis-account", stranger, "5uvmt")
	_, err = vmtd(t, home, "genesis", "allocate", plan)
	require.ErrorContains(t, err, stranger+" holds 5uvmt already: accounts come from the plan")
}

// Nothing gets into an allocated genesis beside the plan.
func TestAllocatedGenesisIsComplete(t *testing.T) {
	home := newHome(t)
	plan := writePlan(t, addresses(allocation.Example(chaintest.StartTime)))
	mustRun(t, home, "genesis", "allocate", plan)
	mustRun(t, home, "genesis", "validate")
	_, err := vmtd(t, home, "genesis", "allocate", plan)
	require.ErrorContains(t, err, "has an allocation already")

	mustRun(t, home, "genesis", "add-genesis-account", chaintest.NewAccount("stranger").Address.String(), "5uvmt")
	_, err = vmtd(t, home, "genesis", "validate")
	require.ErrorContains(t, err, "balances of 1000000000000005 and 0 burned make 1000000000000005uvmt, "+
		"want the allocated 1000000000000000: a balance was added or taken away")
	_, err = vmtd(t, t.TempDir(), "genesis", "validate", genesisFile(home))
	require.ErrorContains(t, err, "want the allocated", "also of a file that is named")
}

func TestMove(t *testing.T) {
	home := newHome(t)
	plan := addresses(allocation.Example(chaintest.StartTime))
	of := func(name string) string { return chaintest.NewAccount(name).Address.String() }
	// A developer that also bought some can move these.
	plan.Sale.Accounts[1].Address = of("lead-developer")
	mustRun(t, home, "genesis", "allocate", writePlan(t, plan))
	before, err := os.ReadFile(genesisFile(home))
	require.NoError(t, err)
	market := authtypes.NewModuleAddress(app.SaleAccount).String()
	for _, test := range []struct{ name, from, to, amount, want string }{
		{"from nobody", "nobody", of("validator"), "1uvmt", `from: "nobody" is neither`},
		{"to nobody", of("validator"), "nobody", "1uvmt", `to: "nobody" is neither`},
		{"from an empty account", of("stranger"), of("validator"), "1uvmt", "has no balance in genesis"},
		{"from the unsold", market, of("validator"), "1uvmt", market + " is a module account"},
		{"to the unsold", of("validator"), market, "1uvmt", market + " is a module account"},
		{"nowhere", of("validator"), of("validator"), "1uvmt", "would stay"},
		{"nothing", of("validator"), of("stranger"), "0uvmt", "want a positive amount of uvmt"},
		{"another denomination", of("validator"), of("stranger"), "1uatom", "want a positive amount of uvmt"},
		{"more than there is", of("validator"), of("stranger"), "1000000000001uvmt", "has 1000000000000uvmt in genesis, not 1000000000001uvmt"},
		{"what vests", of("first-supporter"), of("stranger"), "1uvmt", "of which 50000000000000uvmt vest, so 1uvmt are not free"},
		{"more than is free", of("lead-developer"), of("stranger"), "20000000001uvmt", "of which 62500000000000uvmt vest, so 20000000001uvmt are not free"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := vmtd(t, home, "genesis", "move", test.from, test.to, test.amount, "--keyring-backend", "test")
			require.ErrorContains(t, err, test.want)
			after, err := os.ReadFile(genesisFile(home))
			require.NoError(t, err)
			require.Equal(t, string(before), string(after))
		})
	}
	mustRun(t, home, "genesis", "move", of("lead-developer"), of("stranger"), "20000000000uvmt")
	mustRun(t, home, "genesis", "move", of("stranger"), of("validator"), "1uvmt")
	mustRun(t, home, "genesis", "validate")
	cdc := newCodec(t)
	state, _ := readGenesis(t, home)
	balances := make(map[string]string)
	for _, balance := range banktypes.GetGenesisStateFromAppState(cdc, state).Balances {
		balances[balance.Address] = balance.Coins.String()
	}
	require.Equal(t, "62500000000000uvmt", balances[of("lead-developer")])
	require.Equal(t, "19999999999uvmt", balances[of("stranger")])
	require.Equal(t, "1000000000001uvmt", balances[of("validator")])
	auth := authtypes.GetGenesisStateFromAppState(cdc, state)
	accounts, err := authtypes.UnpackAccounts(auth.Accounts)
	require.NoError(t, err)
	require.True(t, accounts.Contains(chaintest.NewAccount("stranger").Address))
}

func newCodec(t *testing.T) codec.Codec {
	t.Helper()
	return app.New(log.NewNopLogger(), dbm.NewMemDB(), false, chaintest.Options{flags.FlagHome: t.TempDir()}).Codec
}

// startChain runs the first block of a home's genesis as a chain that the home's validator signs.
func startChain(t *testing.T, home string) *chaintest.Chain {
	t.Helper()
	state, doc := readGenesis(t, home)
	params := doc.Consensus.Params.ToProto()
	validator := privval.LoadFilePV(
		filepath.Join(home, "config", "priv_validator_key.json"), filepath.Join(home, "data", "priv_validator_state.json"))
	key, ok := validator.Key.PrivKey.(ed25519.PrivKey)
	require.True(t, ok)
	genesis := &chaintest.Genesis{State: state, Validators: []ed25519.PrivKey{key}, Consensus: &params}
	chain := genesis.Start(t, nil, nil)
	chain.Blocks(1)
	return chain
}

// A network from its plan: everybody has what the plan says, nobody more, and what vests
// can secure the chain but not be sold.
func TestAllocatedChain(t *testing.T) {
	home := newHome(t)
	keyring := []string{"--keyring-backend", "test"}
	for _, key := range []string{"validator", "operator", "sidecar"} {
		mustRun(t, home, append([]string{"keys", "add", key}, keyring...)...)
	}
	plan := allocation.Example(chaintest.StartTime)
	developer := chaintest.NewAccount("lead-developer")
	// Fees are paid with coins that are free.
	plan.Sale.Accounts = []allocation.Account{
		{Address: "validator", Amount: "1000000000000uvmt"},
		{Address: "operator", Amount: "20000000000uvmt"},
		{Address: developer.Address.String(), Amount: "1000000uvmt"},
	}
	plan.Developers.Accounts[0].Address = developer.Address.String()
	plan.Developers.Accounts[1].Address = chaintest.NewAccount("engine-developer").Address.String()
	plan.Supporters.Accounts[0].Address = chaintest.NewAccount("first-supporter").Address.String()
	mustRun(t, home, append([]string{"genesis", "allocate", writePlan(t, plan)}, keyring...)...)
	mustRun(t, home, append([]string{"genesis", "move", "validator", "sidecar", "5000000uvmt"}, keyring...)...)
	mustRun(t, home, append([]string{"genesis", "gentx", "validator", "50000000000uvmt", "--chain-id", chaintest.ChainID}, keyring...)...)
	mustRun(t, home, "genesis", "collect-gentxs")

	identity, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	register := func(operator string) error {
		_, err := vmtd(t, home, append([]string{
			"genesis", "add-supernode", operator, "10000000000uvmt", "--sidecar", "sidecar", "--moniker", "first",
			"--recipient", identity.Recipient().String(), "--endpoint", "https://supernode.example",
		}, keyring...)...)
		return err
	}
	require.ErrorContains(t, register(developer.Address.String()), "are not free", "a bond that vests could not be slashed")
	require.NoError(t, register("operator"))
	mustRun(t, home, "genesis", "validate")

	chain := startChain(t, home)
	ctx := chain.Context()
	balance := func(address sdk.AccAddress) string {
		return chain.App.BankKeeper.GetBalance(chain.Context(), address, app.Denom).Amount.String()
	}
	require.Equal(t, bountytypes.TotalSupply, chain.App.BankKeeper.GetSupply(ctx, app.Denom).Amount)
	require.Equal(t, "600000000000000", balance(authtypes.NewModuleAddress(bountytypes.ModuleName)))
	require.Equal(t, "198979999000000", balance(authtypes.NewModuleAddress(app.SaleAccount)))
	require.Equal(t, "62500001000000", balance(developer.Address))
	pool, err := chain.App.DistributionKeeper.FeePool.Get(ctx)
	require.NoError(t, err)
	require.Equal(t, "50000000000000", pool.CommunityPool.AmountOf(app.Denom).TruncateInt().String())
	metadata, found := chain.App.BankKeeper.GetDenomMetaData(ctx, app.Denom)
	require.True(t, found)
	require.Equal(t, app.DisplayDenom, metadata.Symbol)
	seats, err := chain.App.SupernodeKeeper.Seats(ctx, 1)
	require.NoError(t, err)
	require.Len(t, seats, 1)
	require.Equal(t, "10000000000", balance(supernodetypes.BondAddress(sdk.MustAccAddressFromBech32(seats[0].Operator))))

	validators, err := chain.App.StakingKeeper.GetBondedValidatorsByPower(ctx)
	require.NoError(t, err)
	require.Len(t, validators, 1)
	stranger := chaintest.NewAccount("stranger").Address
	send := banktypes.NewMsgSend(developer.Address, stranger, sdk.NewCoins(sdk.NewInt64Coin(app.Denom, 2_000_000)))
	delegate := stakingtypes.NewMsgDelegate(developer.Address.String(), validators[0].OperatorAddress,
		sdk.NewInt64Coin(app.Denom, 40_000_000_000_000))
	result := chain.Block(chain.Sign(developer, send)).TxResults[0]
	require.NotZero(t, result.Code)
	require.Contains(t, result.Log, "insufficient funds")
	chain.Run(chain.Sign(developer, delegate))
	year := 365 * 24 * time.Hour
	chain.BlockAfter(year - time.Hour)
	require.NotZero(t, chain.Block(chain.Sign(developer, send)).TxResults[0].Code, "the cliff is not reached")
	chain.BlockAfter(time.Hour)
	chain.Run(chain.Sign(developer, send))
	require.Equal(t, "2000000", balance(stranger))

	require.NoError(t, chain.App.CheckInvariants(chain.Context()))
	require.Equal(t, bountytypes.TotalSupply, chain.App.BankKeeper.GetSupply(chain.Context(), app.Denom).Amount)
	chain.RequireRoundTrip()
}
