package types

import (
	"fmt"
	"regexp"
	"strings"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	maxProducts = 64
	// maxPrice bounds every price, in uvmt: one million VMT.
	maxPrice  = 1_000_000_000_000
	maxTarget = 1_000_000_000
	maxFeeds  = 8
	maxQuota  = 1_000_000_000
)

// Feeds that the chain packages, by the kind of sample whose judgements they hold.
const (
	FeedFiles = "files"
	FeedURLs  = "urls"
	FeedIntel = "intel"
)

// Feeds returns all names, ascending.
func Feeds() []string { return []string{FeedFiles, FeedIntel, FeedURLs} }

// FeedOf names the feed of a kind of samples; empty for none.
func FeedOf(kind samplestypes.Kind) string {
	switch kind {
	case samplestypes.KIND_FILE:
		return FeedFiles
	case samplestypes.KIND_URL:
		return FeedURLs
	case samplestypes.KIND_INTEL:
		return FeedIntel
	default:
		return ""
	}
}

// ValidateFeed names the limit of a feed's name.
func ValidateFeed(feed string) error {
	for _, known := range Feeds() {
		if feed == known {
			return nil
		}
	}
	return fmt.Errorf("feed %.32q is none of %s", feed, strings.Join(Feeds(), ", "))
}

const (
	mib   = 1 << 20
	month = 30 * day
)

// DefaultProducts are samples in three sizes, intelligence, passes for the feeds and the
// five tiers of plans, ascending by id. The quotas are those of the tiers that vendors of
// such services are used to.
func DefaultProducts() []Product {
	item := func(id string, kind ProductKind, size, price, target uint64) Product {
		return Product{Id: id, Kind: kind, MaxSizeBytes: size, InitialPrice: price, Floor: price / 100, Ceiling: price * 1000, Target: target}
	}
	pass := func(feed string, price uint64) Product {
		return Product{
			Id: "feed/" + feed, Kind: PRODUCT_KIND_FEED, InitialPrice: price, Floor: price / 100, Ceiling: price * 50,
			Target: 20, PeriodSeconds: day, Feed: feed,
		}
	}
	plan := func(tier string, price, target uint64, quotas Quotas) Product {
		quotas.Support = true
		return Product{
			Id: "plan/" + tier, Kind: PRODUCT_KIND_PLAN, InitialPrice: price, Floor: price / 100, Ceiling: price * 50,
			Target: target, PeriodSeconds: month, Quotas: quotas,
		}
	}
	const vmt = 1_000_000
	return []Product{
		pass(FeedFiles, 300*vmt),
		pass(FeedIntel, 50*vmt),
		pass(FeedURLs, 100*vmt),
		item("intel", PRODUCT_KIND_INTEL, 16*mib, vmt, 100),
		plan("basic", 100*vmt, 20, Quotas{
			LookupsPerDay: 1_000, SearchesPerMonth: 300, RetrohuntsPerMonth: 2, LookbackDays: 90,
			LivehuntRules: 5, RuleJobsPerMonth: 5,
		}),
		plan("duet", 10_000*vmt, 2, Quotas{
			LookupsPerDay: 100_000_000, SearchesPerMonth: 20_000, RetrohuntsPerMonth: 1_000,
			LivehuntRules: 20_000, RuleJobsPerMonth: 10_000, PrivateGraphs: true,
		}),
		plan("duet+feeds", 16_000*vmt, 2, Quotas{
			LookupsPerDay: 100_000_000, SearchesPerMonth: 20_000, RetrohuntsPerMonth: 1_000,
			LivehuntRules: 20_000, RuleJobsPerMonth: 10_000, PrivateGraphs: true, Feeds: Feeds(),
		}),
		plan("enterprise", 2_000*vmt, 5, Quotas{
			LookupsPerDay: 30_000, SearchesPerMonth: 5_000, RetrohuntsPerMonth: 25,
			LivehuntRules: 100, RuleJobsPerMonth: 100,
		}),
		plan("professional", 500*vmt, 10, Quotas{
			LookupsPerDay: 10_000, SearchesPerMonth: 1_000, RetrohuntsPerMonth: 5, LookbackDays: 90,
			LivehuntRules: 25, RuleJobsPerMonth: 25,
		}),
		item("sample/large", PRODUCT_KIND_SAMPLE, 1<<30, 5*vmt, 100),
		item("sample/medium", PRODUCT_KIND_SAMPLE, 32*mib, 2*vmt, 500),
		item("sample/small", PRODUCT_KIND_SAMPLE, mib, vmt, 1_000),
	}
}

var productID = regexp.MustCompile(`^[a-z0-9][a-z0-9/+-]{2,31}$`)

