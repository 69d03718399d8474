package types_test

import (
	"bytes"
	"testing"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	"github.com/virusmap/virusmap/x/market/types"
)

func TestEveryMessageCanBeSigned(t *testing.T) {
	signer, operator := accountOf(1), accountOf(2)
	id := make([]byte, 32)
	amount, nothing := sdk.NewInt64Coin(types.Denom, 10_000_000), sdk.NewInt64Coin(types.Denom, 0)
	params := types.DefaultParams()
	empty := params
	empty.Products, empty.Rates, empty.BundleDiscountPpm = nil, types.Rates{}, 0
	empty.DisputeBond, empty.BundleFee = nothing, nothing
	moduletest.RequireSignable(t, "virusmap.market.v1", types.RegisterLegacyAminoCodec, map[string]sdk.Msg{
		"order": &types.MsgOrderSamples{Buyer: signer, MaxPrice: amount, Items: []types.Item{
			{Sha256: id, OneTimeKey: make([]byte, types.OneTimeKeySize)}, {Sha256: id},
		}},
		"bundle order":  &types.MsgOrderSamples{Buyer: signer, MaxPrice: nothing, Items: []types.Item{{}}, Bundle: id},
		"nothing":       &types.MsgOrderSamples{Buyer: signer, MaxPrice: nothing},
		"deliver":       &types.MsgDeliverKeys{Sidecar: signer, Operator: operator, Keys: []types.SealedKey{{Order: id, Sealed: make([]byte, types.SealedKeySize)}, {Order: id}}},
		"no keys":       &types.MsgDeliverKeys{Sidecar: signer, Operator: operator},
		"settle":        &types.MsgSettleOrders{Signer: signer, Orders: [][]byte{id, id}},
		"no orders":     &types.MsgSettleOrders{Signer: signer},
		"dispute":       &types.MsgDisputeKey{Buyer: signer, Order: id, Secret: make([]byte, types.SecretSize)},
		"no secret":     &types.MsgDisputeKey{Buyer: signer, Order: id},
		"subscribe":     &types.MsgSubscribe{Buyer: signer, Product: "plan/duet+feeds", Periods: 12, MaxPrice: amount},
		"no periods":    &types.MsgSubscribe{Buyer: signer, Product: "feed/files", MaxPrice: nothing},
		"cancel":        &types.MsgCancelSubscription{Buyer: signer, Product: "plan/basic"},
		"revoke":        &types.MsgRevokeApiKeys{Buyer: signer},
		"create bundle": &types.MsgCreateBundle{Creator: signer, Title: "loaders & <droppers>", Samples: [][]byte{id, id}},
		"no samples":    &types.MsgCreateBundle{Creator: signer},
		"royalties":     &types.MsgClaimRoyalties{Contributor: signer},
		"buy":           &types.MsgBuyTokens{Buyer: signer, Tranche: id, Amount: amount},
		"buy nothing":   &types.MsgBuyTokens{Buyer: signer, Amount: nothing},
		"tranche": &types.MsgCreateTranche{
			Authority: signer, Title: "first", Amount: math.NewInt(1_000_000_000_000), Price: math.NewInt(50_000),
			PayDenom: "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", StartTime: 1_893_456_000,
			EndTime: 1_893_542_400, Cap: math.NewInt(1_000_000), Proceeds: operator,
		},
		"empty tranche": &types.MsgCreateTranche{Authority: signer, Amount: math.ZeroInt(), Price: math.ZeroInt(), Cap: math.ZeroInt()},
		"great tranche": &types.MsgCreateTranche{
			Amount: math.NewIntFromUint64(1<<64 - 1).MulRaw(1_000_000), Price: math.NewInt(-1), StartTime: -1 << 63, EndTime: 1<<63 - 1, Cap: math.ZeroInt(),
		},
		"params":       &types.MsgUpdateParams{Authority: signer, Params: params},
		"empty params": &types.MsgUpdateParams{Authority: signer, Params: empty},
	})
}

func accountOf(n byte) string { return sdk.AccAddress(bytes.Repeat([]byte{n}, 20)).String() }
