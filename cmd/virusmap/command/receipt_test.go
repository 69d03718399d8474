package command

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/receipt"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// promiseOf is what an honest gateway signs for an upload.
func promiseOf(t *testing.T, received upload) receipt.Receipt {
	t.Helper()
	key := secp256k1.GenPrivKeyFromSecret([]byte("gateway"))
	own := sdk.AccAddress(key.PubKey().Address()).String()
	contributor := received.contributor
	if contributor == "" {
		contributor = own
	}
	signed, err := receipt.Receipt{
		SHA256: sha256Of(received.content), Kind: "file", Size: int64(len(received.content)), Contributor: contributor,
		Channel: "api", Time: 1_900_000_000, ChainID: "virusmap-test-1", Gateway: own,
	}.Sign(func(document []byte) ([]byte, []byte, error) {
		signature, err := key.Sign(document)
		return signature, key.PubKey().Bytes(), err
	})
	require.NoError(t, err)
	return signed
}

func TestSubmitSavesReceipts(t *testing.T) {
	g := newGateway(t)
	g.promise = func(received upload) receipt.Receipt { return promiseOf(t, received) }
	dir := t.TempDir()
	path := filepath.Join(dir, "receipts.ndjson")
	for _, content := range []string{"first", "second"} {
		code, stdout, stderr := g.run("submit", "--receipt", path, "--channel", "feed", write(t, dir, content, content))
		require.Zero(t, code, stdout+stderr)
	}
	require.Equal(t, "feed", g.uploads[0].channel)
	saved, err := os.ReadFile(path)
	require.NoError(t, err)
	kept := strings.Split(strings.TrimSpace(string(saved)), "\n")
	require.Len(t, kept, 2, "added to what was there")
	r, err := receipt.Decode([]byte(kept[1]))
	require.NoError(t, err)
	require.NoError(t, r.Verify())
	require.Equal(t, sha256Of([]byte("second")), r.SHA256)

	code, _, stderr := g.run("submit", "--receipt", filepath.Join(dir, "none", "receipts"), write(t, dir, "third", "third"))
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "receipt: ")
	require.Len(t, g.uploads, 2, "nothing is sent that could not be saved")
}

func TestWorthlessReceiptsAreTold(t *testing.T) {
	for want, promise := range map[string]func(upload) receipt.Receipt{
		"not worth anything": func(received upload) receipt.Receipt {
			r := promiseOf(t, received)
			r.Channel = "web"
			return r
		},
		"the receipt is for": func(received upload) receipt.Receipt {
			received.content = []byte("something else")
			return promiseOf(t, received)
		},
		"the receipt credits": func(received upload) receipt.Receipt {
			received.contributor = ""
			return promiseOf(t, received)
		},
	} {
		g := newGateway(t)
		g.promise = promise
		code, stdout, _ := g.run("submit", "--contributor", account(t), write(t, t.TempDir(), "a", "abc"))
		require.Equal(t, 1, code)
		require.Contains(t, stdout, want)
	}
	g := newGateway(t)
	code, stdout, _ := g.run("submit", "--receipt", filepath.Join(t.TempDir(), "receipts"), write(t, t.TempDir(), "a", "abc"))
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "signs no receipts")
}

func writeReceipts(t *testing.T, receipts ...receipt.Receipt) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "receipts.ndjson")
	file, err := os.Create(path)
	require.NoError(t, err)
	for _, r := range receipts {
		require.NoError(t, r.Write(file))
	}
	require.NoError(t, file.Close())
	return path
}

func TestReceiptVerifyAsksTheChain(t *testing.T) {
	kept, broken := promiseOf(t, upload{content: []byte("abc")}), promiseOf(t, upload{content: []byte("abd")})
	server := newRPCServer(t, func(path string, request []byte) (proto.Message, error) {
		var asked samplestypes.QuerySampleRequest
		if path != samplesQuery+"Sample" || proto.Unmarshal(request, &asked) != nil {
			return nil, sdkerrors.ErrUnknownRequest
		}
		if asked.Sha256 != kept.SHA256 {
			return nil, sdkerrors.ErrKeyNotFound
		}
		return &samplestypes.QuerySampleResponse{Entry: samplestypes.SampleEntry{Sample: samplestypes.Sample{Contributor: kept.Contributor}}}, nil
	})
	home := homeOf(t, server)
	code, stdout, stderr := run(t, t.Context(), "--home", home, "receipt", "verify", writeReceipts(t, kept))
	require.Zero(t, code, stdout+stderr)
	require.Equal(t, fmt.Sprintf("%s  %s  on chain\n", kept.SHA256, kept.Gateway), stdout)

	forged := kept
	forged.Size++
	code, stdout, _ = run(t, t.Context(), "--home", home, "--output", "json", "receipt", "verify", writeReceipts(t, kept, broken, forged))
	require.Equal(t, 1, code)
	results := lines(t, stdout)
	require.Equal(t, true, results[0]["on_chain"])
	require.Equal(t, "chain", results[0]["said_by"])
	require.Equal(t, kept.Contributor, results[0]["contributor"])
	require.Equal(t, false, results[1]["on_chain"])
	require.Equal(t, false, results[2]["valid"])
	require.Contains(t, results[2]["error"], "statement")

	other := promiseOf(t, upload{content: []byte("abc")})
	other.ChainID = "virusmap-9"
	code, stdout, _ = run(t, t.Context(), "--home", home, "receipt", "verify", writeReceipts(t, other))
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "failed: ")

	for _, path := range []string{writeReceipts(t), write(t, t.TempDir(), "long", strings.Repeat("a", receipt.MaxBytes+1)), "/none"} {
		code, _, _ = run(t, t.Context(), "--home", home, "receipt", "verify", path)
		require.Equal(t, 1, code)
	}
}

func TestReceiptVerifyAsksTheHostWithoutTrust(t *testing.T) {
	g := newGateway(t)
	kept, broken := promiseOf(t, upload{content: []byte("abc")}), promiseOf(t, upload{content: []byte("abd")})
	g.known[kept.SHA256] = final
	code, stdout, stderr := g.run("receipt", "verify", writeReceipts(t, kept))
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "on chain, as the host says")
	code, stdout, _ = g.run("receipt", "verify", writeReceipts(t, kept, broken))
	require.Equal(t, 1, code)
	require.Contains(t, stdout, "knows of no round")
}

// Sixteen files wait for one round together: none would end before all are there.
func TestSubmitWaitsForManyAtOnce(t *testing.T) {
	g := newGateway(t)
	dir := t.TempDir()
	for i := range waitingJobs {
		write(t, dir, fmt.Sprint(i), fmt.Sprint("content ", i))
	}
	g.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		g.mu.Lock()
		defer g.mu.Unlock()
		if strings.Contains(r.URL.Path, "/analyses/") && len(g.uploads) == waitingJobs {
			g.steps = append(g.steps, final)
		}
		return false
	}
	code, stdout, stderr := g.run("submit", "--wait", "--wait-timeout", "1m", "-r", dir)
	require.Zero(t, code, stdout+stderr)
	require.Equal(t, waitingJobs, strings.Count(stdout, "malicious"))
}
