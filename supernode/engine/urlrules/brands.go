package urlrules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// Bounds of a brand list.
const (
	MaxBrandListBytes = 1 << 20
	maxBrands         = 4096
)

// Brand is a name that others are made to look like.
type Brand struct {
	// Domain is the main one; verdicts name the brand by it.
	Domain string
	// Name is the domain's own label.
	Name string
	// Domains of the same owner, Domain among them.
	Domains []string
	// Common names are ordinary words or short.
	Common bool
	// Shop tells that goods of the brand are counterfeited.
	Shop bool
	// Unlike are ordinary names close to this one.
	Unlike []string

	skeleton string
}

// ParseBrands reads a brand list; engines/urlrules/brands.txt says in its head how it is
// written. Errors name the line.
func ParseBrands(text string) ([]Brand, error) {
	if len(text) > MaxBrandListBytes {
		return nil, fmt.Errorf("brand list of %d bytes, at most %d", len(text), MaxBrandListBytes)
	}
	var brands []Brand
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		brand, err := parseBrand(words)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		if brands = append(brands, brand); len(brands) > maxBrands {
			return nil, fmt.Errorf("more than %d brands", maxBrands)
		}
	}
	if len(brands) == 0 {
		return nil, fmt.Errorf("brand list names no brand")
	}
	return brands, nil
}

func parseBrand(words []string) (Brand, error) {
	var b Brand
	for _, word := range words {
		switch {
		case word == "+common":
			b.Common = true
		case word == "+shop":
			b.Shop = true
		case strings.HasPrefix(word, "+"):
			return b, fmt.Errorf("%.32q is neither +common nor +shop", word)
		case strings.HasPrefix(word, "-"):
			b.Unlike = append(b.Unlike, word[1:])
		case !strings.Contains(word, "."):
			b.Domains = append(b.Domains, strings.ToLower(word)) // a top-level domain of its own
		default:
			domain, err := weburl.ParseDomain(word)
			if err != nil {
				return b, err
			}
			b.Domains = append(b.Domains, domain)
		}
	}
	if len(b.Domains) == 0 {
		return b, fmt.Errorf("no domain")
	}
	b.Domain = b.Domains[0]
	b.Name, _, _ = strings.Cut(b.Domain, ".")
	b.skeleton = skeleton(b.Name)
	return b, nil
}

// owns tells whether a host belongs to the brand.
func (b *Brand) owns(host string) bool {
	return slices.ContainsFunc(b.Domains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

// OwnerOf is the brand that a host belongs to, or nil.
func OwnerOf(brands []Brand, host string) *Brand {
	for i := range brands {
		if brands[i].owns(host) {
			return &brands[i]
		}
	}
	return nil
}
