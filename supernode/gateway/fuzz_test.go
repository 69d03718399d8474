package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/queue"
)

// FuzzForm feeds bodies to the form reader: it gives a file with a clean name, or an
// error for the client after which the vault is empty.
func FuzzForm(f *testing.F) {
	part := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\ncontent\r\n"
	for _, seed := range []string{
		"", "--b--", "--b\r\n", part, part + "--b--\r\n", part + part + "--b--\r\n",
		"--b\r\nContent-Disposition: form-data; name=\"contributor\"\r\n\r\nvmt1x\r\n" + part + "--b--\r\n",
		strings.Replace(part, "content", "", 1) + "--b--\r\n",
		strings.Replace(part, "filename=\"a\"", "filename*=utf-8''%2e%2e%2fa", 1) + "--b--\r\n",
		strings.Replace(part, "\r\n\r\n", "\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ", 1) + "--b--\r\n",
	} {
		f.Add(seed)
	}
	n := startNode(f, nil)
	terms, err := n.currentTerms(context.Background())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body string) {
		request := httptest.NewRequest(http.MethodPost, "/api/v3/files", strings.NewReader(body))
		request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		form, err := n.readForm(context.Background(), request, 1000, terms.recipient)
		if err != nil {
			var shown *apiError
			require.True(t, errors.As(err, &shown), "%v", err)
			require.GreaterOrEqual(t, shown.status, 400)
			require.Less(t, shown.status, 500)
			require.True(t, n.vaultIsEmpty(t))
			return
		}
		require.Positive(t, form.sealed.Size)
		require.LessOrEqual(t, form.sealed.Size, int64(1000))
		require.Equal(t, form.name, cleanName(form.name))
		require.True(t, n.vault.Has(context.Background(), form.sealed.CID))
		require.NoError(t, n.vault.Remove(context.Background(), form.sealed.CID))
	})
}

// FuzzQueuedSubmission feeds the submitter: what cannot be read must not stop it.
func FuzzQueuedSubmission(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x0a\x20" + strings.Repeat("h", 32)))
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f})
	n := startNode(f, nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		require.NoError(t, n.submitMessages(context.Background(), []queue.Message{{ID: "fuzz", Data: data}}))
	})
}
