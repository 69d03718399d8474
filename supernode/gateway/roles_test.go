package gateway

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// roleKeys has a key of each role, the analyst's by its hash.
func roleKeys(cfg *Config, _ *Deps) {
	for _, role := range roleNames[roleReader:] {
		cfg.Keys = append(cfg.Keys, Key{Name: "team " + role, Key: keyOf(role), Role: role})
	}
	analyst := &cfg.Keys[roleAnalyst-1]
	analyst.KeySHA256, analyst.Key = fmt.Sprintf("%x", sha256.Sum256([]byte(analyst.Key))), ""
}

func keyOf(role string) string { return "key-of-the-" + role + "-0123" }

func (n *node) send(t *testing.T, method, path, key string) answer {
	t.Helper()
	request, err := http.NewRequest(method, n.url+path, strings.NewReader(""))
	require.NoError(t, err)
	request.Header.Set("X-Apikey", key)
	return n.do(t, request)
}

func TestRoleDecidesWhatAKeyMayDo(t *testing.T) {
	for _, c := range []struct {
		method, path string
		least        role
	}{
		{"GET", "/api/v3/files/abc", roleReader},
		{"GET", "/api/v3/files/abc/comments", roleReader},
		{"GET", "/api/v3/analyses/abc", roleReader},
		{"GET", "/api/v3/feeds/files/202603011000", roleReader},
		{"GET", "/ipfs/abc", roleReader},
		{"POST", "/vtapi/v2/file/report", roleReader},
		{"POST", "/api/v3/files", roleUploader},
		{"GET", "/api/v3/files/upload_url", roleUploader},
		{"POST", "/api/v3/files/abc/analyse", roleUploader},
		{"POST", "/api/v3/urls", roleUploader},
		{"POST", "/vtapi/v2/url/scan", roleUploader},
		{"POST", "/api/v3/files/abc/comments", roleAnalyst},
		{"GET", "/api/v3/files/abc/download", roleAnalyst},
		{"GET", "/api/v3/files/abc/download_url", roleAnalyst},
		{"POST", "/api/v3/urls/abc/votes", roleAnalyst},
		{"DELETE", "/api/v3/comments/abc", roleAnalyst},
		{"POST", "/api/v3/collections", roleAnalyst},
		{"GET", "/api/v3/search", roleAnalyst},
		{"GET", "/api/v3/intelligence/search", roleAnalyst},
		{"POST", "/vtapi/v2/comments/put", roleAnalyst},
		{"POST", "/api/v3/private/files", roleAnalyst},
		{"GET", "/api/v3/private/files/abc", roleAnalyst},
		{"GET", "/api/v3/audit", roleAdmin},
		{"GET", "/api/v3/queue", roleAdmin},
		{"DELETE", "/api/v3/keys/abc", roleAdmin},
	} {
		require.Equal(t, c.least, needed(httptest.NewRequest(c.method, c.path, nil)), c)
	}
}

func TestRolesAreEnforced(t *testing.T) {
	n := startNode(t, roleKeys)
	for _, c := range []struct {
		method, path string
		least        role
	}{
		{"GET", "/api/v3/files/" + hexOf("none"), roleReader},
		{"POST", "/api/v3/files", roleUploader},
		{"GET", "/api/v3/private/files", roleAnalyst},
		{"GET", "/api/v3/audit", roleAdmin},
	} {
		for r := roleReader; r <= roleAdmin; r++ {
			a := n.send(t, c.method, c.path, keyOf(r.String()))
			require.Equal(t, r < c.least, a.Status == 403, "%s %s as %s: %s", c.method, c.path, r, a.Raw)
			if a.Status == 403 {
				require.Equal(t, "ForbiddenError", a.Err.Code)
				require.Contains(t, a.Err.Message, c.least.String())
			}
		}
	}
	require.Equal(t, 403, n.send(t, "GET", "/api/v3/audit", testKey).Status, "api_keys are analysts")
}

// TestReadersSubmitNothing asks in the one way by which a report of version 2 submits.
func TestReadersSubmitNothing(t *testing.T) {
	n := startNode(t, roleKeys)
	for role, want := range map[string]int{"reader": 403, "uploader": 200} {
		path := "/url/report?scan=1&resource=http%3A%2F%2Fexample.com%2F" + role + "&apikey="
		status, body := n.v2Raw(t, http.MethodGet, path+keyOf(role), "", "")
		require.Equal(t, want, status, "%s: %s", role, body)
	}
	require.EqualValues(t, 1, n.queued(t))
}
