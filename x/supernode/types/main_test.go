package types_test

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount("vmt", "vmtpub")
	os.Exit(m.Run())
}

func account(number byte) string {
	return sdk.AccAddress(bytes.Repeat([]byte{number}, 20)).String()
}

// recipient is the same in each run, so that fuzz seeds stay what they were.
var recipient = sync.OnceValue(func() string {
	secret, err := bech32.ConvertAndEncode("age-secret-key-pq-", make([]byte, 32))
	if err != nil {
		panic(err)
	}
	identity, err := age.ParseHybridIdentity(strings.ToUpper(secret))
	if err != nil {
		panic(err)
	}
	return identity.Recipient().String()
})

func validProfile() types.Profile {
	return types.Profile{
		Sidecar:    account(101),
		Moniker:    "scanner",
		Endpoints:  []string{"https://scanner.example"},
		PeerId:     "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA",
		Multiaddrs: []string{"/ip4/192.0.2.1/udp/4001/quic-v1"},
		Recipient:  recipient(),
	}
}

// validGenesis has a record of every kind.
func validGenesis() types.GenesisState {
	second := validProfile()
	second.Sidecar = account(102)
	return types.GenesisState{
		Params: types.DefaultParams(),
		Supernodes: []types.Supernode{
			{Operator: account(1), Profile: validProfile(), SelfBond: math.NewInt(5), Status: types.STATUS_CANDIDATE, RegisteredHeight: 1},
			{Operator: account(2), Profile: second, SelfBond: math.NewInt(5), Status: types.STATUS_RETIRED, ReleaseTime: 9},
		},
		Epochs: []types.Epoch{{Number: 6}, {Number: 7, StartHeight: 70, Seats: 2}},
		Seats: []types.Seat{
			{Epoch: 7, Operator: account(1), Rank: 0, Stake: math.NewInt(5)},
			{Epoch: 7, Operator: account(2), Rank: 1, Stake: math.NewInt(5)},
		},
		VaultKeys: []types.VaultKey{{Epoch: 3, Maker: account(3), Recipient: recipient(), Height: 30}},
		SealedKeys: []types.SealedKey{
			{Epoch: 3, Operator: account(1), Sealed: []byte{1}, RecipientHash: types.RecipientHash(recipient()), Reported: true},
			{Epoch: 3, Operator: account(2), Sealed: []byte{2}},
		},
		Pools: []types.Pool{validPool()},
		Delegations: []types.Delegation{
			{Delegator: account(11), Operator: account(1), Shares: math.NewInt(60), RewardIndex: math.NewInt(5), Rewards: math.NewInt(3), Unbondings: 2},
			{Delegator: account(12), Operator: account(1), Shares: math.NewInt(40), RewardIndex: math.ZeroInt(), Rewards: math.ZeroInt()},
		},
		Unbondings: []types.Unbonding{
			{Delegator: account(11), Operator: account(1), Shares: math.NewInt(4), ReleaseTime: 9},
			{Delegator: account(11), Operator: account(1), Destination: account(2), Shares: math.NewInt(6), ReleaseTime: 9},
		},
		Liveness:       []types.Liveness{{Operator: account(1), Missed: []byte{0b101}, Next: 3, Observed: 3, MissedCount: 2, UnjailedDuties: 3, Epoch: 7}},
		Benched:        []types.Benched{{Epoch: 7, Operator: account(1)}},
		Beacon:         types.Beacon{Value: make([]byte, 32), HiddenHeight: 70, Height: 71},
		VaultKeyFaults: []types.VaultKeyFault{{Epoch: 3}},
	}
}

// validPool is slashed by a tenth, and has earned 5 uvmt for each hundred shares.
func validPool() types.Pool {
	pool := types.NewPool(account(1))
	pool.Delegated, pool.Shares = math.NewInt(90), math.NewInt(100)
	pool.Unbonding, pool.UnbondingShares = math.NewInt(9), math.NewInt(10)
	pool.RewardIndex, pool.RewardCarry = math.NewInt(50_000_000_000_000_000), math.NewInt(7)
	pool.DelegatorRewards, pool.OperatorRewards = math.NewInt(8), math.NewInt(2)
	return pool
}
