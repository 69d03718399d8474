package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
	"github.com/yeka/zip"
	"google.golang.org/grpc"

	"github.com/virusmap/virusmap/supernode/vault"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const bundlesPath = "/api/v3/intelligence/zip_files"

// orders is a market where an account has bought something.
type orders struct {
	Market
	settled []markettypes.Order
}

func (o orders) Orders(_ context.Context, in *markettypes.QueryOrdersRequest, _ ...grpc.CallOption) (*markettypes.QueryOrdersResponse, error) {
	response := &markettypes.QueryOrdersResponse{}
	for _, order := range o.settled {
		if order.Buyer == in.Buyer {
			response.Orders = append(response.Orders, order)
		}
	}
	return response, nil
}

// startBundleNode has the vault key of epoch 7.
func startBundleNode(t *testing.T, settled ...markettypes.Order) *node {
	t.Helper()
	key := vault.NewEpochKey()
	chain := newScriptedChain()
	chain.vaultKey = &supernodetypes.VaultKey{Epoch: 7, Recipient: key.Recipient().String()}
	dir := t.TempDir()
	n := startNodeAt(t, dir, chain, func(_ *Config, deps *Deps) {
		deps.BundlesDir = filepath.Join(dir, "bundles")
		deps.Market = orders{deps.Market, settled}
		deps.VaultKey = func(_ context.Context, epoch uint64) *age.HybridIdentity {
			if epoch != 7 {
				return nil
			}
			return key
		}
	})
	t.Cleanup(func() { require.NoError(t, n.Close()) })
	n.submitting(t)
	return n
}

func bundleBody(password string, hashes ...string) string {
	return fmt.Sprintf(`{"data":{"password":%q,"hashes":["%s"]}}`, password, strings.Join(hashes, `","`))
}

func (n *node) bundleAs(t *testing.T, key, body string) resource {
	t.Helper()
	begun := n.sendAs(t, key, http.MethodPost, bundlesPath, body).resource(t)
	require.Equal(t, "zip_file", begun.Type)
	require.Contains(t, []any{"starting", "creating", "finished"}, begun.Attributes["status"])
	return n.finishedBundle(t, key, begun.ID)
}

func (n *node) awaitBundle(t *testing.T, data json.RawMessage) resource {
	t.Helper()
	var begun resource
	decode(t, data, &begun)
	return n.finishedBundle(t, testKey, begun.ID)
}

func (n *node) finishedBundle(t *testing.T, key, id string) (bundle resource) {
	t.Helper()
	eventually(t, func() bool {
		bundle = n.sendAs(t, key, http.MethodGet, bundlesPath+"/"+id, "").resource(t)
		return bundle.Attributes["status"] == "finished"
	}, "finished")
	return bundle
}

// TestBundle is rows V-40 and V-41.
func TestBundle(t *testing.T) {
	n := startBundleNode(t)
	md5 := n.upload(t, file("content")).Meta["file_info"].(map[string]any)["md5"].(string)
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	body := bundleBody("infected", md5, hexOf("content"), hexOf("none"), hexOf("none")[:32])
	bundle := n.bundleAs(t, testKey, body)
	require.Equal(t, map[string]any{"status": "finished", "progress": 100.0, "files_ok": 1.0, "files_error": 2.0}, bundle.Attributes)

	var address string
	decode(t, n.get(t, bundlesPath+"/"+bundle.ID+"/download_url").Data, &address)
	require.Equal(t, n.url+bundlesPath+"/"+bundle.ID+"/download", address)
	request, err := http.NewRequest(http.MethodGet, address, nil)
	require.NoError(t, err)
	request.Header.Set("Accept-Encoding", "gzip")
	download := n.do(t, request)
	require.Equal(t, 200, download.Status)
	require.Empty(t, download.Header.Get("Content-Encoding"))
	require.Equal(t, fmt.Sprint(len(download.Raw)), download.Header.Get("Content-Length"))
	archive, err := zip.NewReader(bytes.NewReader(download.Raw), int64(len(download.Raw)))
	require.NoError(t, err)
	require.Len(t, archive.File, 1)
	require.Equal(t, hexOf("content"), archive.File[0].Name)
	archive.File[0].SetPassword("infected")
	plain, err := archive.File[0].Open()
	require.NoError(t, err)
	content, err := io.ReadAll(plain)
	require.NoError(t, err)
	require.Equal(t, "content", string(content))

	for _, path := range []string{"", "/download", "/download_url"} {
		require.Equal(t, 404, n.sendAs(t, otherKey, http.MethodGet, bundlesPath+"/"+bundle.ID+path, "").Status, "it is another's")
	}
	others := n.bundleAs(t, otherKey, bundleBody("infected", hexOf("content")))
	require.Equal(t, 0.0, others.Attributes["files_ok"], "it neither brought nor bought it")
	require.Equal(t, 1.0, others.Attributes["files_error"])
}

func TestBundleOfWhatIsTakenDownIsEmpty(t *testing.T) {
	n := startBundleNode(t)
	n.upload(t, file("content"))
	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "on chain")
	n.chain.set(func() {
		sample := n.chain.samples[hexOf("content")]
		sample.Status = samplestypes.STATUS_BLOCKED
		n.chain.samples[hexOf("content")] = sample
	})
	require.Equal(t, 0.0, n.bundleAs(t, testKey, bundleBody("", hexOf("content"))).Attributes["files_ok"])
}

func TestWhoMayHaveASample(t *testing.T) {
	buyer, contributor := operator(3), operator(4)
	n := startBundleNode(t,
		markettypes.Order{Buyer: buyer, Sha256: mustHash(t, hexOf("content")), Status: markettypes.ORDER_STATUS_SETTLED},
		markettypes.Order{Buyer: operator(5), Sha256: mustHash(t, hexOf("content")), Status: markettypes.ORDER_STATUS_DELIVERED},
		markettypes.Order{Buyer: operator(6), Sha256: mustHash(t, hexOf("other")), Status: markettypes.ORDER_STATUS_SETTLED})
	n.upload(t, file("content"))
	id := [32]byte(mustHash(t, hexOf("content")))
	for account, want := range map[string]bool{
		buyer: true, contributor: true, operator(5): false, operator(6): false, operator(7): false, "key-0011223344556677": false,
	} {
		may, err := n.entitled(context.Background(), account, "00", id, samplestypes.Sample{Contributor: contributor})
		require.NoError(t, err)
		require.Equal(t, want, may, account)
	}
}

func TestBundlesAreRefused(t *testing.T) {
	n := startBundleNode(t)
	many := strings.Repeat(hexOf("x")+`","`, 100) + hexOf("x")
	for name, c := range map[string]struct{ body, says string }{
		"not JSON":   {"x", "JSON"},
		"no data":    {"{}", "data"},
		"no hashes":  {`{"data":{"hashes":[]}}`, "hashes"},
		"many":       {bundleBody("", many), "hashes: 101"},
		"not a hash": {bundleBody("", "xyz"), "not an MD5"},
		"password":   {bundleBody(strings.Repeat("x", 129), hexOf("x")), "password"},
	} {
		a := n.post(t, bundlesPath, c.body)
		require.Equal(t, 400, a.Status, name)
		require.Contains(t, a.Err.Message, c.says, name)
	}
	require.Equal(t, 404, n.get(t, bundlesPath+"/none").Status)
	without := startNode(t, nil)
	require.Equal(t, 404, without.post(t, bundlesPath, bundleBody("", hexOf("x"))).Status)
}
