package similarity

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The minimums in README.md are those of the code.
func TestReadmeTellsTheMinimums(t *testing.T) {
	data, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, want := range []string{
		fmt.Sprintf("| %d imports |", minImports),
		fmt.Sprintf("| %d that are not in every document |", minStreams),
		fmt.Sprintf("| %d members or %d modules", minMembers, minStreams),
		fmt.Sprintf("| %d, of %d kinds |\n| shell", minPDFNames, minPDFKinds),
		fmt.Sprintf("white space | %d, of %d kinds |", minTokens, minTokenKinds),
		fmt.Sprintf("body below %d bytes; fewer than %d buckets above or %d below", minTLSHBytes, minHeavyBuckets, minLightBuckets),
		fmt.Sprintf("fewer than %d different characters", minDistinctChars),
		fmt.Sprintf("of %d of the %d buckets", bandBuckets, tlshBuckets),
		fmt.Sprintf("at most %d KiB", maxTailBytes>>10),
		fmt.Sprintf("| digests | %d MiB |", maxDigestBytes>>20),
		fmt.Sprintf("| unpacked | %d MiB", maxUnpackedBytes>>20),
		fmt.Sprintf("| script, PDF | %d MiB, 131,072 names |", maxScriptBytes>>20),
	} {
		require.Contains(t, string(data), want)
	}
	require.Equal(t, 131_072, maxPDFNames)
}
