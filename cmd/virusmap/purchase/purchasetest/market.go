// Package purchasetest is a market in memory, for tests of those who buy.
package purchasetest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// ChainID of the market.
const ChainID = "virusmap-test-1"

// Sample is what can be bought.
type Sample struct {
	SHA256     string
	Plain      []byte
	Ciphertext []byte
	FileKey    []byte
	Sealing    samplestypes.Sealing
	Price      uint64
	Blocked    bool
}

// Market keeps orders as the chain does, and makes a block whenever its height is asked for.
type Market struct {
	mu      sync.Mutex
	Samples map[string]*Sample
	Orders  map[string]*markettypes.Order
	Bundles map[string]markettypes.Bundle
	Params  markettypes.Params
	// Block is the height.
	Block int64
	// Paid counts what was moved into escrow, Messages what was sent.
	Paid     math.Int
	Messages []sdk.Msg
	// Deliver returns what is delivered for an order, nil for nothing yet.
	Deliver func(order *markettypes.Order, sample *Sample) []byte
	// Lost makes a request for the ciphertexts fail.
	Lost bool
	// Requests counts those that were served.
	Requests int
	// Now is the block time.
	Now time.Time
}

// New is an empty market with default parameters whose supernodes deliver right keys.
func New() *Market {
	return &Market{
		Samples: map[string]*Sample{}, Orders: map[string]*markettypes.Order{}, Bundles: map[string]markettypes.Bundle{},
		Params: markettypes.DefaultParams(), Block: 10, Paid: math.ZeroInt(), Deliver: Right, Now: time.Now(),
	}
}

// Right seals the right key.
func Right(order *markettypes.Order, sample *Sample) []byte {
	sealed, err := markettypes.SealFileKey(order.OneTimeKey, markettypes.ExchangeInfo(ChainID, order.Id), sample.FileKey)
	if err != nil {
		panic(err)
	}
	return sealed
}

// Wrong seals a key that is none.
func Wrong(order *markettypes.Order, _ *Sample) []byte {
	return Right(order, &Sample{FileKey: make([]byte, markettypes.FileKeySize)})
}

// Garbled delivers what does not open at all.
func Garbled(*markettypes.Order, *Sample) []byte { return make([]byte, markettypes.SealedKeySize) }

// Add seals a sample as a gateway does and offers it for 1 VMT.
func (m *Market) Add(t testing.TB, plain []byte) *Sample {
	t.Helper()
	store, err := vault.Open(t.Context(), vault.Config{Dir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	defer store.Close()
	epoch := vault.NewEpochKey()
	sealed, err := store.Seal(t.Context(), bytes.NewReader(plain), epoch.Recipient())
	require.NoError(t, err)
	file, err := store.Ciphertext(t.Context(), sealed.CID)
	require.NoError(t, err)
	defer file.Close()
	ciphertext, err := io.ReadAll(file)
	require.NoError(t, err)
	header, err := age.ExtractHeader(bytes.NewReader(ciphertext))
	require.NoError(t, err)
	fileKey, err := age.DecryptHeader(header, epoch)
	require.NoError(t, err)
	sample := &Sample{
		SHA256: hex.EncodeToString(sealed.SHA256[:]), Plain: plain, Ciphertext: ciphertext, FileKey: fileKey, Price: 1_000_000,
		Sealing: samplestypes.Sealing{
			Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize),
			KeyCommitment: sealed.KeyCommitment[:], StorageRoot: sealed.StorageRoot[:],
		},
	}
	m.Samples[sample.SHA256] = sample
	return sample
}

// ServeHTTP serves the ciphertexts at /ipfs/{cid}.
func (m *Market) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Requests++
	for _, sample := range m.Samples {
		if strings.HasSuffix(r.URL.Path, "/ipfs/"+CIDOf(sample.Sealing)) && !m.Lost {
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(sample.Ciphertext))
			return
		}
	}
	http.NotFound(w, r)
}

// Next makes a block.
func (m *Market) Next() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Block++
	m.Now = m.Now.Add(time.Second)
	for _, order := range m.Orders {
		switch order.Status {
		case markettypes.ORDER_STATUS_OPEN:
			m.deliver(order)
		case markettypes.ORDER_STATUS_DELIVERED:
			if m.Block >= order.DueHeight {
				m.end(order, markettypes.ORDER_STATUS_SETTLED, markettypes.ENDING_UNDISPUTED)
			}
		}
	}
	return m.Block
}

func (m *Market) deliver(order *markettypes.Order) {
	sample := m.Samples[hex.EncodeToString(order.Sha256)]
	var sealed []byte
	if !sample.Blocked {
		sealed = m.Deliver(order, sample)
	}
	switch {
	case sealed != nil:
		order.SealedKey, order.Status = sealed, markettypes.ORDER_STATUS_DELIVERED
		order.DueHeight = m.Block + int64(order.DisputeWindowBlocks)
	case m.Block >= order.DueHeight && sample.Blocked:
		m.end(order, markettypes.ORDER_STATUS_REFUNDED, markettypes.ENDING_BLOCKED)
	case m.Block >= order.DueHeight:
		m.end(order, markettypes.ORDER_STATUS_REFUNDED, markettypes.ENDING_NOT_DELIVERED)
	}
}

