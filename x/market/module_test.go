package market_test

import (
	"encoding/json"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/types/module/testutil"

	"github.com/virusmap/virusmap/x/market"
	"github.com/virusmap/virusmap/x/market/types"
)

func TestDefaultGenesisIsValid(t *testing.T) {
	encoding := testutil.MakeTestEncodingConfig(market.AppModule{})
	module := market.NewAppModule(encoding.Codec, nil)
	data := module.DefaultGenesis(encoding.Codec)
	require.NoError(t, module.ValidateGenesis(encoding.Codec, encoding.TxConfig, data))

	for name, bad := range map[string]string{
		"not JSON":      `{`,
		"unknown field": `{"params":{},"extra":1}`,
		"no parameters": `{}`,
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, module.ValidateGenesis(encoding.Codec, encoding.TxConfig, json.RawMessage(bad)))
		})
	}
}

func TestServices(t *testing.T) {
	server := grpc.NewServer()
	require.NoError(t, market.AppModule{}.RegisterServices(server))
	require.Len(t, server.GetServiceInfo()["virusmap.market.v1.Msg"].Methods, 12)
	require.Len(t, server.GetServiceInfo()["virusmap.market.v1.Query"].Methods, 15)
}

// Every method has its command, except those that need the secrets of an order, which
// commands of `virusmap` keep.
func TestCommands(t *testing.T) {
	encoding := testutil.MakeTestEncodingConfig(market.AppModule{})
	commands := autocli.AppOptions{
		Modules: map[string]appmodule.AppModule{types.ModuleName: market.AppModule{}},
		ClientCtx: client.Context{}.WithCodec(encoding.Codec).WithInterfaceRegistry(encoding.InterfaceRegistry).
			WithTxConfig(encoding.TxConfig),
		AddressCodec:          addresscodec.NewBech32Codec("vmt"),
		ValidatorAddressCodec: addresscodec.NewBech32Codec("vmtvaloper"),
		ConsensusAddressCodec: addresscodec.NewBech32Codec("vmtvalcons"),
	}
	root := &cobra.Command{Use: "vmtd"}
	root.PersistentFlags().String(flags.FlagChainID, "", "")
	require.NoError(t, commands.EnhanceRootCommand(root))

	for _, path := range [][]string{
		{"query", "market", "params"},
		{"query", "market", "prices"},
		{"query", "market", "quote"},
		{"query", "market", "order"},
		{"query", "market", "orders"},
		{"query", "market", "deliveries"},
		{"query", "market", "subscriptions"},
		{"query", "market", "royalties"},
		{"query", "market", "pools"},
		{"query", "market", "bundle"},
		{"query", "market", "bundles"},
		{"query", "market", "tranche"},
		{"query", "market", "tranches"},
		{"query", "market", "feed-package"},
		{"query", "market", "feed-packages"},
		{"tx", "market", "deliver-keys"},
		{"tx", "market", "settle-orders"},
		{"tx", "market", "subscribe"},
		{"tx", "market", "cancel-subscription"},
		{"tx", "market", "revoke-api-keys"},
		{"tx", "market", "create-bundle"},
		{"tx", "market", "claim-royalties"},
		{"tx", "market", "buy-tokens"},
		{"tx", "market", "create-tranche-proposal"},
		{"tx", "market", "update-params-proposal"},
	} {
		command, rest, err := root.Find(path)
		require.NoError(t, err)
		require.Empty(t, rest, "%v", path)
		require.Equal(t, path[2], command.Name())
		require.NotEmpty(t, command.Short)
	}
	for _, name := range []string{"order-samples", "dispute-key", "create-tranche", "update-params"} {
		command, _, err := root.Find([]string{"tx", "market", name})
		require.True(t, err != nil || command.Name() != name, "%s is not for a person", name)
	}
}
