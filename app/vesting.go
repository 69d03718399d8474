package app

import (
	gwruntime "github.com/grpc-ecosystem/grpc-gateway/runtime"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
)

// vestingAccounts registers the vesting account types, which a genesis may hold,
// and leaves the messages of x/auth/vesting without a handler: with them anybody
// could turn an address that has no account yet into a vesting account.
type vestingAccounts struct{}

var (
	_ appmodule.AppModule   = vestingAccounts{}
	_ module.AppModuleBasic = vestingAccounts{}
)

func (vestingAccounts) IsOnePerModuleType() {}

func (vestingAccounts) IsAppModule() {}

func (vestingAccounts) Name() string { return vestingtypes.ModuleName }

func (vestingAccounts) RegisterLegacyAminoCodec(amino *codec.LegacyAmino) {
	vestingtypes.RegisterLegacyAminoCodec(amino)
}

func (vestingAccounts) RegisterInterfaces(registry codectypes.InterfaceRegistry) {
	vestingtypes.RegisterInterfaces(registry)
}

func (vestingAccounts) RegisterGRPCGatewayRoutes(client.Context, *gwruntime.ServeMux) {}