func (m *Market) end(order *markettypes.Order, status markettypes.OrderStatus, ending markettypes.Ending) {
	order.Status, order.Ending, order.DueHeight, order.OneTimeKey = status, ending, 0, nil
	order.EndedTime = m.Now.Unix()
	if status == markettypes.ORDER_STATUS_SETTLED {
		order.Split = order.Rates.Divide(order.Price)
	}
}

// Send carries a message out.
func (m *Market) Send(msg sdk.Msg) (sdk.Msg, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Messages = append(m.Messages, msg)
	switch msg := msg.(type) {
	case *markettypes.MsgOrderSamples:
		return m.order(msg)
	case *markettypes.MsgDisputeKey:
		return m.dispute(msg)
	case *markettypes.MsgSettleOrders:
		for _, id := range msg.Orders {
			order := m.Orders[hex.EncodeToString(id)]
			if order == nil || order.Status != markettypes.ORDER_STATUS_DELIVERED {
				return nil, markettypes.ErrOrderStatus
			}
			m.end(order, markettypes.ORDER_STATUS_SETTLED, markettypes.ENDING_ACCEPTED)
		}
		return &markettypes.MsgSettleOrdersResponse{Settled: uint32(len(msg.Orders))}, nil
	case *markettypes.MsgSubscribe:
		return &markettypes.MsgSubscribeResponse{Price: msg.MaxPrice.Amount}, nil
	case *markettypes.MsgCancelSubscription:
		return &markettypes.MsgCancelSubscriptionResponse{Refund: math.NewInt(200_000_000)}, nil
	case *markettypes.MsgRevokeApiKeys:
		return &markettypes.MsgRevokeApiKeysResponse{}, nil
	default:
		return nil, fmt.Errorf("no handler for %T", msg)
	}
}

func (m *Market) order(msg *markettypes.MsgOrderSamples) (sdk.Msg, error) {
	response := &markettypes.MsgOrderSamplesResponse{Paid: math.ZeroInt()}
	buyer := sdk.MustAccAddressFromBech32(msg.Buyer)
	var made []*markettypes.Order
	for _, item := range msg.Items {
		if err := markettypes.ValidateOneTimeKey(item.OneTimeKey); err != nil {
			return nil, err
		}
		sample, id := m.Samples[hex.EncodeToString(item.Sha256)], markettypes.NewOrderID(buyer, item.Sha256, item.OneTimeKey)
		response.Orders = append(response.Orders, id)
		if m.Orders[hex.EncodeToString(id)] != nil {
			response.Known++
			continue
		}
		if sample == nil || sample.Blocked {
			return nil, markettypes.ErrNotForSale.Wrapf("%x", item.Sha256)
		}
		price := math.NewIntFromUint64(sample.Price)
		if price.GT(msg.MaxPrice.Amount) {
			return nil, markettypes.ErrPriceAboveMax.Wrapf("%s", price)
		}
		made = append(made, &markettypes.Order{
			Id: id, Buyer: msg.Buyer, Sha256: item.Sha256, Product: "sample/small", Price: price, Rates: m.Params.Rates,
			Sealing: sample.Sealing, OneTimeKey: item.OneTimeKey, Operator: Operator(), OrderedHeight: m.Block,
			OrderedTime: m.Now.Unix(), DueHeight: m.Block + int64(m.Params.DeliveryWindowBlocks), Bundle: msg.Bundle,
			DisputeWindowBlocks: m.Params.DisputeWindowBlocks, Status: markettypes.ORDER_STATUS_OPEN, Split: markettypes.NoSplit(),
		})
	}
	for _, order := range made {
		m.Orders[hex.EncodeToString(order.Id)] = order
		m.Paid, response.Paid = m.Paid.Add(order.Price), response.Paid.Add(order.Price)
	}
	return response, nil
}

// dispute decides as the chain does.
func (m *Market) dispute(msg *markettypes.MsgDisputeKey) (sdk.Msg, error) {
	order := m.Orders[hex.EncodeToString(msg.Order)]
	if order == nil || order.Status != markettypes.ORDER_STATUS_DELIVERED {
		return nil, markettypes.ErrOrderStatus
	}
	oneTimeKey, err := markettypes.OneTimeKeyOf(msg.Secret)
	if err != nil || !bytes.Equal(oneTimeKey, order.OneTimeKey) {
		return nil, markettypes.ErrInvalidKey
	}
	key, err := markettypes.OpenFileKey(msg.Secret, markettypes.ExchangeInfo(ChainID, order.Id), order.SealedKey)
	if err == nil && markettypes.CommitsTo(order.Sealing.KeyCommitment, key) {
		m.end(order, markettypes.ORDER_STATUS_SETTLED, markettypes.ENDING_RIGHT_KEY)
		return &markettypes.MsgDisputeKeyResponse{}, nil
	}
	m.end(order, markettypes.ORDER_STATUS_REFUNDED, markettypes.ENDING_WRONG_KEY)
	return &markettypes.MsgDisputeKeyResponse{Upheld: true}, nil
}

// Operator that delivers.
func Operator() string { return sdk.AccAddress(bytes.Repeat([]byte{7}, 20)).String() }
