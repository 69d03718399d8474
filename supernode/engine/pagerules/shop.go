package pagerules

import (
	"regexp"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/rules"
	"github.com/virusmap/virusmap/supernode/engine/urlrules"
)

// Points of a shop of copies, and from how many on it is one. README.md has them too.
const (
	brandInTitle   = 2
	perCopyWord    = 3
	perDealWord    = 1
	mostDealWords  = 3
	manyReductions = 2
	manyPrices     = 1
	brandInHost    = 1

	shopPoints, doubtPoints = 6, 4
)

var (
	copyWords = []string{"replica", "replicas", "1to1", "superclone", "knockoff", "mirrorquality", "aaaquality", "1:1"}
	dealWords = []string{"outlet", "clearance", "cheap", "discount", "wholesale", "factoryprice", "blowout", "freeshipping", "lowestprice", "80off", "90off", "70off"}

	reductions = regexp.MustCompile(`(?i)(-\s?[5-9]\d\s?%|[5-9]\d\s?%\s*(off|reduction|rabatt|de descuento|de réduction))`)
	prices     = regexp.MustCompile(`(?:[$€£¥]\s?\d{1,5}(?:[.,]\d{2})?)|(?:\d{1,5}[.,]\d{2}\s?(?:€|EUR|USD|GBP))`)
)

const (
	reductionsOfAShop = 4
	pricesOfAShop     = 10
)

// inspectShop adds up what shops of copies have in common. It takes a brand that is
// counterfeited, and a site that is not the brand's.
func (p *page) inspectShop(f *rules.Findings, in Input) {
	if urlrules.OwnerOf(in.Brands, in.URL.Host) != nil {
		return
	}
	title := wordsOf(p.title + " " + p.heading)
	for i := range in.Brands {
		brand := &in.Brands[i]
		if !brand.Shop || !slices.Contains(title, brand.Name) {
			continue
		}
		switch points := p.shopPoints(in, brand); {
		case points >= shopPoints:
			f.Add(counterfeitShop, brand.Domain)
		case points >= doubtPoints:
			f.Add(doubtfulShop, brand.Domain)
		}
		return
	}
}

func (p *page) shopPoints(in Input, brand *urlrules.Brand) int {
	points := brandInTitle
	said := wordsOf(p.title + " " + p.heading + " " + p.text)
	if slices.ContainsFunc(copyWords, func(w string) bool { return slices.Contains(said, w) }) || strings.Contains(p.text, "1:1") {
		points += perCopyWord
	}
	deals := 0
	for _, word := range dealWords {
		if slices.Contains(said, word) {
			deals += perDealWord
		}
	}
	points += min(deals, mostDealWords)
	if len(reductions.FindAllString(p.text, reductionsOfAShop)) >= reductionsOfAShop {
		points += manyReductions
	}
	if len(prices.FindAllString(p.text, pricesOfAShop)) >= pricesOfAShop {
		points += manyPrices
	}
	if strings.Contains(strings.ReplaceAll(in.URL.Host, "-", ""), brand.Name) {
		points += brandInHost
	}
	return points
}
