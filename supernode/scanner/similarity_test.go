package scanner

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine/similarity"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// prose is text with a beginning and enough after it to be compared.
func prose(beginning string, seed int) string {
	var b bytes.Buffer
	b.WriteString(beginning)
	for i := range 400 {
		fmt.Fprintf(&b, "step_%d = call(%d, [%d]) if a > %d else 'x%d';\n", i*seed, i, i*i, seed+i, i*7+seed)
	}
	return b.String()
}

// features of the only attestation of a finished round.
func (f *fixture) features(round uint64) verdictstypes.FeatureVector {
	f.t.Helper()
	response, err := f.gateway.Verdicts().Attestations(f.t.Context(), &verdictstypes.QueryAttestationsRequest{Round: round})
	require.NoError(f.t, err)
	require.Len(f.t, response.Attestations, 1)
	return response.Attestations[0].Attestation.Features
}

func TestWhatAnEngineCallsMaliciousGetsKeys(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	f.operator(0, v, detecting("First"), scripted{"Blind", detecting("").(scripted).scan}).start()
	content := prose("evil ", 1)
	evil, clean := f.seal(v, content), f.seal(v, prose("good ", 2))
	f.submit(evil, clean)

	round := f.report(evil).Round
	require.Equal(t, round.Number, f.report(clean).Round.Number)
	want, err := similarity.Of([]byte(content))
	require.NoError(t, err)
	require.NotZero(t, want.Keys[1], "the structure of a script")
	index := uint32(0)
	if bytes.Compare(evil.Sha256, clean.Sha256) > 0 {
		index = 1
	}
	var vector verdictstypes.FeatureVector
	vector.KeySample(index, want.Keys)
	have := f.features(round.Number)
	require.Equal(t, vector.Keyed, have.Keyed)
	require.Equal(t, vector.Keys, have.Keys)
}

// Engines work without the analyser; a sample that breaks it is one without keys.
func TestAnswerWithoutKeysIsAnAnswer(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	o := f.operator(0, v, detecting("E"))
	broken, err := analysis.Open(nil)
	require.NoError(t, err)
	require.NoError(t, broken.Close())
	o.deps.Analyser = broken
	o.start()
	evil := f.seal(v, prose("evil ", 1))
	f.submit(evil)

	report := f.report(evil)
	require.Equal(t, verdictstypes.OUTCOME_MALICIOUS, report.Outcome)
	require.Equal(t, "unknown", report.FileType)
	require.Empty(t, f.features(report.Round.Number).Keyed)
}
