package types_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// Places of the default products that the tests change.
const (
	aPass   = 0
	anIntel = 3
	aPlan   = 5 // plan/duet
	aSample = 9
)

func TestProductRefusals(t *testing.T) {
	require.NoError(t, types.DefaultParams().Validate())
	for name, refused := range map[string]struct {
		product int
		change  func(*types.Product)
		says    string
	}{
		"no id":                  {aSample, func(p *types.Product) { p.Id = "" }, `"" does not come after`},
		"short id":               {aPass, func(p *types.Product) { p.Id = "ab" }, "id does not match"},
		"long id":                {aPass, func(p *types.Product) { p.Id = "a23456789012345678901234567890123" }, "id does not match"},
		"id in upper case":       {aPass, func(p *types.Product) { p.Id = "Feed" }, "id does not match"},
		"id that is a path":      {aPass, func(p *types.Product) { p.Id = "/feed" }, "id does not match"},
		"id twice":               {aPass + 1, func(p *types.Product) { p.Id = "feed/files" }, `"feed/files" does not come after "feed/files"`},
		"ids in disorder":        {aSample, func(p *types.Product) { p.Id = "aaa" }, `"aaa" does not come after`},
		"no kind":                {aSample, func(p *types.Product) { p.Kind = types.PRODUCT_KIND_UNSPECIFIED }, "kind 0 is not known"},
		"unknown kind":           {aSample, func(p *types.Product) { p.Kind = 9 }, "kind 9 is not known"},
		"no floor":               {aSample, func(p *types.Product) { p.Floor = 0 }, "floor 0"},
		"floor above the price":  {aSample, func(p *types.Product) { p.Floor = p.InitialPrice + 1 }, "does not hold"},
		"price above the limit":  {aSample, func(p *types.Product) { p.InitialPrice = p.Ceiling + 1 }, "does not hold"},
		"ceiling above all":      {aSample, func(p *types.Product) { p.Ceiling = 1_000_000_000_001 }, "does not hold"},
		"no target":              {aSample, func(p *types.Product) { p.Target = 0 }, "target is 0, want 1..1000000000"},
		"target too high":        {aSample, func(p *types.Product) { p.Target = 1_000_000_001 }, "target is 1000000001"},
		"sample without a size":  {aSample, func(p *types.Product) { p.MaxSizeBytes = 0 }, "wants max_size_bytes"},
		"sample with a period":   {aSample, func(p *types.Product) { p.PeriodSeconds = 60 }, "no period"},
		"intel with a feed":      {anIntel, func(p *types.Product) { p.Feed = types.FeedIntel }, "no period, feed"},
		"intel with quotas":      {anIntel, func(p *types.Product) { p.Quotas.Support = true }, "or quotas"},
		"pass with a size":       {aPass, func(p *types.Product) { p.MaxSizeBytes = 1 }, "wants no max_size_bytes"},
		"pass with quotas":       {aPass, func(p *types.Product) { p.Quotas.LookupsPerDay = 1 }, "no quotas"},
		"pass without a feed":    {aPass, func(p *types.Product) { p.Feed = "" }, `feed "" is none of`},
		"pass for unknown feed":  {aPass, func(p *types.Product) { p.Feed = "news" }, `feed "news" is none of`},
		"pass without a period":  {aPass, func(p *types.Product) { p.PeriodSeconds = 0 }, "period_seconds is 0, want 10.."},
		"pass for two years":     {aPass, func(p *types.Product) { p.PeriodSeconds = 367 * 24 * 60 * 60 }, "period_seconds is 31708800"},
		"plan with a size":       {aPlan, func(p *types.Product) { p.MaxSizeBytes = 1 }, "wants no max_size_bytes"},
		"plan with a feed":       {aPlan, func(p *types.Product) { p.Feed = types.FeedURLs }, "and no feed"},
		"plan of short periods":  {aPlan, func(p *types.Product) { p.PeriodSeconds = 9 }, "period_seconds is 9"},
		"quota too high":         {aPlan, func(p *types.Product) { p.Quotas.RuleJobsPerMonth = 1_000_000_001 }, "rule_jobs_per_month is 1000000001"},
		"quota of unknown feed":  {aPlan, func(p *types.Product) { p.Quotas.Feeds = []string{"news"} }, `quotas: feed "news"`},
		"quota of a feed twice":  {aPlan, func(p *types.Product) { p.Quotas.Feeds = []string{"urls", "urls"} }, `quotas: feed "urls" does not come after`},
		"quota of too many feed": {aPlan, func(p *types.Product) { p.Quotas.Feeds = make([]string, 9) }, "quotas: 9 feeds"},
	} {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			refused.change(&params.Products[refused.product])
			err := params.Validate()
			require.ErrorIs(t, err, types.ErrInvalidParams)
			require.ErrorContains(t, err, refused.says)
		})
	}
	t.Run("too many", func(t *testing.T) {
		params := types.DefaultParams()
		product := params.Products[aSample]
		params.Products = nil
		for i := range 65 {
			product.Id = fmt.Sprintf("sample/%02d", i)
			params.Products = append(params.Products, product)
		}
		require.ErrorContains(t, params.Validate(), "products: 65, want at most 64")
		params.Products = params.Products[1:]
		require.NoError(t, params.Validate())
	})
}

func TestSoldAs(t *testing.T) {
	const mib = 1 << 20
	params := types.DefaultParams()
	for name, test := range map[string]struct {
		kind samplestypes.Kind
		size uint64
		want string // empty when it is not sold
	}{
		"nothing at all":       {samplestypes.KIND_FILE, 0, "sample/small"},
		"as large as small is": {samplestypes.KIND_FILE, mib, "sample/small"},
		"a byte more":          {samplestypes.KIND_FILE, mib + 1, "sample/medium"},
		"large":                {samplestypes.KIND_FILE, 33 * mib, "sample/large"},
		"too large":            {samplestypes.KIND_FILE, 1<<30 + 1, ""},
		"a URL":                {samplestypes.KIND_URL, 30, "sample/small"},
		"intel":                {samplestypes.KIND_INTEL, 30, "intel"},
		"intel too large":      {samplestypes.KIND_INTEL, 17 * mib, ""},
	} {
		t.Run(name, func(t *testing.T) {
			product, sold := params.SoldAs(test.kind, test.size)
			require.Equal(t, test.want, product.Id)
			require.Equal(t, test.want != "", sold)
		})
	}
}

func TestFeedOfEveryKind(t *testing.T) {
	for kind, name := range samplestypes.Kind_name {
		feed := types.FeedOf(samplestypes.Kind(kind))
		if samplestypes.Kind(kind) == samplestypes.KIND_UNSPECIFIED {
			require.Empty(t, feed)
			continue
		}
		require.NoError(t, types.ValidateFeed(feed), name)
	}
}
