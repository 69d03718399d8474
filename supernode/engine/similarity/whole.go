package similarity

import (
	"strings"

	"github.com/glaslos/ssdeep"
	"github.com/glaslos/tlsh"
)

// minSSDEEPBytes: of this and less the digest tells too little for a key.
const minSSDEEPBytes = 4096

func init() { ssdeep.Force = true } // digests are of all sizes; ssdeepOf knows its own bound

// SSDEEP is the digest of a whole content as ssdeep prints it; empty when there is none.
func SSDEEP(content []byte) string {
	if len(content) == 0 {
		return ""
	}
	digest, err := ssdeep.FuzzyBytes(content)
	if err != nil {
		return ""
	}
	return digest
}

// TLSH is the digest of a whole content as its authors' tool prints it, in upper case behind
// T1; empty for less than 256 bytes and for content with too little variety.
func TLSH(content []byte) string {
	if len(content) < minTLSHBytes {
		return ""
	}
	hash, err := tlsh.HashBytes(content)
	if err != nil || tooUniform(hash.Binary()) {
		return ""
	}
	return "T1" + strings.ToUpper(hash.String())
}

// tooUniform tells whether at most half of the buckets were filled, of which the authors' tool
// makes no digest: then the median is 0, and so are the second ratio of the quartiles and all
// buckets between the first and the median.
func tooUniform(binary []byte) bool {
	const ratios, body = 2, 3
	if binary[ratios]&0xf != 0 {
		return false
	}
	for _, four := range binary[body:] {
		for ; four != 0; four >>= 2 {
			if four&3 == 1 {
				return false
			}
		}
	}
	return true
}
