package supernode_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"

	"github.com/virusmap/virusmap/x/supernode"
	"github.com/virusmap/virusmap/x/supernode/keeper"
	"github.com/virusmap/virusmap/x/supernode/types"
)

func newModule() (supernode.AppModule, *storetypes.KVStoreKey, codec.Codec) {
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "vmt"}.NewCodec()
	key := storetypes.NewKVStoreKey(types.StoreKey)
	return supernode.NewAppModule(cdc, keeper.NewKeeper(cdc, runtime.NewKVStoreService(key), nil, "")), key, cdc
}

func TestDefaultGenesisStartsAChainAndComesBack(t *testing.T) {
	module, key, cdc := newModule()
	ctx := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient")).Ctx
	genesis := module.DefaultGenesis(cdc)
	require.NoError(t, module.ValidateGenesis(cdc, nil, genesis))

	module.InitGenesis(ctx, cdc, genesis)

	require.Equal(t, string(genesis), string(module.ExportGenesis(ctx, cdc)))
	require.NoError(t, module.EndBlock(ctx))
}

func TestGenesisThatIsWrongIsRefused(t *testing.T) {
	module, key, cdc := newModule()
	ctx := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient")).Ctx
	for name, genesis := range map[string]string{
		"not JSON":      "{",
		"unknown field": `{"seat": []}`,
		"no parameters": "{}",
	} {
		t.Run(name, func(t *testing.T) {
			var config client.TxEncodingConfig
			require.Error(t, module.ValidateGenesis(cdc, config, []byte(genesis)))
			require.Panics(t, func() { module.InitGenesis(ctx, cdc, []byte(genesis)) })
		})
	}
}

// registrar remembers which services a module serves.
type registrar map[string]*grpc.ServiceDesc

func (r registrar) RegisterService(desc *grpc.ServiceDesc, _ any) { r[desc.ServiceName] = desc }

// Each method has its command, and each command its method.
func TestEveryMethodHasACommand(t *testing.T) {
	module, _, _ := newModule()
	served := registrar{}
	require.NoError(t, module.RegisterServices(served))
	options := module.AutoCLIOptions()
	for _, commands := range []*autocliv1.ServiceCommandDescriptor{options.Query, options.Tx} {
		desc, ok := served[commands.Service]
		require.True(t, ok, commands.Service)
		var methods, described []string
		for _, method := range desc.Methods {
			methods = append(methods, method.MethodName)
		}
		for _, command := range commands.RpcCommandOptions {
			described = append(described, command.RpcMethod)
		}
		require.ElementsMatch(t, methods, described)
	}
}
