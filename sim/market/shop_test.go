package market

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/sim/arena"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// manner is what a supernode does with an order that is assigned to it.
type manner int

const (
	honest manner = iota
	silent        // delivers nothing
	wrong         // delivers a key that is not the sample's
)

// shop is a network with samples that are for sale.
type shop struct {
	*arena.Arena
	// contributor brought all samples; buyers are the other accounts.
	contributor *chaintest.Account
	buyers      []*chaintest.Account
	samples     [][]byte
	contents    map[string][]byte
	manners     map[string]manner
	// standIn tells that others deliver for the silent.
	standIn bool
	pairs   int
	// secrets are by order, fees what an account has paid for transactions.
	secrets map[string][]byte
	fees    map[string]math.Int
}

// openShop starts a network in which all samples have been judged. Judging them again is
// far away.
func openShop(t *testing.T, supernodes, samples, buyers int, modify func(*markettypes.Params)) *shop {
	t.Helper()
	var players []*arena.Player
	for i := range supernodes {
		players = append(players, arena.Honest(fmt.Sprintf("supernode_%d", i), int64(i), 1))
	}
	cfg := chaintest.Config{Accounts: 1 + buyers, NoAllocation: true, Modify: func(cdc codec.Codec, state app.GenesisState) {
		require.NoError(t, app.EditGenesis(cdc, state, markettypes.ModuleName, func(s *markettypes.GenesisState) error {
			s.Params.DeliveryWindowBlocks, s.Params.FallbackBlocks, s.Params.DisputeWindowBlocks = 6, 3, 5
			s.Params.OrderRetentionSeconds = 60
			modify(&s.Params)
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, verdictstypes.ModuleName, func(s *verdictstypes.GenesisState) error {
			s.Params.RetrospectiveDelaysSeconds, s.Params.RetentionSeconds = []uint64{1_000_000, 2_000_000}, 4_000_000
			return nil
		}))
		require.NoError(t, app.EditGenesis(cdc, state, samplestypes.ModuleName, func(s *samplestypes.GenesisState) error {
			s.Params.ClaimWindowBlocks = 5
			return nil
		}))
		// Who was slashed keeps its seat, so that it can be attacked again.
		require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(s *supernodetypes.GenesisState) error {
			s.Params.MinSelfBond.Amount = s.Params.MinSelfBond.Amount.QuoRaw(2)
			return nil
		}))
	}}
	s := &shop{
		Arena: arena.New(t, 1, cfg, players...), contents: make(map[string][]byte), manners: make(map[string]manner),
		secrets: make(map[string][]byte), fees: make(map[string]math.Int),
	}
	s.contributor, s.buyers = s.Accounts[0], s.Accounts[1:]
	var submissions []samplestypes.Submission
	for i := range samples {
		content := fmt.Appendf(nil, "sample %d", i)
		submission := s.Sample(content, arena.Truth{Malicious: true})
		submissions = append(submissions, submission)
		s.samples, s.contents[string(submission.Sha256)] = append(s.samples, submission.Sha256), content
	}
	s.Step(s.SignTx(s.contributor, chaintest.Tx{Msgs: []sdk.Msg{s.contributor.Submit(submissions...)}, Gas: 20_000_000}))
	for range 20 {
		s.Step()
	}
	for _, hash := range s.samples {
		sample, err := s.App.SamplesKeeper.Get(s.Context(), hash)
		require.NoError(t, err)
		require.Equal(t, samplestypes.STATUS_FINAL, sample.Status)
	}
	return s
}

// sign notes the fee.
func (s *shop) sign(account *chaintest.Account, msgs ...sdk.Msg) []byte {
	const gas = 5_000_000
	address := account.Address.String()
	if _, known := s.fees[address]; !known {
		s.fees[address] = math.ZeroInt()
	}
	s.fees[address] = s.fees[address].Add(chaintest.MinFee(gas).AmountOf(app.Denom))
	return s.SignTx(account, chaintest.Tx{Msgs: msgs, Gas: gas})
}

// order is the transaction by which somebody orders a sample for at most a price in uvmt.
func (s *shop) order(buyer *chaintest.Account, hash []byte, most uint64) []byte {
	s.T.Helper()
	secret, key := s.oneTimeKey()
	return s.orderWith(buyer, hash, secret, key, most)
}

// oneTimeKey makes another pair each time, the same in every run.
func (s *shop) oneTimeKey() (secret, key []byte) {
	s.pairs++
	hash := sha256.Sum256(fmt.Appendf(nil, "one-time key %d", s.pairs))
	key, err := markettypes.OneTimeKeyOf(hash[:])
	require.NoError(s.T, err)
	return hash[:], key
}

