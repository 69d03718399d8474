package light

import (
	"context"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/collections"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// Order proves the record of an order of x/market in the state of a height or a later one,
// for which it may wait some blocks. What is refuted, above all an order that is not there,
// is an error too.
func (v *Verifier) Order(ctx context.Context, order []byte, atLeast int64) (markettypes.Order, error) {
	key, err := collections.EncodeKeyWithPrefix(markettypes.OrdersPrefix, collections.BytesKey, order)
	if err != nil {
		return markettypes.Order{}, err
	}
	block, _, err := v.header(ctx, atLeast)
	if err != nil {
		return markettypes.Order{}, err
	}
	proof, err := state{v.servers, block.Height - 1, block.AppHash}.prove(ctx, markettypes.StoreKey, key)
	if err != nil {
		return markettypes.Order{}, err
	}
	var record markettypes.Order
	if err := proto.Unmarshal(proof.Value, &record); err != nil {
		return markettypes.Order{}, refute("order %x: %w", order, err)
	}
	return record, nil
}
