package gateway

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/consent"
)

func TestPageNeedsConsent(t *testing.T) {
	for _, c := range []struct {
		path, given string
		want        uint32
		ok          bool
	}{
		{"/ui/files", "1", 1, true},
		{"/ui/files", "", 0, false},
		{"/ui/files", "2", 0, false},
		{"/ui/files", "yes", 0, false},
		{"/api/v3/files", "", 0, true},
		{"/api/v3/files", "1", 1, true},
		{"/api/v3/files", "99999999999999999999", 0, false},
	} {
		request := httptest.NewRequest(http.MethodPost, c.path, nil)
		request.Header.Set(consent.Header, c.given)
		got, err := consented(request)
		if !c.ok {
			require.ErrorContains(t, err, consent.Header, c)
			continue
		}
		require.NoError(t, err, c)
		require.Equal(t, c.want, got, c)
	}
}

func TestConsentIsKeptWithTheSubmission(t *testing.T) {
	n := startNode(t, nil)
	body, contentType := formOf(t, file("content"))
	request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3/files", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set(consent.Header, "1")
	n.do(t, request).resource(t)
	n.upload(t, file("other")).resource(t)

	given, err := n.index.Consents(context.Background(), sha256.Sum256([]byte("content")))
	require.NoError(t, err)
	require.Len(t, given, 1)
	require.EqualValues(t, 1, given[0].Version)
	require.NotZero(t, given[0].Time)
	given, err = n.index.Consents(context.Background(), sha256.Sum256([]byte("other")))
	require.NoError(t, err)
	require.Empty(t, given)
}

func TestConsentIsThereInBothLanguages(t *testing.T) {
	require.Len(t, consent.Text, 2)
	require.Contains(t, consent.Text["en"], "private lane")
	require.Contains(t, consent.Text["zh"], "私密通道")
}