func (s *shop) orderWith(buyer *chaintest.Account, hash, secret, key []byte, most uint64) []byte {
	s.secrets[string(markettypes.NewOrderID(buyer.Address, hash, key))] = secret
	return s.sign(buyer, &markettypes.MsgOrderSamples{
		Buyer: buyer.Address.String(), MaxPrice: sdk.NewCoin(app.Denom, math.NewIntFromUint64(most)),
		Items: []markettypes.Item{{Sha256: hash, OneTimeKey: key}},
	})
}

// deliveries are what the supernodes send for the orders that wait for them. Where the
// honest stand in, they deliver for the silent as soon as they may.
func (s *shop) deliveries() (txs [][]byte) {
	s.T.Helper()
	messages := make(map[string]*markettypes.MsgDeliverKeys)
	for _, order := range s.orders(markettypes.ORDER_STATUS_OPEN) {
		key := chaintest.FileKey(s.contents[string(order.Sha256)])
		node := s.node(order.Operator)
		switch s.manners[order.Operator] {
		case silent:
			if !s.standIn || s.Height+1 < order.FallbackHeight {
				continue
			}
			node = s.Supernodes[len(s.Supernodes)-1]
		case wrong:
			key[0] ^= 1
		}
		msg := node.Deliver(order, key)
		if former := messages[msg.Operator]; former != nil {
			msg.Keys = append(former.Keys, msg.Keys...)
		}
		messages[msg.Operator] = msg
	}
	for _, node := range s.Supernodes {
		if msg := messages[node.Operator.Address.String()]; msg != nil {
			txs = append(txs, s.sign(node.Sidecar, msg))
		}
	}
	return txs
}

// dispute is the transaction by which a buyer complains about a key.
func (s *shop) dispute(order markettypes.Order) []byte {
	return s.sign(s.account(order.Buyer), &markettypes.MsgDisputeKey{
		Buyer: order.Buyer, Order: order.Id, Secret: s.secrets[string(order.Id)],
	})
}

// opens tells whether the buyer gets the file key of the sample out of what was delivered.
func (s *shop) opens(order markettypes.Order) bool {
	key, err := markettypes.OpenFileKey(s.secrets[string(order.Id)], markettypes.ExchangeInfo(chaintest.ChainID, order.Id), order.SealedKey)
	return err == nil && markettypes.CommitsTo(order.Sealing.KeyCommitment, key)
}

// orders are those of a status, by their ids.
func (s *shop) orders(status markettypes.OrderStatus) (orders []markettypes.Order) {
	require.NoError(s.T, s.App.MarketKeeper.Orders.Walk(s.Context(), nil, func(_ []byte, order markettypes.Order) (bool, error) {
		if order.Status == status {
			orders = append(orders, order)
		}
		return false, nil
	}))
	return orders
}

func (s *shop) node(operator string) *chaintest.Supernode {
	for _, node := range s.Supernodes {
		if node.Operator.Address.String() == operator {
			return node
		}
	}
	panic(operator)
}

func (s *shop) account(address string) *chaintest.Account {
	for _, account := range s.Accounts {
		if account.Address.String() == address {
			return account
		}
	}
	panic(address)
}

// party is who gains or loses together.
type party struct {
	accounts   []*chaintest.Account
	supernodes []*chaintest.Supernode
}

// all accounts of a party that sign transactions.
func (p party) all() []*chaintest.Account {
	accounts := slices.Clone(p.accounts)
	for _, node := range p.supernodes {
		accounts = append(accounts, node.Operator, node.Sidecar)
	}
	return accounts
}

// worth in uvmt of all that a party has, with its bonds and rewards, as if transactions
// were free.
func (s *shop) worth(p party) math.Int {
	sum := s.paidFees(p)
	for _, node := range p.supernodes {
		operator := node.Operator.Address
		sum = sum.Add(s.Balance(supernodetypes.BondAddress(operator)).Amount)
		sum = sum.Add(s.Balance(supernodetypes.RewardsAddress(operator)).Amount)
	}
	for _, account := range p.all() {
		sum = sum.Add(s.Balance(account.Address).Amount)
	}
	return sum
}

// paidFees of a party, in uvmt.
func (s *shop) paidFees(p party) math.Int {
	sum := math.ZeroInt()
	for _, account := range p.all() {
		if fees, paid := s.fees[account.Address.String()]; paid {
			sum = sum.Add(fees)
		}
	}
	return sum
}

func vmt(uvmt math.Int) float64 { return float64(uvmt.Int64()) / 1e6 }
