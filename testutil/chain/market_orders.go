package chaintest

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// Deliver is the message by which a supernode delivers the key of an order, whatever that
// key is.
func (s *Supernode) Deliver(order markettypes.Order, fileKey []byte) *markettypes.MsgDeliverKeys {
	sealed, err := markettypes.SealFileKey(order.OneTimeKey, markettypes.ExchangeInfo(ChainID, order.Id), fileKey)
	if err != nil {
		panic(err) // orders with a bad key are refused
	}
	return &markettypes.MsgDeliverKeys{
		Sidecar: s.Sidecar.Address.String(), Operator: s.Operator.Address.String(),
		Keys: []markettypes.SealedKey{{Order: order.Id, Sealed: sealed}},
	}
}

// forSale are up to n random samples that can be ordered.
func (s *Simulation) forSale(n int) (hashes [][]byte) {
	err := s.App.SamplesKeeper.Samples.Walk(s.Context(), nil, func(sha256 []byte, sample samplestypes.Sample) (bool, error) {
		if sample.Status == samplestypes.STATUS_FINAL {
			hashes = append(hashes, sha256)
		}
		return false, nil
	})
	require.NoError(s.t, err)
	s.rand.Shuffle(len(hashes), func(i, j int) { hashes[i], hashes[j] = hashes[j], hashes[i] })
	return hashes[:min(n, len(hashes))]
}

// orderSamples now and then orders what is not for sale, or with what cannot be sealed to.
func (s *Simulation) orderSamples() []byte {
	account := s.account()
	hashes := s.forSale(1 + s.rand.Intn(4))
	price := int64(1_000_000_000)
	switch s.rand.Intn(10) {
	case 0:
		hashes = append(hashes, s.hash())
	case 1:
		hashes = append(hashes, s.forSale(4)...) // too many, or one twice
	case 2:
		price = 1
	}
	msg := s.orderOf(account, hashes, price)
	if len(msg.Items) > 0 && s.rand.Intn(12) == 0 {
		key := &msg.Items[0].OneTimeKey
		*key = bytes.Repeat([]byte{0xff}, len(*key)-s.rand.Intn(2))
	}
	return s.sign(account, msg)
}

func (s *Simulation) orderOf(account *Account, hashes [][]byte, price int64) *markettypes.MsgOrderSamples {
	msg := &markettypes.MsgOrderSamples{Buyer: account.Address.String(), MaxPrice: sdk.NewInt64Coin(app.Denom, price)}
	pair := s.pairs[s.rand.Intn(len(s.pairs))]
	for _, hash := range hashes {
		msg.Items = append(msg.Items, markettypes.Item{Sha256: hash, OneTimeKey: pair.key})
	}
	return msg
}

// orderBundle orders all samples of a bundle, or one too few.
func (s *Simulation) orderBundle() []byte {
	account := s.account()
	bundle := choose(s, func(visit func(markettypes.Bundle)) error {
		return s.App.MarketKeeper.Bundles.Walk(s.Context(), nil, func(_ []byte, bundle markettypes.Bundle) (bool, error) {
			visit(bundle)
			return false, nil
		})
	})
	hashes := slices.Clone(bundle.Samples)
	if len(hashes) > 1 && s.rand.Intn(4) == 0 {
		hashes = hashes[1:]
	}
	msg := s.orderOf(account, hashes, 1_000_000_000)
	msg.Bundle = bundle.Id
	return s.sign(account, msg)
}

// createBundle names samples that can be sold, or the wrong way round, or only one.
func (s *Simulation) createBundle() []byte {
	account := s.account()
	hashes := s.forSale(1 + s.rand.Intn(4))
	slices.SortFunc(hashes, bytes.Compare)
	if s.rand.Intn(6) == 0 {
		slices.Reverse(hashes)
	}
	return s.sign(account, &markettypes.MsgCreateBundle{
		Creator: account.Address.String(), Title: fmt.Sprintf("bundle %d", s.rand.Intn(5)), Samples: hashes,
	})
}

// deliverKeys lets some supernodes deliver what waits for them, some wrong keys, and some
// for others, too early or too late.
func (s *Simulation) deliverKeys() (txs [][]byte) {
	for _, node := range s.Supernodes {
		if s.rand.Intn(3) == 0 {
			continue
		}
		msg := &markettypes.MsgDeliverKeys{Sidecar: node.Sidecar.Address.String(), Operator: node.Operator.Address.String()}
		for _, order := range s.waiting(node) {
			msg.Keys = append(msg.Keys, s.sealedKey(node, order))
		}
		switch s.rand.Intn(12) {
		case 0:
			msg.Keys = append(msg.Keys, s.sealedKey(node, s.order(isOpen)))
		case 1:
			msg.Keys = append(msg.Keys, s.sealedKey(node, s.order(ended)))
		case 2:
			msg.Operator = s.node().Operator.Address.String()
		}
		if len(msg.Keys) > 0 {
			txs = append(txs, s.sign(node.Sidecar, msg))
		}
	}
	return txs
}

// waiting are the open orders that are assigned to a supernode, no more than one message takes.
func (s *Simulation) waiting(node *Supernode) (orders []markettypes.Order) {
	ctx := s.Context()
	assigned := collections.NewPrefixedPairRange[sdk.AccAddress, []byte](node.Operator.Address)
	err := s.App.MarketKeeper.Deliveries.Walk(ctx, assigned, func(key collections.Pair[sdk.AccAddress, []byte]) (bool, error) {
		order, err := s.App.MarketKeeper.Orders.Get(ctx, key.K2())
		orders = append(orders, order)
		return len(orders) == 3, err
	})
	require.NoError(s.t, err)
	return orders
}

// sealedKey is now and then one that does not open, or opens to what is not the key.
func (s *Simulation) sealedKey(node *Supernode, order markettypes.Order) markettypes.SealedKey {
	content := s.contentOf(order.Sha256)
	if content == nil || len(order.OneTimeKey) == 0 {
		return markettypes.SealedKey{Order: order.Id, Sealed: make([]byte, markettypes.SealedKeySize)}
	}
	fileKey := FileKey(content)
	choice := s.rand.Intn(12)
	if choice < 3 {
		fileKey[0] ^= 1
	}
	key := node.Deliver(order, fileKey).Keys[0]
	switch choice {
	case 3:
		key.Sealed[s.rand.Intn(len(key.Sealed))] ^= 1
	case 4:
		key.Sealed = key.Sealed[1:]
	}
	return key
}

// settleOrders is tried by the buyer, and by others.
func (s *Simulation) settleOrders() []byte {
	order := s.order(isDelivered)
	account := s.accountAt(order.Buyer)
	msg := &markettypes.MsgSettleOrders{Orders: [][]byte{order.Id}}
	switch s.rand.Intn(6) {
	case 0:
		account = s.account()
	case 1:
		msg.Orders = append(msg.Orders, s.order(runs).Id)
	}
	msg.Signer = account.Address.String()
	return s.sign(account, msg)
}

// disputeKey is tried with right and wrong keys, and now and then with another's secret.
func (s *Simulation) disputeKey() []byte {
	order := s.order(isDelivered)
	account, pair := s.accountAt(order.Buyer), s.pairOf(order)
	switch s.rand.Intn(8) {
	case 0:
		account = s.account()
	case 1:
		pair = s.pairs[s.rand.Intn(len(s.pairs))]
	}
	return s.sign(account, &markettypes.MsgDisputeKey{Buyer: account.Address.String(), Order: order.Id, Secret: pair.secret})
}
