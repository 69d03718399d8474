package chaintest

import (
	"encoding/json"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/app/allocation"
)

// RequireRoundTrip exports the state, starts another chain from it, and requires that
// this one exports the same, module by module.
func (c *Chain) RequireRoundTrip() {
	c.t.Helper()
	exported, err := c.App.Export(nil)
	require.NoError(c.t, err)
	require.Equal(c.t, c.Height+1, exported.Height)
	first, err := app.UnmarshalGenesis(exported.AppState)
	require.NoError(c.t, err)
	require.NoError(c.t, c.App.Basics.ValidateGenesis(c.App.Codec, c.App.TxConfig, first))
	require.NoError(c.t, allocation.Check(c.App.Codec, first))

	other := app.New(log.NewNopLogger(), dbm.NewMemDB(), true,
		Options{flags.FlagHome: c.t.TempDir()}, baseapp.SetChainID(ChainID))
	_, err = other.InitChain(&abci.RequestInitChain{
		Time: c.Time, ChainId: ChainID, InitialHeight: exported.Height,
		ConsensusParams: &exported.ConsensusParams, AppStateBytes: exported.AppState,
	})
	require.NoError(c.t, err)
	ctx := other.GetContextForFinalizeBlock(nil)
	require.NoError(c.t, other.CheckInvariants(ctx))
	second, err := other.Modules.ExportGenesis(ctx, other.Codec)
	require.NoError(c.t, err)
	require.Len(c.t, second, len(first))
	for name, state := range first {
		require.JSONEq(c.t, string(state), string(second[name]), name)
	}
}

// Move exports the state, lets change edit it unless it is nil, and starts a fresh chain from
// it in memory, which goes on at the next height. The first one can go on as well.
func (c *Chain) Move(change func(codec.Codec, app.GenesisState)) *Chain {
	c.t.Helper()
	exported, err := c.App.Export(nil)
	require.NoError(c.t, err)
	state, err := app.UnmarshalGenesis(exported.AppState)
	require.NoError(c.t, err)
	if change != nil {
		change(c.App.Codec, state)
	}
	bz, err := json.Marshal(state)
	require.NoError(c.t, err)

	moved := *c
	moved.db, moved.signed = dbm.NewMemDB(), map[string]uint64{}
	moved.App = moved.open()
	_, err = moved.App.InitChain(&abci.RequestInitChain{
		Time: c.Time, ChainId: ChainID, InitialHeight: exported.Height,
		ConsensusParams: &exported.ConsensusParams, AppStateBytes: bz,
	})
	require.NoError(c.t, err)
	return &moved
}
