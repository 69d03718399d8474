// Package chaintest runs the real application without a network: real keys, real
// signatures, real stores, blocks through FinalizeBlock and Commit. Tests, the
// simulation and the benchmarks build on it.
package chaintest

import (
	"fmt"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// ChainID is the chain id of every chain of this package.
const ChainID = "virusmap-test-1"

// StartTime is the genesis time.
var StartTime = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// Config says what a genesis holds. Zero values give one validator and nothing else.
type Config struct {
	// Accounts is how many funded accounts there are beside those of supernodes.
	Accounts int
	// Balance of each account in uvmt; 0 means 1,000,000 VMT. All accounts together hold
	// less than 350,000,000 VMT, as the rest is the treasury's and the community pool's.
	Balance int64
	// Supernodes is how many are registered from the start. Each bonds min_self_bond
	// and a little more, the first most, so that it is also first in rank.
	Supernodes int
	// Validators is how many validators sign; 0 means 1.
	Validators int
	// EpochDuration replaces the day of the default genesis when it is not 0.
	EpochDuration time.Duration
	// NoAllocation leaves the supply at what the accounts hold, and pays nobody.
	NoAllocation bool
	// Modify may change the state of any module before the chain starts.
	Modify func(cdc codec.Codec, state app.GenesisState)
}

// Genesis is a chain that has not started; several chains may start from it.
type Genesis struct {
	State      app.GenesisState
	Accounts   []*Account
	Supernodes []*Supernode
	Validators []ed25519.PrivKey
	// Consensus are the consensus parameters; app.DefaultConsensusParams at first.
	Consensus *cmtproto.ConsensusParams
}

// Profile is a valid profile of the supernode.
func (s *Supernode) Profile(moniker string) supernodetypes.Profile {
	return supernodetypes.Profile{
		Sidecar:   s.Sidecar.Address.String(),
		Moniker:   moniker,
		Endpoints: []string{"https://supernode.example"},
		Recipient: s.Identity.Recipient().String(),
	}
}

// Supernode is a registered supernode with the keys of its two accounts.
type Supernode struct {
	Operator *Account
	Sidecar  *Account
	// Identity opens what is sealed to the supernode.
	Identity *age.HybridIdentity
}

// NewGenesis builds a genesis. The account keys depend on nothing but their
// position, so that two runs of one test sign with the same keys.
func NewGenesis(t testing.TB, cfg Config) *Genesis {
	t.Helper()
	application := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, Options{flags.FlagHome: t.TempDir()})
	g := &Genesis{State: application.DefaultGenesis(), Consensus: app.DefaultConsensusParamsProto()}
	b := &builder{t: t, cdc: application.Codec, genesis: g, balance: cfg.Balance}
	if b.balance == 0 {
		b.balance = 1_000_000_000_000
	}
	for i := range cfg.Accounts {
		g.Accounts = append(g.Accounts, b.account(fmt.Sprintf("account %d", i)))
	}
	b.validators(max(cfg.Validators, 1))
	b.supernodes(cfg.Supernodes)
	if !cfg.NoAllocation {
		b.allocate()
	}
	b.auth()
	if cfg.EpochDuration != 0 {
		edit(b, epochstypes.ModuleName, func(state *epochstypes.GenesisState) {
			state.Epochs[0].Duration = cfg.EpochDuration
		})
	}
	if cfg.Modify != nil {
		cfg.Modify(application.Codec, g.State)
	}
	return g
}

type builder struct {
	t        testing.TB
	cdc      codec.Codec
	genesis  *Genesis
	balance  int64
	accounts []authtypes.GenesisAccount
	balances []banktypes.Balance
}

func (b *builder) account(name string) *Account {
	account := NewAccount(name)
	b.accounts = append(b.accounts, authtypes.NewBaseAccountWithAddress(account.Address))
	b.fund(account.Address, math.NewInt(b.balance))
	return account
}

func (b *builder) fund(address sdk.AccAddress, amount math.Int) {
	b.balances = append(b.balances, banktypes.Balance{
		Address: address.String(), Coins: sdk.NewCoins(sdk.NewCoin(app.Denom, amount)),
	})
}

