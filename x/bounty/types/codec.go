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
	cdc.RegisterConcrete(Params{}, "virusmap/x/bounty/Params", nil)
	legacy.RegisterAminoMsg(cdc, &MsgClaimRewards{}, "virusmap/bounty/MsgClaimRewards")
	legacy.RegisterAminoMsg(cdc, &MsgReportSightings{}, "virusmap/bounty/MsgReportSightings")
	legacy.RegisterAminoMsg(cdc, &MsgPostBounty{}, "virusmap/bounty/MsgPostBounty")
	legacy.RegisterAminoMsg(cdc, &MsgTopUpBounty{}, "virusmap/bounty/MsgTopUpBounty")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "virusmap/bounty/MsgUpdateParams")
}

// RegisterInterfaces registers the messages as sdk.Msg.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations(
		(*sdk.Msg)(nil),
		&MsgClaimRewards{},
		&MsgReportSightings{},
		&MsgPostBounty{},
		&MsgTopUpBounty{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
