package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	signedreceipt "github.com/virusmap/virusmap/supernode/receipt"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestChannelFollowsFromTheRoute(t *testing.T) {
	for _, c := range []struct{ path, given, want string }{
		{"/ui/files", "", "web"},
		{"/ui/files", "mobile", "mobile"},
		{"/ui/files", "feed", "feed"},
		{"/api/v3/files", "", "api"},
		{"/api/v3/files", "extension", "extension"},
		{"/api/v3/files", "feed", "feed"},
		{"/api/v3/files", "web", "api"},
		{"/api/v3/files", "wallet", "api"},
		{"/vtapi/v2/file/scan", "mobile", "api"},
		{"/uix/files", "web", "api"},
	} {
		request := httptest.NewRequest(http.MethodPost, c.path, nil)
		request.Header.Set(channelHeader, c.given)
		got, err := channelOf(request)
		require.NoError(t, err)
		require.EqualValues(t, c.want, got, c)
	}
	request := httptest.NewRequest(http.MethodPost, "/ui/files", nil)
	request.Header.Set(channelHeader, "vip")
	_, err := channelOf(request)
	require.ErrorContains(t, err, "X-Virusmap-Channel")
}

func TestHeadStartsAreChecked(t *testing.T) {
	for want, change := range map[string]func(*Channels){
		"channels: web: -1":           func(c *Channels) { c.Web = -1 },
		"channels: mobile: 86401":     func(c *Channels) { c.Mobile = 86_401 },
		"feed: 16 is more than 15":    func(c *Channels) { c.Feed = 16 },
		"wallet: 61 is more than 60,": func(c *Channels) { c.Wallet = 61 },
	} {
		cfg := DefaultConfig()
		change(&cfg.Channels)
		require.ErrorContains(t, cfg.Validate(), want)
	}
}

// TestWebIsSubmittedFirst is row S-01: one job of the page overtakes those of scripts.
func TestWebIsSubmittedFirst(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	for i := range 50 {
		n.upload(t, file(fmt.Sprint("script ", i))).resource(t)
	}
	require.NoError(t, n.enqueueOld(t, "left behind by an earlier release"))
	web, err := n.register(context.Background(), n.formOf(t, "from the page"), 7, sender{channel: channelWeb})
	require.NoError(t, err)
	require.EqualValues(t, 52, n.queued(t))
	n.submitting(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 52 && n.queued(t) == 0 }, "all submitted")
	require.Equal(t, web.file.SHA256, fmt.Sprintf("%x", n.chain.accepted()[0].Sha256))
}

func TestUploadGivesASignedReceipt(t *testing.T) {
	n := startNode(t, nil)
	for _, known := range []bool{false, true} {
		a := n.upload(t, file("content"), field{key: "contributor", value: operator(3)})
		a.resource(t)
		r := receiptIn(t, a)
		require.NoError(t, r.Verify())
		require.Equal(t, hexOf("content"), r.SHA256)
		require.Equal(t, operator(3), r.Contributor)
		require.Equal(t, n.chain.Address().String(), r.Gateway)
		require.Equal(t, "api", r.Channel)
		require.Equal(t, known, r.Known)
		require.Equal(t, int64(len("content")), r.Size)
	}
	anonymous := n.upload(t, file("other"))
	require.Equal(t, n.chain.Address().String(), receiptIn(t, anonymous).Contributor)
}

func receiptIn(t *testing.T, a answer) signedreceipt.Receipt {
	t.Helper()
	encoded := mustJSON(t, a.Meta["virusmap"].(map[string]any)["receipt"])
	r, err := signedreceipt.Decode(encoded)
	require.NoError(t, err)
	return r
}

func TestUnknownChannelIsRefusedBeforeTheBody(t *testing.T) {
	n := startNode(t, nil)
	body, contentType := formOf(t, file("content"))
	request, err := http.NewRequest(http.MethodPost, n.url+"/api/v3/files", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	request.Header.Set(channelHeader, "vip")
	a := n.do(t, request)
	require.Equal(t, 400, a.Status)
	require.Contains(t, a.Err.Message, channelHeader)
	require.True(t, n.vaultIsEmpty(t))
}

// formOf is a received upload of a content.
func (n *node) formOf(t *testing.T, content string) form {
	t.Helper()
	terms, err := n.currentTerms(context.Background())
	require.NoError(t, err)
	sealed, err := n.vault.Seal(context.Background(), strings.NewReader(content), terms.recipient)
	require.NoError(t, err)
	return form{sealed: sealed, found: true, name: "sample.bin"}
}

// enqueueOld puts a submission into the queue as releases without channels did.
func (n *node) enqueueOld(t *testing.T, content string) error {
	t.Helper()
	sealed := n.formOf(t, content).sealed
	submission := samplestypes.Submission{
		Sha256: sealed.SHA256[:], Kind: samplestypes.KIND_FILE, SizeBytes: uint64(sealed.Size),
		Sealing: samplestypes.Sealing{
			Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize), KeyCommitment: sealed.KeyCommitment[:],
			StorageRoot: sealed.StorageRoot[:], VaultEpoch: 7,
		},
	}
	data, err := submission.Marshal()
	require.NoError(t, err)
	return n.queue.Publish(context.Background(), SubmissionsSubject, hexOf(content), data)
}
