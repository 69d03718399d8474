package chaintest

import (
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// stakes is a round amount, so that delegations often can be undone in whole.
func (s *Simulation) stakes() sdk.Coin {
	return sdk.NewInt64Coin(app.Denom, int64(1+s.rand.Intn(20))*500_000_000)
}

func (s *Simulation) delegate() []byte {
	account := s.account()
	return s.sign(account, &supernodetypes.MsgDelegate{
		Delegator: account.Address.String(), Operator: s.node().Operator.Address.String(), Amount: s.stakes(),
	})
}

// delegation is one that exists, most of the time.
func (s *Simulation) delegation() (*Account, string) {
	account, operator := s.account(), s.node().Operator.Address.String()
	page, err := s.App.SupernodeKeeper.Delegations.Iterate(s.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	delegations, err := page.Values()
	if err != nil {
		s.t.Fatal(err)
	}
	if len(delegations) == 0 || s.rand.Intn(6) == 0 {
		return account, operator
	}
	chosen := delegations[s.rand.Intn(len(delegations))]
	for _, candidate := range s.Genesis.Accounts {
		if candidate.Address.String() == chosen.Delegator {
			account = candidate
		}
	}
	return account, chosen.Operator
}

func (s *Simulation) undelegate() []byte {
	account, operator := s.delegation()
	return s.sign(account, &supernodetypes.MsgUndelegate{
		Delegator: account.Address.String(), Operator: operator, Amount: s.stakes(),
	})
}

func (s *Simulation) redelegate() []byte {
	account, operator := s.delegation()
	return s.sign(account, &supernodetypes.MsgRedelegate{
		Delegator: account.Address.String(), Operator: operator,
		Destination: s.node().Operator.Address.String(), Amount: s.stakes(),
	})
}

// setCommission mostly stays within what an epoch allows.
func (s *Simulation) setCommission() []byte {
	node := s.node()
	commission := uint32(s.rand.Intn(12_000))
	if s.rand.Intn(4) == 0 {
		commission = uint32(s.rand.Intn(2_000_000))
	}
	return s.sign(node.Operator, &supernodetypes.MsgSetCommission{
		Operator: node.Operator.Address.String(), CommissionPpm: commission,
	})
}

func (s *Simulation) fundRewards() []byte {
	account := s.account()
	return s.sign(account, &supernodetypes.MsgFundRewards{
		Sender: account.Address.String(), Operator: s.node().Operator.Address.String(), Amount: s.coin(1_000_000_000),
	})
}

func (s *Simulation) withdrawRewards() []byte {
	account, operator := s.delegation()
	return s.sign(account, &supernodetypes.MsgWithdrawRewards{Delegator: account.Address.String(), Operator: operator})
}

func (s *Simulation) withdrawCommission() []byte {
	node := s.node()
	return s.sign(node.Operator, &supernodetypes.MsgWithdrawCommission{Operator: node.Operator.Address.String()})
}

// unjail is tried for the jailed, and now and then for others.
func (s *Simulation) unjail() []byte {
	node := s.node()
	for _, candidate := range s.Supernodes {
		supernode, err := s.App.SupernodeKeeper.Supernode(s.Context(), candidate.Operator.Address)
		if err == nil && supernode.Status == supernodetypes.STATUS_JAILED && s.rand.Intn(3) != 0 {
			node = candidate
		}
	}
	return s.sign(node.Operator, &supernodetypes.MsgUnjail{Operator: node.Operator.Address.String()})
}

// reportVaultKey complains, with a proof that proves nothing now and then.
func (s *Simulation) reportVaultKey() []byte {
	node := s.node()
	msg := &supernodetypes.MsgReportVaultKey{
		Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String(), Epoch: s.epoch,
	}
	if s.rand.Intn(4) == 0 {
		msg.FileKey = make([]byte, 16)
	}
	return s.sign(node.Sidecar, msg)
}
