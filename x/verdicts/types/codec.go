package types

import (
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// RegisterLegacyAminoCodec names the messages for amino-JSON signing.
func RegisterLegacyAminoCodec(cdc *codec.LegacyAmino) {
	legacy.RegisterAminoMsg(cdc, &MsgRegisterEngine{}, "virusmap/verdicts/MsgRegisterEngine")
	legacy.RegisterAminoMsg(cdc, &MsgRetireEngine{}, "virusmap/verdicts/MsgRetireEngine")
	legacy.RegisterAminoMsg(cdc, &MsgCommitAttestation{}, "virusmap/verdicts/CommitAttestation")
	legacy.RegisterAminoMsg(cdc, &MsgRevealAttestation{}, "virusmap/verdicts/RevealAttestation")
	legacy.RegisterAminoMsg(cdc, &MsgAppeal{}, "virusmap/verdicts/MsgAppeal")
	legacy.RegisterAminoMsg(cdc, &MsgEscalateAppeal{}, "virusmap/verdicts/EscalateAppeal")
	legacy.RegisterAminoMsg(cdc, &MsgUpdateParams{}, "virusmap/verdicts/MsgUpdateParams")
	cdc.RegisterConcrete(&Params{}, "virusmap/x/verdicts/Params", nil)
}

// RegisterInterfaces registers the messages.
func RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	registry.RegisterImplementations(
		(*sdk.Msg)(nil),
		&MsgRegisterEngine{}, &MsgRetireEngine{}, &MsgCommitAttestation{}, &MsgRevealAttestation{},
		&MsgAppeal{}, &MsgEscalateAppeal{}, &MsgUpdateParams{},
	)
	msgservice.RegisterMsgServiceDesc(registry, &_Msg_serviceDesc)
}
