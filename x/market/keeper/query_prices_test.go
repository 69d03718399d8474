package keeper_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestPricesOfWhatWasNeverSold(t *testing.T) {
	f := newPricesFixture(t)
	response, err := f.queries.Prices(f.ctx, &types.QueryPricesRequest{})
	require.NoError(t, err)
	require.Equal(t, uint64(1), response.Epoch)
	require.Len(t, response.Prices, len(types.DefaultProducts()))
	for i, product := range types.DefaultProducts() {
		require.Equal(t, product.Id, response.Prices[i].Product)
		f.requirePrice(product.Id, product.InitialPrice, 0, 0, 0)
	}
}

func TestQuote(t *testing.T) {
	f := newPricesFixture(t)
	sample := f.publish(1)[0]
	quote, err := f.quote(sample)
	require.NoError(t, err)
	stored, err := f.chain.App.SamplesKeeper.Get(f.ctx, sample)
	require.NoError(t, err)
	require.Equal(t, &types.QueryQuoteResponse{
		Product: smallSample, Price: 1_000_000, Sealing: stored.Sealing, SizeBytes: stored.SizeBytes, Kind: samplestypes.KIND_FILE,
	}, quote)

	f.startEpochs(1)
	f.endBlock()
	quote, err = f.quote(sample)
	require.NoError(t, err)
	require.Equal(t, uint64(875_000), quote.Price)
}

func TestQuoteRefusals(t *testing.T) {
	f := newPricesFixture(t)
	sample := f.publish(1)[0]
	known := hex.EncodeToString(sample)
	for name, refused := range map[string]struct {
		sha256 string
		status samplestypes.Status
		code   codes.Code
		says   string
	}{
		"nothing":      {"", samplestypes.STATUS_FINAL, codes.InvalidArgument, "sha256"},
		"an MD5":       {known[:32], samplestypes.STATUS_FINAL, codes.InvalidArgument, "is not 64 hex digits"},
		"no hex":       {strings.Repeat("x", 64), samplestypes.STATUS_FINAL, codes.InvalidArgument, "is not 64 hex digits"},
		"unknown":      {strings.Repeat("0", 64), samplestypes.STATUS_FINAL, codes.NotFound, "is not known"},
		"not judged":   {known, samplestypes.STATUS_SCANNING, codes.NotFound, "is STATUS_SCANNING"},
		"taken down":   {known, samplestypes.STATUS_BLOCKED, codes.NotFound, "is STATUS_BLOCKED"},
		"not its file": {known, samplestypes.STATUS_INVALID, codes.NotFound, "is STATUS_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			f.setStatus(sample, refused.status)
			_, err := f.queries.Quote(f.ctx, &types.QueryQuoteRequest{Sha256: refused.sha256})
			require.Equal(t, refused.code, status.Code(err))
			require.ErrorContains(t, err, refused.says)
		})
	}
	t.Run("too large", func(t *testing.T) {
		f.setStatus(sample, samplestypes.STATUS_FINAL)
		f.setParams(func(p *types.Params) { p.Products = p.Products[:1] })
		_, err := f.queries.Quote(f.ctx, &types.QueryQuoteRequest{Sha256: known})
		require.Equal(t, codes.NotFound, status.Code(err))
		require.ErrorContains(t, err, "no product takes it")
	})
}
