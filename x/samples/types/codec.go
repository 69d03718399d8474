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
	cdc.RegisterConcrete(Params{}, "virusmap/x/samples/Params", nil)
	legacy.RegisterAminoMsg(cdc, &MsgSubmitSamples{}, "virusmap/samples/MsgSubmitSamples")
	legacy.RegisterAminoMsg(cdc, &MsgClaimSubmissions{}, "virusmap/samples/ClaimSubmissions")
	legacy.RegisterAminoMsg(cdc, &MsgRequestRescan{}, "virusmap/samples/MsgRequestRescan")
	legacy.RegisterAminoMsg(cdc, &MsgBlockSample{}, "virusmap/samples/MsgBlockSample")
	legacy.RegisterAminoMsg(cdc, &MsgProveStorage{}, "virusmap/samples/MsgProveStorage")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "virusmap/samples/MsgUpdateParams")
}

// RegisterInterfaces registers the messages as sdk.Msg.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations(
		(*sdk.Msg)(nil),
		&MsgSubmitSamples{},
		&MsgClaimSubmissions{},
		&MsgRequestRescan{},
		&MsgBlockSample{},
		&MsgProveStorage{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
