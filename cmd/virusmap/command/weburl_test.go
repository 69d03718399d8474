package command

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// takesURLs makes the gateway know URLs that are handed in.
func (g *gateway) takesURLs() (handedIn *[]string) {
	handedIn = &[]string{}
	g.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		switch {
		case r.Method == http.MethodPost && r.URL.Path == "/api/v3/urls":
			*handedIn = append(*handedIn, r.PostFormValue("url")+" for "+r.PostFormValue("contributor"))
			answer(w, http.StatusOK, `{"data":{"type":"analysis","id":"analysis=="}}`)
		case r.Method == http.MethodGet && r.URL.Path == "/api/v3/urls/"+shopID:
			if len(*handedIn) == 0 {
				answer(w, http.StatusNotFound, `{"error":{"code":"NotFoundError","message":"URL not found"}}`)
				break
			}
			answer(w, http.StatusOK, fmt.Sprintf(`{"data":{"type":"url","id":%q,"attributes":{"url":"http://shop.test/","virusmap":%s}}}`, shopID, final))
		default:
			return false
		}
		return true
	}
	return handedIn
}

// shopID is the SHA-256 of http://shop.test/.
const shopID = "d2aed492f79a8b68237fbef35e4b9f034fe2dc3d532634660541d424b803a234"

func TestSubmitURL(t *testing.T) {
	g := newGateway(t)
	handedIn := g.takesURLs()
	g.steps = []string{`{"chain_id":"virusmap-test-1","round":7,"round_status":"commit"}`, final}
	code, stdout, stderr := g.run("submit", "--wait", "hxxp://SHOP[.]test:80#top")
	require.Zero(t, code, stderr)
	require.Equal(t, []string{"http://shop.test/ for "}, *handedIn)
	require.Contains(t, stdout, shopID)
	require.Contains(t, stdout, "submitted, malicious (3 of 4 engines)")

	code, stdout, _ = g.run("submit", "http://shop.test/")
	require.Zero(t, code)
	require.Contains(t, stdout, "known")
	require.Len(t, *handedIn, 1)
}

func TestSubmitOfABadURL(t *testing.T) {
	g := newGateway(t)
	handedIn := g.takesURLs()
	code, stdout, _ := g.run("submit", "gopher://shop.test/", "http:///")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stdout, "gopher")
	require.Empty(t, *handedIn)
}

func TestReportOfAURL(t *testing.T) {
	g := newGateway(t)
	g.takesURLs()
	code, _, stderr := g.run("report", "http://shop.test")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "not known here")
	code, _, stderr = g.run("submit", "http://shop.test/")
	require.Zero(t, code, stderr)
	code, stdout, stderr := g.run("report", "http://shop.test")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "http://shop.test/")
	require.NotContains(t, stdout, "size")
	code, _, _ = g.run("report", "http://")
	require.Equal(t, exitUsage, code)
}
