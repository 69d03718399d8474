package bounty_test

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

	"github.com/virusmap/virusmap/x/bounty"
	"github.com/virusmap/virusmap/x/bounty/types"
)

func TestDefaultGenesisIsValid(t *testing.T) {
	encoding := testutil.MakeTestEncodingConfig(bounty.AppModule{})
	module := bounty.NewAppModule(encoding.Codec, nil)
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
	require.NoError(t, bounty.AppModule{}.RegisterServices(server))
	require.Len(t, server.GetServiceInfo()["virusmap.bounty.v1.Msg"].Methods, 5)
	require.Len(t, server.GetServiceInfo()["virusmap.bounty.v1.Query"].Methods, 10)
}

// Every method has its command, except those of the supernode process and explain, which
// has one of its own.
func TestCommands(t *testing.T) {
	encoding := testutil.MakeTestEncodingConfig(bounty.AppModule{})
	commands := autocli.AppOptions{
		Modules: map[string]appmodule.AppModule{types.ModuleName: bounty.AppModule{}},
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
		{"query", "bounty", "params"},
		{"query", "bounty", "treasury"},
		{"query", "bounty", "emission"},
		{"query", "bounty", "epoch"},
		{"query", "bounty", "epochs"},
		{"query", "bounty", "rewards"},
		{"query", "bounty", "cluster"},
		{"query", "bounty", "bounty"},
		{"query", "bounty", "bounties"},
		{"tx", "bounty", "claim-rewards"},
		{"tx", "bounty", "post-bounty"},
		{"tx", "bounty", "top-up-bounty"},
	} {
		command, rest, err := root.Find(path)
		require.NoError(t, err)
		require.Empty(t, rest, "%v", path)
		require.Equal(t, path[2], command.Name())
		require.NotEmpty(t, command.Short)
	}
	for _, name := range []string{"update-params", "report-sightings"} {
		command, _, err := root.Find([]string{"tx", "bounty", name})
		require.True(t, err != nil || command.Name() != name, "%s is not for a person", name)
	}
}
