package scanner

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/weburl"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// A URL goes the way of a file: submitted, scanned by the shipped URL engines, attested.
func TestURLFromSubmissionToReport(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 50}), offline(t)
	config := engine.DefaultConfig("../../engines")
	config.Engines, config.Workers = config.Engines[2:], 1 // clamd and YARA take no URLs
	engines, err := engine.Open(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, e := range engines {
			require.NoError(t, e.Close())
		}
	})
	f.operator(0, v, engines...).start()

	sealURL := func(text string) samplestypes.Submission {
		u, err := weburl.Parse(text)
		require.NoError(t, err)
		submission, id := f.seal(v, u.String()), u.ID()
		submission.Kind = samplestypes.KIND_URL
		require.Equal(t, id[:], submission.Sha256, "the id of a URL is its sample's hash")
		return submission
	}
	evil, clean := sealURL("hxxp://www.paypal.com@paypal-login[.]example/verify"), sealURL("https://www.debian.org")
	file := f.seal(v, "http://paypal-login.example/verify\n") // a file that holds a URL is a file
	f.submit(evil, clean, file)

	report := f.report(evil)
	require.Equal(t, verdictstypes.OUTCOME_MALICIOUS, report.Outcome)
	require.Equal(t, "url", report.FileType)
	said := map[string]verdictstypes.EngineVerdict{}
	for _, verdict := range report.Verdicts {
		said[verdict.Engine] = verdict
	}
	require.Equal(t, "phishing:lookalike-of-paypal.com", said["Lookalike"].Label)
	require.Equal(t, verdictstypes.CATEGORY_MALICIOUS, said["Lookalike"].Category)
	require.Equal(t, verdictstypes.CATEGORY_UNDETECTED, said["Blocklist"].Category)
	require.Equal(t, "phishing:userinfo-trick", said["URLRules"].Label)
	require.Equal(t, verdictstypes.CATEGORY_TYPE_UNSUPPORTED, said["Heuristics"].Category)

	report = f.report(clean)
	require.Equal(t, verdictstypes.OUTCOME_CLEAN, report.Outcome)
	require.Equal(t, "url", report.FileType)
	require.NotEqual(t, "url", f.report(file).FileType)
}
