package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestPrunedReportKeepsItsOutcome(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 5, verdictstypes.OUTCOME_SUSPICIOUS)
	n.chain.set(func() {
		report := n.chain.reports[hexOf("content")]
		report.Round.Pruned = true
		n.chain.reports[hexOf("content")] = report
	})
	a := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes
	require.Equal(t, "suspicious", a["virusmap"].(map[string]any)["outcome"])
	require.NotContains(t, a, "last_analysis_results", "zero detections would be a lie")
	require.NotContains(t, a, "last_analysis_stats")
}

// archiveOf is an archived round of one sample, with the roots that the chain keeps.
func archiveOf(t *testing.T, content string) verdictstypes.RoundArchive {
	t.Helper()
	operator := sdk.AccAddress(bytes.Repeat([]byte{3}, 20))
	member := sha256.Sum256([]byte(content))
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{
		verdictstypes.NewVerdictVector("ClamAV", "1.4.6", nil, 0, []verdictstypes.Answer{
			{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Family.A"},
		}),
	}, verdictstypes.NewFeatureVector([]string{"elf"}))
	leaf, err := verdictstypes.AttestationLeaf(operator, attestation)
	require.NoError(t, err)
	return verdictstypes.RoundArchive{
		Round: verdictstypes.Round{
			Number: 5, Samples: 1, MembersRoot: verdictstypes.MembersRoot([][]byte{member[:]}),
			AttestationsRoot: verdictstypes.AttestationsRoot([][]byte{leaf}),
		},
		Members:      member[:],
		Attestations: []verdictstypes.SignedAttestation{{Operator: operator.String(), Attestation: attestation}},
	}
}

func TestPrunedReportIsCompletedFromTheArchive(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*verdictstypes.RoundArchive)
		full   bool
	}{
		"what the chain finalised": {func(*verdictstypes.RoundArchive) {}, true},
		"another round":            {func(a *verdictstypes.RoundArchive) { a.Round.AttestationsRoot = nil }, false},
		"without the sample":       {func(a *verdictstypes.RoundArchive) { a.Members = make([]byte, 32) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			kept := archiveOf(t, "content")
			n := startNode(t, func(_ *Config, deps *Deps) {
				deps.Archive = func(context.Context, uint64) (verdictstypes.RoundArchive, error) {
					served := kept
					test.change(&served)
					return served, nil
				}
			})
			n.chain.finish("content", 5, verdictstypes.OUTCOME_MALICIOUS)
			n.chain.set(func() {
				report := n.chain.reports[hexOf("content")]
				report.Round.Pruned = true
				report.Round.MembersRoot, report.Round.AttestationsRoot = kept.Round.MembersRoot, kept.Round.AttestationsRoot
				n.chain.reports[hexOf("content")] = report
			})
			a := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes
			require.Equal(t, "malicious", a["virusmap"].(map[string]any)["outcome"])
			if !test.full {
				require.NotContains(t, a, "last_analysis_results")
				return
			}
			entry := a["last_analysis_results"].(map[string]any)["ClamAV"].(map[string]any)
			require.Equal(t, "Family.A", entry["result"])
			require.Equal(t, "elf", a["type_tag"])
		})
	}
}
