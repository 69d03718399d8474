package gateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func (n *node) submitNativeURL(t *testing.T, body string, headers ...string) answer {
	t.Helper()
	return n.anonymously(t, http.MethodPost, "/virusmap/node/v1/urls", body, append(headers, "Content-Type", "application/json")...)
}

// TestSubmitURL brings a URL on chain as a sample whose content is the canonical text.
func TestSubmitURL(t *testing.T) {
	n := startNode(t, nil)
	a := n.submitNativeURL(t, `{"url":"HTTP://Example.COM:80/a/../b","consent":1,"contributor":"`+operator(3)+`"}`)
	require.Equal(t, http.StatusOK, a.Status, string(a.Raw))
	var got nodev1.Submission
	require.NoError(t, protojson.Unmarshal(a.Raw, &got))
	require.Equal(t, hexOf("http://example.com/b"), got.Sha256)
	require.Nil(t, got.Md5)
	require.Equal(t, "url", got.Receipt.Kind)
	require.Equal(t, "web", got.Receipt.Channel)
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	s := n.chain.accepted()[0]
	require.Equal(t, samplestypes.KIND_URL, s.Kind)
	require.Equal(t, operator(3), s.Contributor)

	var found nodev1.SearchResponse
	n.native(t, "search?query=example.com%2Fb", &found)
	require.Len(t, found.Results, 1)
	require.Equal(t, "url", found.Results[0].Sample.GetKind())
}

func TestHostileURLs(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.AnonymousUploadsPerMinute = 0 })
	for name, c := range map[string]struct {
		body    string
		status  int
		message string
	}{
		"no consent":      {`{"url":"http://example.com/"}`, 400, "consent"},
		"no URL":          {`{"consent":1}`, 400, "url"},
		"other scheme":    {`{"consent":1,"url":"javascript:alert(1)"}`, 400, "url"},
		"control letters": {`{"consent":1,"url":"http://a\u0000b/"}`, 400, "url"},
		"long":            {`{"consent":1,"url":"http://a/` + strings.Repeat("a", 9000) + `"}`, 400, "url"},
		"bad account":     {`{"consent":1,"url":"http://example.com/","contributor":"x"}`, 400, "contributor"},
		"bad channel":     {`{"consent":1,"url":"http://example.com/","channel":"fast"}`, 400, "fast"},
		"no JSON":         {`url=http://example.com/`, 400, ""},
		"unknown field":   {`{"consent":1,"url":"http://example.com/","more":1}`, 400, "more"},
		"huge body":       {`{"url":"` + strings.Repeat("a", maxNativeBody) + `"}`, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := n.submitNativeURL(t, c.body)
			require.Equal(t, c.status, a.Status, string(a.Raw))
			require.Contains(t, a.Err.Message, c.message)
			require.NotEmpty(t, a.Err.Code)
		})
	}
	require.Equal(t, 403, n.submitNativeURL(t, `{"consent":1,"url":"http://example.com/"}`, "Sec-Fetch-Site", "cross-site").Status)
	require.Zero(t, n.queued(t))
	require.True(t, n.vaultIsEmpty(t))
}
