package types_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/market/types"
)

func genesisWithBundles() *types.GenesisState {
	gs := types.DefaultGenesis()
	for _, title := range []string{"one", "two"} {
		gs.Bundles = append(gs.Bundles, types.Bundle{
			Id: types.BundleID(bundleCreator, title, bundleSamples(3)), Creator: bundleCreator.String(), Title: title, Samples: bundleSamples(3),
		})
	}
	slices.SortFunc(gs.Bundles, func(a, b types.Bundle) int { return bytes.Compare(a.Id, b.Id) })
	return gs
}

func TestGenesisOfBundles(t *testing.T) {
	require.NoError(t, genesisWithBundles().Validate())
	for name, refused := range map[string]struct {
		change func(*types.GenesisState)
		want   error
		says   string
	}{
		"nobody's":   {func(gs *types.GenesisState) { gs.Bundles[1].Creator = "" }, types.ErrInvalidAddress, "bundles[1]: creator"},
		"shouted":    {func(gs *types.GenesisState) { gs.Bundles[1].Creator = strings.ToUpper(gs.Bundles[1].Creator) }, types.ErrInvalidGenesis, "bundles[1]: creator"},
		"untitled":   {func(gs *types.GenesisState) { gs.Bundles[1].Title = "" }, types.ErrInvalidBundle, "bundles[1]: title"},
		"one sample": {func(gs *types.GenesisState) { gs.Bundles[0].Samples = bundleSamples(1) }, types.ErrInvalidBundle, "bundles[0]: samples"},
		"renamed":    {func(gs *types.GenesisState) { gs.Bundles[1].Title = "three" }, types.ErrInvalidGenesis, "bundles[1]: id"},
		"disorder":   {func(gs *types.GenesisState) { slices.Reverse(gs.Bundles) }, types.ErrInvalidGenesis, "bundles[1]"},
		"twice":      {func(gs *types.GenesisState) { gs.Bundles[1] = gs.Bundles[0] }, types.ErrInvalidGenesis, "bundles[1]"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := genesisWithBundles()
			refused.change(gs)
			err := gs.Validate()
			require.ErrorIs(t, err, refused.want)
			require.ErrorContains(t, err, refused.says)
		})
	}
}
