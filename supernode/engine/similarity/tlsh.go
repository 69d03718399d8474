package similarity

import (
	"math/bits"
	"strconv"
	"strings"

	"github.com/glaslos/tlsh"
)

const (
	tlshBands = 4
	// tlshBuckets are the buckets of TLSH's body, bandBuckets those of one band: with the
	// next one it shares half of them.
	tlshBuckets = 128
	bandBuckets = 64
	// minTLSHBytes is what TLSH's authors advise; 50 are possible, and say little.
	minTLSHBytes = 256
	// minHeavyBuckets and minLightBuckets of a band: a body of few different bytes fills
	// few buckets, and so does every other such body.
	minHeavyBuckets = 12
	minLightBuckets = 12
)

// tlshOf gives the digest of a body and its bands. It has none for less than
// minTLSHBytes, and no band with too little variety.
func tlshOf(body []byte) (digest string, bands [tlshBands]key) {
	if len(body) < minTLSHBytes {
		return "", bands
	}
	hash, err := tlsh.HashBytes(body)
	if err != nil {
		return "", bands
	}
	binary := hash.Binary()
	code := [tlshBuckets / 4]byte(binary[len(binary)-tlshBuckets/4:])
	for i := range bands {
		bands[i] = bandOf(code, i, len(body))
	}
	return "T1" + strings.ToUpper(hash.String()), bands
}

// bandOf keeps of each bucket only whether it is above the median: the quartiles, which
// TLSH tells too, change sides too easily. Bands of even and odd number round the size
// differently, so that one of them holds when a copy passes a bound.
func bandOf(code [tlshBuckets / 4]byte, band, size int) (none key) {
	var heavy strings.Builder
	count := 0
	for i := range bandBuckets {
		bucket := (band*tlshBuckets/tlshBands + i) % tlshBuckets
		if code[bucket/4]>>(2*(bucket%4))&3 >= 2 {
			heavy.WriteByte('1')
			count++
		} else {
			heavy.WriteByte('0')
		}
	}
	if count < minHeavyBuckets || bandBuckets-count < minLightBuckets {
		return none
	}
	return keyOf(domainTLSH, strconv.Itoa(band), strconv.Itoa(sizeClass(size, band%2 == 1)), heavy.String())
}

// sizeClass is the binary logarithm, rounded down or to the nearest.
func sizeClass(size int, nearest bool) int {
	if nearest {
		return (bits.Len64(2*uint64(size)*uint64(size)) - 1) / 2
	}
	return bits.Len(uint(size)) - 1
}
