package network

import (
	"encoding/json"
	"testing"

	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

// What the networks of this package change is there, and the chain starts with it.
func TestGenesisIsValid(t *testing.T) {
	for name, change := range map[string]func(map[string]any){"fast": FastGenesis, "demo": DemoGenesis} {
		t.Run(name, func(t *testing.T) {
			node := app.New(log.NewNopLogger(), dbm.NewMemDB(), false, chaintest.Options{"home": t.TempDir()})
			encoded, err := json.Marshal(map[string]any{"app_state": node.DefaultGenesis()})
			require.NoError(t, err)
			var genesis map[string]any
			require.NoError(t, json.Unmarshal(encoded, &genesis))
			change(genesis)
			encoded, err = json.Marshal(genesis["app_state"])
			require.NoError(t, err)
			var state app.GenesisState
			require.NoError(t, json.Unmarshal(encoded, &state))
			require.NoError(t, node.Basics.ValidateGenesis(node.Codec, node.TxConfig, state))
		})
	}
}
