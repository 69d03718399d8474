package keeper_test

import (
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// FuzzOperations runs any sequence of messages and blocks. Whatever happens, the
// invariants hold after each step, no coin appears or vanishes, and the state can
// be exported and validated.
func FuzzOperations(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 3, 0, 4, 5, 0, 6, 0})
	f.Add([]byte{0, 1, 5, 0, 6, 0, 3, 1, 4, 200, 0, 1, 5, 0})
	f.Add([]byte{0, 1, 1, 2, 0, 2, 2, 1, 3, 1, 3, 2, 4, 99, 4, 1, 5, 0, 7, 2})
	f.Add([]byte{0, 1, 0, 2, 9, 1, 9, 17, 13, 9, 14, 255, 12, 50, 10, 9, 11, 17, 4, 120, 15, 9, 3, 1, 4, 255, 5, 0, 16, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		if len(steps) > 200 {
			steps = steps[:200]
		}
		runSteps(t, steps)
	})
}

// TestRandomOperations does what FuzzOperations does with long sequences.
func TestRandomOperations(t *testing.T) {
	for seed := range int64(4) {
		steps := make([]byte, 600)
		_, _ = rand.New(rand.NewSource(seed)).Read(steps)
		runSteps(t, append([]byte{0, 248, 0, 249, 0, 250, 0, 251}, steps...)) // four operators first
	}
}

func runSteps(t *testing.T, steps []byte) {
	chain := newFixture(t)
	for number := byte(0); number < 8; number++ {
		chain.fund(operator(number), coin(10*minBond))
	}
	supply := chain.bank.GetSupply(chain.ctx, denom)
	for i := 0; i+1 < len(steps); i += 2 {
		chain.step(steps[i], steps[i+1])
		require.NoError(t, chain.keeper.AllInvariants(chain.ctx))
	}
	require.Equal(t, supply, chain.bank.GetSupply(chain.ctx, denom))
	exported, err := chain.keeper.ExportGenesis(chain.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
}

// step does one thing; messages may fail, blocks may not.
func (f *fixture) step(action, argument byte) {
	who := argument % 8
	account := operator(who).String()
	bond := coin(minBond/2 + int64(argument)*10)
	switch action % 17 {
	case 0:
		_, _ = deliver(f, f.msgs.Register, &types.MsgRegister{Operator: account, Profile: profile(who), SelfBond: bond})
	case 1:
		_, _ = deliver(f, f.msgs.Edit, &types.MsgEdit{Operator: account, Profile: profile(argument % 16)})
	case 2:
		_, _ = deliver(f, f.msgs.AddBond, &types.MsgAddBond{Operator: account, Amount: bond})
	case 3:
		_, _ = deliver(f, f.msgs.Retire, &types.MsgRetire{Operator: account})
	case 4:
		f.nextBlock(time.Duration(argument) * time.Second)
	case 5:
		f.nextEpoch()
	case 6:
		f.publishAny(who)
	case 7:
		_, _ = deliver(f, f.msgs.SealVaultKey, &types.MsgSealVaultKey{
			Sidecar: sidecar(who).String(), Operator: account, Sealed: sealedTo(1+uint64(argument)%4, argument/8%8),
		})
	case 8:
		params := testParams()
		params.MaxActive = 1 + uint32(argument)%5
		params.MinSelfBond = bond
		params.EpochsKept = 1 + uint32(argument)%3
		params.UnbondingSeconds = 1 + uint64(argument)
		params.RedelegationSeconds = 1 + uint64(argument)/2
		_, err := deliver(f, f.msgs.UpdateParams, &types.MsgUpdateParams{Authority: f.authority, Params: params})
		require.NoError(f.t, err)
	default:
		f.stepDelegation(action%17-9, argument)
	}
}

func (f *fixture) publishAny(maker byte) {
	epoch, err := f.keeper.CurrentEpoch(f.ctx)
	require.NoError(f.t, err)
	numbers := f.seats(epoch.Number)
	slices.Sort(numbers)
	msg := &types.MsgPublishVaultKey{Epoch: epoch.Number, Recipient: recipient(), Sealed: sealedTo(epoch.Number, numbers...)}
	by(maker)(msg)
	_, _ = deliver(f, f.msgs.PublishVaultKey, msg)
}

// stepDelegation does one thing with the pools. The holders are the operators.
func (f *fixture) stepDelegation(action, argument byte) {
	who, at := operator(argument%8).String(), operator(argument/8%8).String()
	amount := coin(1 + int64(argument)*5)
	switch action {
	case 0:
		_, _ = deliver(f, f.msgs.Delegate, &types.MsgDelegate{Delegator: who, Operator: at, Amount: amount})
	case 1:
		_, _ = deliver(f, f.msgs.Undelegate, &types.MsgUndelegate{Delegator: who, Operator: at, Amount: amount})
	case 2:
		_, _ = deliver(f, f.msgs.Redelegate, &types.MsgRedelegate{Delegator: who, Operator: at, Destination: operator(argument / 64).String(), Amount: amount})
	case 3:
		_, _ = deliver(f, f.msgs.SetCommission, &types.MsgSetCommission{Operator: who, CommissionPpm: uint32(argument) * 4_000})
	case 4:
		_, _ = deliver(f, f.msgs.FundRewards, &types.MsgFundRewards{Sender: who, Operator: at, Amount: amount})
	case 5:
		if pool, err := f.keeper.Pools.Get(f.ctx, operator(argument%8)); err == nil && pool.Operator == who {
			f.slashPool(argument%8, uint32(argument)*1_000)
		}
	case 6:
		_, _ = deliver(f, f.msgs.WithdrawRewards, &types.MsgWithdrawRewards{Delegator: who, Operator: at})
	case 7:
		_, _ = deliver(f, f.msgs.WithdrawCommission, &types.MsgWithdrawCommission{Operator: who})
	}
}
