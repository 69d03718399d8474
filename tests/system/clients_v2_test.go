package system

import (
	"context"
	"encoding/json"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/fixtures"
)

// v2Answer is what Debian's client makes of an answer of the API v2.
type v2Answer struct {
	ResponseCode int `json:"response_code"`
	Results      struct {
		ResponseCode int    `json:"response_code"`
		Resource     string `json:"resource"`
		ScanID       string `json:"scan_id"`
		SHA256       string `json:"sha256"`
		URL          string `json:"url"`
		Positives    int    `json:"positives"`
		Total        int    `json:"total"`
		Scans        map[string]struct {
			Detected bool    `json:"detected"`
			Result   *string `json:"result"`
		} `json:"scans"`
	} `json:"results"`
}

// TestClientsPythonV2 runs python3-virustotal-api as Debian ships it.
func TestClientsPythonV2(t *testing.T) {
	w := ownWorld(t, "python-v2", setup{supernodes: 1})
	supernode := w.Supernodes[0]
	url := "http://paypal.com.account-verify.example/login"
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p := run(t, exec.CommandContext(ctx, "/usr/bin/python3", "testdata/virustotal_v2.py",
		supernode.URL+"/vtapi/v2/", supernode.APIKey, sample(t, "eicar.com", fixtures.EICAR()), url))
	require.Zero(t, p.code, "%s\n(run scripts/setup.sh if the client is missing)", p.stderr)
	var answers map[string]v2Answer
	require.NoError(t, json.Unmarshal([]byte(p.stdout), &answers), p.stdout)
	for name, answer := range answers {
		require.Equal(t, 200, answer.ResponseCode, "%s: %s", name, p.stdout)
	}

	hash := hashOf(fixtures.EICAR())
	require.Equal(t, hash, answers["scan_file"].Results.SHA256)
	require.NotEmpty(t, answers["scan_file"].Results.ScanID)
	file := answers["file"].Results
	require.Equal(t, hash, file.SHA256)
	require.Positive(t, file.Positives)
	require.Len(t, file.Scans, file.Total)
	require.True(t, file.Scans["ClamAV"].Detected)
	require.Equal(t, "Win.Test.EICAR_HDB-1", *file.Scans["ClamAV"].Result)
	require.Equal(t, 1, answers["rescan"].Results.ResponseCode)
	require.Equal(t, 1, answers["scan_url"].Results.ResponseCode)
	require.GreaterOrEqual(t, answers["url"].Results.Total, 3)
	require.Equal(t, 1, answers["domain"].Results.ResponseCode)
	require.Equal(t, 0, answers["ip"].Results.ResponseCode, "nothing was seen of it")
	require.Equal(t, 0, answers["unknown"].Results.ResponseCode)
}
