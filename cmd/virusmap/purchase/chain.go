package purchase

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/light"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

var (
	// ErrUnknown is what the chain says of an order, a sample or a bundle that it has no
	// record of.
	ErrUnknown = errors.New("the chain has no record of it")
	// ErrRefused means that a transaction was certainly not carried out.
	ErrRefused = errors.New("the chain refused it")
)

// Chain is what a purchase needs of the chain.
type Chain interface {
	ChainID() string
	// Buyer is the account that pays.
	Buyer() sdk.AccAddress
	// Height of the newest block.
	Height(ctx context.Context) (int64, error)
	Params(ctx context.Context) (markettypes.Params, error)
	// Quote, Order and Bundle return ErrUnknown for what does not exist.
	Quote(ctx context.Context, sha256 string) (markettypes.QueryQuoteResponse, error)
	Order(ctx context.Context, order string) (markettypes.Order, error)
	// Proven is Order as a light client proves it, for which it waits some blocks.
	Proven(ctx context.Context, order string) (markettypes.Order, error)
	Bundle(ctx context.Context, bundle string) (markettypes.QueryBundleResponse, error)
	// Send returns when a message is in a block. ErrRefused is certain; after any other
	// error the message may have been carried out.
	Send(ctx context.Context, msg sdk.Msg) (*sdk.TxResponse, error)
}

// Query starts the names of x/market's queries.
const Query = "/virusmap.market.v1.Query/"

// Node is the chain by its servers: queries go to the RPC servers of trust.json, of which
// the first that answers is believed, and transactions through the client.
type Node struct {
	Client *chain.Client
	Config light.Config
}

// ChainID implements Chain.
func (n Node) ChainID() string { return n.Config.ChainID }

// Buyer implements Chain.
func (n Node) Buyer() sdk.AccAddress { return n.Client.Address() }

// Height implements Chain.
func (n Node) Height(ctx context.Context) (int64, error) {
	status, err := n.Client.Status(ctx)
	return status.Height, err
}

// Params implements Chain.
func (n Node) Params(ctx context.Context) (markettypes.Params, error) {
	var answer markettypes.QueryParamsResponse
	err := n.ask(ctx, "Params", &markettypes.QueryParamsRequest{}, &answer)
	return answer.Params, err
}

// Quote implements Chain.
func (n Node) Quote(ctx context.Context, sha256 string) (answer markettypes.QueryQuoteResponse, err error) {
	err = n.ask(ctx, "Quote", &markettypes.QueryQuoteRequest{Sha256: sha256}, &answer)
	return answer, err
}

// Order implements Chain. An answer about another order is not believed.
func (n Node) Order(ctx context.Context, order string) (markettypes.Order, error) {
	var answer markettypes.QueryOrderResponse
	err := n.ask(ctx, "Order", &markettypes.QueryOrderRequest{Id: order}, &answer)
	if got := hex.EncodeToString(answer.Order.Id); err == nil && got != order {
		err = fmt.Errorf("asked for order %s, the server tells of %.64s", order, got)
	}
	return answer.Order, err
}

// Proven implements Chain. The header store is opened for it alone.
func (n Node) Proven(ctx context.Context, order string) (markettypes.Order, error) {
	id, err := hex.DecodeString(order)
	if err != nil {
		return markettypes.Order{}, err
	}
	height, err := n.Height(ctx)
	if err != nil {
		return markettypes.Order{}, err
	}
	verifier, err := light.New(n.Config)
	if err != nil {
		return markettypes.Order{}, err
	}
	found, err := verifier.Order(ctx, id, height)
	return found, errors.Join(err, verifier.Close())
}

// Bundle implements Chain.
func (n Node) Bundle(ctx context.Context, bundle string) (answer markettypes.QueryBundleResponse, err error) {
	err = n.ask(ctx, "Bundle", &markettypes.QueryBundleRequest{Id: bundle}, &answer)
	return answer, err
}

func (n Node) ask(ctx context.Context, query string, request, response proto.Message) error {
	err := light.Query(ctx, n.Config, Query+query, request, response)
	if errors.Is(err, sdkerrors.ErrKeyNotFound) || errors.Is(err, markettypes.ErrNotFound) {
		return ErrUnknown
	}
	return err
}

// Send implements Chain.
func (n Node) Send(ctx context.Context, msg sdk.Msg) (*sdk.TxResponse, error) {
	response, err := n.Client.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{msg}})
	if err == nil {
		return response, nil
	}
	var refusal *chain.Error
	switch {
	case errors.Is(err, sdkerrors.ErrInsufficientFunds), errors.Is(err, sdkerrors.ErrInsufficientFee):
		return nil, fmt.Errorf("%w: account %s has not enough VMT for the price and the fee: %w", ErrRefused, n.Buyer(), err)
	case errors.Is(err, chain.ErrNoAccount):
		return nil, fmt.Errorf("%w: account %s has never received a coin; send it VMT first", ErrRefused, n.Buyer())
	case errors.As(err, &refusal):
		return nil, fmt.Errorf("%w: %s", ErrRefused, refusal.Log)
	case errors.Is(err, chain.ErrExpired), errors.Is(err, chain.ErrNoKey), errors.Is(err, chain.ErrWrongChain):
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	default:
		return nil, err
	}
}

// Answer reads the response of a transaction's first message.
func Answer(tx *sdk.TxResponse, response proto.Message) error {
	data, err := hex.DecodeString(tx.Data)
	if err != nil {
		return err
	}
	var messages sdk.TxMsgData
	if err := proto.Unmarshal(data, &messages); err != nil {
		return err
	}
	if len(messages.MsgResponses) == 0 {
		return errors.New("the transaction has no response")
	}
	return proto.Unmarshal(messages.MsgResponses[0].Value, response)
}
