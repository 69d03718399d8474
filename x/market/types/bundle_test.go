package types_test

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

var bundleCreator = sdk.AccAddress(bytes.Repeat([]byte{7}, 20))

// bundleSamples are hashes in ascending order.
func bundleSamples(n int) [][]byte {
	hashes := make([][]byte, n)
	for i := range hashes {
		hashes[i] = append(make([]byte, 31), byte(i))
	}
	return hashes
}

func TestBundleID(t *testing.T) {
	samples := bundleSamples(2)
	preimage := append([]byte("virusmap/bundle/v1\x00\x00\x00\x14"), bundleCreator...)
	preimage = append(preimage, "\x00\x00\x00\x05title"...)
	preimage = append(append(preimage, samples[0]...), samples[1]...)
	want := sha256.Sum256(preimage)
	require.Equal(t, want[:], types.BundleID(bundleCreator, "title", samples))
}

func TestBundleRefusals(t *testing.T) {
	params := types.DefaultParams()
	message := func() *types.MsgCreateBundle {
		return &types.MsgCreateBundle{Creator: bundleCreator.String(), Title: strings.Repeat("t", 80), Samples: bundleSamples(100)}
	}
	require.NoError(t, message().Validate(params))
	for name, refused := range map[string]struct {
		change func(*types.MsgCreateBundle)
		says   string
	}{
		"no title":          {func(m *types.MsgCreateBundle) { m.Title = "" }, "title"},
		"long title":        {func(m *types.MsgCreateBundle) { m.Title += "t" }, "title"},
		"title not UTF-8":   {func(m *types.MsgCreateBundle) { m.Title = "\xff" }, "title"},
		"two lines":         {func(m *types.MsgCreateBundle) { m.Title = "a\nb" }, "title"},
		"no samples":        {func(m *types.MsgCreateBundle) { m.Samples = nil }, "samples: 0, want 2..100"},
		"one sample":        {func(m *types.MsgCreateBundle) { m.Samples = m.Samples[:1] }, "samples: 1, want 2..100"},
		"too many samples":  {func(m *types.MsgCreateBundle) { m.Samples = bundleSamples(101) }, "samples: 101, want 2..100"},
		"short hash":        {func(m *types.MsgCreateBundle) { m.Samples[3] = m.Samples[3][1:] }, "samples[3]: 31 bytes, want 32"},
		"sample twice":      {func(m *types.MsgCreateBundle) { m.Samples[1] = m.Samples[0] }, "samples[1]"},
		"samples disorder":  {func(m *types.MsgCreateBundle) { slices.Reverse(m.Samples) }, "samples[1]"},
		"more than ordered": {func(*types.MsgCreateBundle) { params.MaxOrdersPerMsg = 99 }, "samples: 100, want 2..99"},
	} {
		t.Run(name, func(t *testing.T) {
			params = types.DefaultParams()
			msg := message()
			refused.change(msg)
			err := msg.Validate(params)
			require.ErrorIs(t, err, types.ErrInvalidBundle)
			require.ErrorContains(t, err, refused.says)
		})
	}
}

func TestBundleMatchesItsSamplesInAnyOrder(t *testing.T) {
	hashes := bundleSamples(4)
	bundle := types.Bundle{Samples: hashes[:3]}
	items := func(order ...int) (items []types.Item) {
		for _, i := range order {
			items = append(items, types.Item{Sha256: hashes[i]})
		}
		return items
	}
	require.NoError(t, bundle.Matches(items(0, 1, 2)))
	given := items(2, 0, 1)
	require.NoError(t, bundle.Matches(given))
	require.Equal(t, items(2, 0, 1), given, "the message stays as it is")
	for name, wrong := range map[string][]types.Item{
		"none": nil, "one is missing": items(0, 1), "one more": items(0, 1, 2, 3),
		"another": items(0, 1, 3), "one twice": items(0, 1, 1),
	} {
		require.ErrorIs(t, bundle.Matches(wrong), types.ErrInvalidBundle, name)
	}
}
