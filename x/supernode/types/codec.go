package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec registers the names under which Ledger and Keplr sign.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	cdc.RegisterConcrete(Params{}, "virusmap/x/supernode/Params", nil)
	legacy.RegisterAminoMsg(cdc, &MsgRegister{}, "virusmap/supernode/MsgRegister")
	legacy.RegisterAminoMsg(cdc, &MsgEdit{}, "virusmap/supernode/MsgEdit")
	legacy.RegisterAminoMsg(cdc, &MsgAddBond{}, "virusmap/supernode/MsgAddBond")
	legacy.RegisterAminoMsg(cdc, &MsgRetire{}, "virusmap/supernode/MsgRetire")
	legacy.RegisterAminoMsg(cdc, &MsgPublishVaultKey{}, "virusmap/supernode/PublishVaultKey")
	legacy.RegisterAminoMsg(cdc, &MsgSealVaultKey{}, "virusmap/supernode/SealVaultKey")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "virusmap/supernode/MsgUpdateParams")
}

// RegisterInterfaces registers the messages.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations(
		(*sdk.Msg)(nil),
		&MsgRegister{},
		&MsgEdit{},
		&MsgAddBond{},
		&MsgRetire{},
		&MsgPublishVaultKey{},
		&MsgSealVaultKey{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
