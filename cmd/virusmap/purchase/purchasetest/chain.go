package purchasetest

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"

	"github.com/cosmos/gogoproto/proto"
	"github.com/ipfs/go-cid"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// CIDOf is the CID of a ciphertext as text.
func CIDOf(sealing samplestypes.Sealing) string {
	c, err := cid.Cast(sealing.Cid)
	if err != nil {
		panic(err)
	}
	return c.String()
}

// Buyer is the account that buys from a Chain.
func Buyer() sdk.AccAddress { return bytes.Repeat([]byte{1}, 20) }

// Chain is the market as one buyer sees it.
type Chain struct {
	*Market
	// Refuse makes sending fail before, and Silent after a message was carried out.
	Refuse, Silent error
	// Lie changes what a server tells of an order without proving it.
	Lie func(*markettypes.Order)
}

// ChainID implements purchase.Chain.
func (c *Chain) ChainID() string { return ChainID }

// Buyer implements purchase.Chain.
func (c *Chain) Buyer() sdk.AccAddress { return Buyer() }

// Height implements purchase.Chain.
func (c *Chain) Height(context.Context) (int64, error) { return c.Next(), nil }

// Params implements purchase.Chain.
func (c *Chain) Params(context.Context) (markettypes.Params, error) { return c.Market.Params, nil }

// Quote implements purchase.Chain.
func (c *Chain) Quote(_ context.Context, sha256 string) (answer markettypes.QueryQuoteResponse, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	sample := c.Samples[sha256]
	switch {
	case sample == nil:
		return answer, purchase.ErrUnknown
	case sample.Blocked:
		return answer, markettypes.ErrNotForSale.Wrap("sample is BLOCKED")
	}
	return markettypes.QueryQuoteResponse{
		Product: "sample/small", Price: sample.Price, Sealing: sample.Sealing, SizeBytes: uint64(len(sample.Plain)), Kind: samplestypes.KIND_FILE,
	}, nil
}

// Order implements purchase.Chain.
func (c *Chain) Order(ctx context.Context, id string) (markettypes.Order, error) {
	told, err := c.Proven(ctx, id)
	if err == nil && c.Lie != nil {
		c.Lie(&told)
	}
	return told, err
}

// Proven implements purchase.Chain.
func (c *Chain) Proven(_ context.Context, id string) (markettypes.Order, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	order := c.Orders[id]
	if order == nil {
		return markettypes.Order{}, purchase.ErrUnknown
	}
	return *order, nil
}

// Bundle implements purchase.Chain.
func (c *Chain) Bundle(_ context.Context, id string) (markettypes.QueryBundleResponse, error) {
	bundle, ok := c.Bundles[id]
	if !ok {
		return markettypes.QueryBundleResponse{}, purchase.ErrUnknown
	}
	return markettypes.QueryBundleResponse{Bundle: bundle, Price: uint64(len(bundle.Samples)) * 900_000}, nil
}

// Send implements purchase.Chain.
func (c *Chain) Send(_ context.Context, msg sdk.Msg) (*sdk.TxResponse, error) {
	if c.Refuse != nil {
		return nil, fmt.Errorf("%w: %w", purchase.ErrRefused, c.Refuse)
	}
	response, err := c.Market.Send(msg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", purchase.ErrRefused, err)
	}
	if c.Silent != nil {
		return nil, c.Silent
	}
	return Response(response)
}

// Response is how a transaction's result holds the response of its message.
func Response(message proto.Message) (*sdk.TxResponse, error) {
	data, err := TxData(message)
	return &sdk.TxResponse{Data: hex.EncodeToString(data)}, err
}

// TxData is the data of a transaction's result.
func TxData(message proto.Message) ([]byte, error) {
	value, err := codectypes.NewAnyWithValue(message)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&sdk.TxMsgData{MsgResponses: []*codectypes.Any{value}})
}