func validateProducts(products []Product) error {
	if len(products) > maxProducts {
		return ErrInvalidParams.Wrapf("products: %d, want at most %d", len(products), maxProducts)
	}
	for i, product := range products {
		if i > 0 && product.Id <= products[i-1].Id {
			return ErrInvalidParams.Wrapf("products: %q does not come after %q", product.Id, products[i-1].Id)
		}
		if err := product.validate(); err != nil {
			return ErrInvalidParams.Wrapf("product %.32q: %s", product.Id, err)
		}
	}
	return nil
}

func (p Product) validate() error {
	switch {
	case !productID.MatchString(p.Id):
		return fmt.Errorf("id does not match %s", productID)
	case p.Floor == 0 || p.Floor > p.InitialPrice || p.InitialPrice > p.Ceiling || p.Ceiling > maxPrice:
		return fmt.Errorf("1 <= floor %d <= initial_price %d <= ceiling %d <= %d does not hold", p.Floor, p.InitialPrice, p.Ceiling, uint64(maxPrice))
	case p.Target == 0 || p.Target > maxTarget:
		return fmt.Errorf("target is %d, want 1..%d", p.Target, maxTarget)
	}
	switch p.Kind {
	case PRODUCT_KIND_SAMPLE, PRODUCT_KIND_INTEL:
		if p.MaxSizeBytes == 0 || p.PeriodSeconds != 0 || p.Feed != "" || !p.Quotas.Equal(Quotas{}) {
			return fmt.Errorf("of kind %s: wants max_size_bytes, and no period, feed or quotas", p.Kind)
		}
	case PRODUCT_KIND_FEED:
		if p.MaxSizeBytes != 0 || !p.Quotas.Equal(Quotas{}) {
			return fmt.Errorf("of kind %s: wants no max_size_bytes and no quotas", p.Kind)
		}
		if err := ValidateFeed(p.Feed); err != nil {
			return err
		}
		return validatePeriod(p.PeriodSeconds)
	case PRODUCT_KIND_PLAN:
		if p.MaxSizeBytes != 0 || p.Feed != "" {
			return fmt.Errorf("of kind %s: wants no max_size_bytes and no feed", p.Kind)
		}
		if err := p.Quotas.validate(); err != nil {
			return err
		}
		return validatePeriod(p.PeriodSeconds)
	default:
		return fmt.Errorf("kind %d is not known", p.Kind)
	}
	return nil
}

func validatePeriod(seconds uint64) error {
	if seconds < 10 || seconds > 366*day {
		return fmt.Errorf("period_seconds is %d, want 10..%d", seconds, 366*day)
	}
	return nil
}

func (q Quotas) validate() error {
	for _, quota := range []struct {
		name  string
		value uint64
	}{
		{"lookups_per_day", q.LookupsPerDay},
		{"searches_per_month", q.SearchesPerMonth},
		{"retrohunts_per_month", q.RetrohuntsPerMonth},
		{"lookback_days", uint64(q.LookbackDays)},
		{"livehunt_rules", q.LivehuntRules},
		{"rule_jobs_per_month", q.RuleJobsPerMonth},
	} {
		if quota.value > maxQuota {
			return fmt.Errorf("quotas: %s is %d, want at most %d", quota.name, quota.value, maxQuota)
		}
	}
	if len(q.Feeds) > maxFeeds {
		return fmt.Errorf("quotas: %d feeds, want at most %d", len(q.Feeds), maxFeeds)
	}
	for i, feed := range q.Feeds {
		if i > 0 && feed <= q.Feeds[i-1] {
			return fmt.Errorf("quotas: feed %.32q does not come after %q", feed, q.Feeds[i-1])
		}
		if err := ValidateFeed(feed); err != nil {
			return fmt.Errorf("quotas: %w", err)
		}
	}
	return nil
}

// Product returns the product with an id.
func (p Params) Product(id string) (Product, bool) {
	for _, product := range p.Products {
		if product.Id == id {
			return product, true
		}
	}
	return Product{}, false
}

// SoldAs returns the smallest product that a sample fits into. The first one counts where
// two are of one size.
func (p Params) SoldAs(kind samplestypes.Kind, sizeBytes uint64) (sold Product, ok bool) {
	want := PRODUCT_KIND_SAMPLE
	if kind == samplestypes.KIND_INTEL {
		want = PRODUCT_KIND_INTEL
	}
	for _, product := range p.Products {
		if product.Kind != want || sizeBytes > product.MaxSizeBytes {
			continue
		}
		if !ok || product.MaxSizeBytes < sold.MaxSizeBytes {
			sold, ok = product, true
		}
	}
	return sold, ok
}