// validators bonds each validator with the same self-delegation.
func (b *builder) validators(count int) {
	bond := sdk.DefaultPowerReduction.MulRaw(100)
	b.fund(authtypes.NewModuleAddress(stakingtypes.BondedPoolName), bond.MulRaw(int64(count)))
	edit(b, stakingtypes.ModuleName, func(state *stakingtypes.GenesisState) {
		for i := range count {
			key := ed25519.GenPrivKeyFromSecret(fmt.Appendf(nil, "validator %d", i))
			b.genesis.Validators = append(b.genesis.Validators, key)
			operator := b.account(fmt.Sprintf("validator operator %d", i))
			address := sdk.ValAddress(operator.Address).String()
			state.Validators = append(state.Validators, stakingtypes.Validator{
				OperatorAddress: address, ConsensusPubkey: b.consensusKey(key), Status: stakingtypes.Bonded,
				Tokens: bond, DelegatorShares: math.LegacyNewDecFromInt(bond),
				Description:       stakingtypes.Description{Moniker: fmt.Sprintf("validator %d", i)},
				UnbondingTime:     time.Unix(0, 0).UTC(),
				Commission:        stakingtypes.NewCommission(math.LegacyZeroDec(), math.LegacyZeroDec(), math.LegacyZeroDec()),
				MinSelfDelegation: math.OneInt(),
			})
			state.Delegations = append(state.Delegations, stakingtypes.NewDelegation(
				operator.Address.String(), address, math.LegacyNewDecFromInt(bond)))
		}
	})
	// x/slashing learns of validators when they bond, and these are bonded already.
	edit(b, slashingtypes.ModuleName, func(state *slashingtypes.GenesisState) {
		for _, key := range b.genesis.Validators {
			address := sdk.ConsAddress(key.PubKey().Address())
			state.SigningInfos = append(state.SigningInfos, slashingtypes.SigningInfo{
				Address: address.String(),
				ValidatorSigningInfo: slashingtypes.NewValidatorSigningInfo(
					address, 0, 0, time.Unix(0, 0).UTC(), false, 0),
			})
		}
	})
}

func (b *builder) consensusKey(key ed25519.PrivKey) *codectypes.Any {
	public, err := cryptocodec.FromCmtPubKeyInterface(key.PubKey())
	require.NoError(b.t, err)
	packed, err := codectypes.NewAnyWithValue(public)
	require.NoError(b.t, err)
	return packed
}

func (b *builder) supernodes(count int) {
	edit(b, supernodetypes.ModuleName, func(state *supernodetypes.GenesisState) {
		for i := range count {
			identity, err := age.GenerateHybridIdentity()
			require.NoError(b.t, err)
			supernode := &Supernode{
				Operator: b.account(fmt.Sprintf("operator %d", i)),
				Sidecar:  b.account(fmt.Sprintf("sidecar %d", i)),
				Identity: identity,
			}
			bond := state.Params.MinSelfBond.Amount.AddRaw(int64(count - i))
			b.fund(supernodetypes.BondAddress(supernode.Operator.Address), bond)
			state.Supernodes = append(state.Supernodes, supernodetypes.Supernode{
				Operator: supernode.Operator.Address.String(),
				Profile:  supernode.Profile(fmt.Sprintf("supernode %d", i)),
				SelfBond: bond,
				Status:   supernodetypes.STATUS_CANDIDATE,
			})
			b.genesis.Supernodes = append(b.genesis.Supernodes, supernode)
		}
	})
}

// allocate gives the treasury and the community pool what the default allocation has for
// them, and leaves to the sale what the accounts have not got of the rest.
func (b *builder) allocate() {
	allocation := bountytypes.DefaultAllocation()
	b.fund(authtypes.NewModuleAddress(bountytypes.ModuleName), allocation.Contribution)
	b.fund(authtypes.NewModuleAddress(distributiontypes.ModuleName), allocation.Community)
	unsold := bountytypes.TotalSupply
	for _, balance := range b.balances {
		unsold = unsold.Sub(balance.Coins.AmountOf(app.Denom))
	}
	require.True(b.t, unsold.IsPositive(), "the accounts hold %suvmt too much: lower Config.Balance", unsold.Neg())
	b.accounts = append(b.accounts, authtypes.NewEmptyModuleAccount(app.SaleAccount, authtypes.Burner))
	b.fund(authtypes.NewModuleAddress(app.SaleAccount), unsold)
	edit(b, bountytypes.ModuleName, func(state *bountytypes.GenesisState) {
		state.Allocation, state.Schedule.Treasury = allocation, allocation.Contribution
	})
	edit(b, distributiontypes.ModuleName, func(state *distributiontypes.GenesisState) {
		state.FeePool.CommunityPool = sdk.NewDecCoins(sdk.NewDecCoin(app.Denom, allocation.Community))
	})
}

// auth writes the accounts and balances; x/bank adds up the supply itself.
func (b *builder) auth() {
	packed, err := authtypes.PackAccounts(b.accounts)
	require.NoError(b.t, err)
	edit(b, authtypes.ModuleName, func(state *authtypes.GenesisState) { state.Accounts = packed })
	edit(b, banktypes.ModuleName, func(state *banktypes.GenesisState) { state.Balances = b.balances })
}

func edit[T any, M interface {
	*T
	proto.Message
}](b *builder, module string, change func(M)) {
	require.NoError(b.t, app.EditGenesis(b.cdc, b.genesis.State, module, func(state M) error {
		change(state)
		return nil
	}))
}
