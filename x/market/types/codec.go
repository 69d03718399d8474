package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec registers the messages under the names that the protos
// give them, which is what hardware wallets sign.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	cdc.RegisterConcrete(Params{}, "virusmap/x/market/Params", nil)
	legacy.RegisterAminoMsg(cdc, &MsgOrderSamples{}, "virusmap/market/MsgOrderSamples")
	legacy.RegisterAminoMsg(cdc, &MsgDeliverKeys{}, "virusmap/market/MsgDeliverKeys")
	legacy.RegisterAminoMsg(cdc, &MsgSettleOrders{}, "virusmap/market/MsgSettleOrders")
	legacy.RegisterAminoMsg(cdc, &MsgDisputeKey{}, "virusmap/market/MsgDisputeKey")
	legacy.RegisterAminoMsg(cdc, &MsgSubscribe{}, "virusmap/market/MsgSubscribe")
	legacy.RegisterAminoMsg(cdc, &MsgCancelSubscription{}, "virusmap/market/MsgCancelSubscription")
	legacy.RegisterAminoMsg(cdc, &MsgRevokeApiKeys{}, "virusmap/market/MsgRevokeApiKeys")
	legacy.RegisterAminoMsg(cdc, &MsgCreateBundle{}, "virusmap/market/MsgCreateBundle")
	legacy.RegisterAminoMsg(cdc, &MsgClaimRoyalties{}, "virusmap/market/MsgClaimRoyalties")
	legacy.RegisterAminoMsg(cdc, &MsgBuyTokens{}, "virusmap/market/MsgBuyTokens")
	legacy.RegisterAminoMsg(cdc, &MsgCreateTranche{}, "virusmap/market/MsgCreateTranche")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "virusmap/market/MsgUpdateParams")
}

// RegisterInterfaces registers the messages as sdk.Msg.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations(
		(*sdk.Msg)(nil),
		&MsgOrderSamples{},
		&MsgDeliverKeys{},
		&MsgSettleOrders{},
		&MsgDisputeKey{},
		&MsgSubscribe{},
		&MsgCancelSubscription{},
		&MsgRevokeApiKeys{},
		&MsgCreateBundle{},
		&MsgClaimRoyalties{},
		&MsgBuyTokens{},
		&MsgCreateTranche{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
