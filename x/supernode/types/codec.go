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
	legacy.RegisterAminoMsg(cdc, &MsgReportVaultKey{}, "virusmap/supernode/MsgReportVaultKey")
	legacy.RegisterAminoMsg(cdc, &MsgSetCommission{}, "virusmap/supernode/MsgSetCommission")
	legacy.RegisterAminoMsg(cdc, &MsgUnjail{}, "virusmap/supernode/MsgUnjail")
	legacy.RegisterAminoMsg(cdc, &MsgDelegate{}, "virusmap/supernode/MsgDelegate")
	legacy.RegisterAminoMsg(cdc, &MsgRedelegate{}, "virusmap/supernode/MsgRedelegate")
	legacy.RegisterAminoMsg(cdc, &MsgUndelegate{}, "virusmap/supernode/MsgUndelegate")
	legacy.RegisterAminoMsg(cdc, &MsgWithdrawRewards{}, "virusmap/supernode/MsgWithdrawRewards")
	legacy.RegisterAminoMsg(cdc, &MsgWithdrawCommission{}, "virusmap/supernode/WithdrawCommission")
	legacy.RegisterAminoMsg(cdc, &MsgFundRewards{}, "virusmap/supernode/MsgFundRewards")
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
		&MsgReportVaultKey{},
		&MsgSetCommission{},
		&MsgUnjail{},
		&MsgDelegate{},
		&MsgRedelegate{},
		&MsgUndelegate{},
		&MsgWithdrawRewards{},
		&MsgWithdrawCommission{},
		&MsgFundRewards{},
		&MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
