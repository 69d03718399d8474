package command

import (
	"bytes"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/chain/light/lighttest"
)

// The host is a test server, the chain is a real one.
func TestVerify(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	node := lighttest.StartChain(t)
	facts := node.Scan("first content", "second content")
	truth := facts.Document()
	forged := bytes.ReplaceAll(truth, []byte(`"Eicar-Test-Signature"`), []byte(`"Nothing"`))
	home, dir := t.TempDir(), t.TempDir()
	writeTrust(t, node, filepath.Join(home, "trust.json"))
	sample := write(t, dir, "sample.bin", "first content")
	saved := write(t, dir, "report.json", string(truth))
	savedForged := write(t, dir, "forged.JSON", string(forged))
	broken := write(t, dir, "broken.json", `{"data":{}}`)
	hash := hex.EncodeToString(facts.SHA256)

	for name, test := range map[string]struct {
		served    []byte
		arguments []string
		code      int
		says      string
	}{
		"hash":                  {truth, []string{hash}, 0, "Every claim holds. Not proved:"},
		"file":                  {truth, []string{sample}, 0, "proved  subject"},
		"saved report":          {nil, []string{saved}, 0, "proved  outcome"},
		"forged answer":         {forged, []string{hash}, 3, `result is "Nothing" in the report`},
		"forged report":         {nil, []string{savedForged}, 3, "The report does NOT agree"},
		"report of other file":  {truth, []string{write(t, dir, "other", "other content")}, 3, "FAILED  subject"},
		"not a report":          {nil, []string{broken}, 3, "FAILED  report"},
		"JSON as a sample":      {truth, []string{"--sample", broken}, 3, "FAILED  subject"},
		"MD5":                   {truth, []string{strings.Repeat("ab", 16)}, 2, "SHA-256 or the file itself"},
		"no trust":              {truth, []string{"--trust", filepath.Join(dir, "none"), hash}, 1, "no trust settings"},
		"too old for its user":  {truth, []string{"--max-age", "1ns", hash}, 3, "FAILED  fresh"},
		"no such file":          {nil, []string{filepath.Join(dir, "none.json")}, 1, "no such file"},
		"nothing on stdin":      {nil, []string{"-"}, 3, "FAILED  report"},
		"neither file nor hash": {nil, []string{"abc"}, 2, "neither a file nor"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGateway(t)
			g.document = test.served
			code, stdout, stderr := g.run(append([]string{"--home", home, "verify"}, test.arguments...)...)
			require.Contains(t, stdout+stderr, test.says)
			require.Equal(t, test.code, code, stdout+stderr)
		})
	}

	t.Run("JSON", func(t *testing.T) {
		g := newGateway(t)
		code, stdout, _ := g.run("--home", home, "--output", "json", "verify", savedForged)
		require.Equal(t, 3, code)
		result := lines(t, stdout)[0]
		var failed []any
		for _, claim := range result["claims"].([]any) {
			if claim := claim.(map[string]any); claim["ok"] == false {
				failed = append(failed, claim["name"])
			}
		}
		require.Equal(t, []any{"verdicts"}, failed)
		require.Equal(t, hash, result["sha256"])
		require.NotEmpty(t, result["proof"].(map[string]any)["stores"])
	})

	t.Run("rounds can be watched", func(t *testing.T) { watchARound(t, node, home) })

	t.Run("a chain that is away is no verdict", func(t *testing.T) {
		node.Stop()
		g := newGateway(t)
		code, _, stderr := g.run("--home", home, "verify", saved)
		require.Equal(t, 1, code)
		require.Contains(t, stderr, "no RPC server answers")
	})
}

func writeTrust(t *testing.T, node *lighttest.Chain, path string) {
	t.Helper()
	client, err := rpchttp.New(node.RPC(), "/websocket")
	require.NoError(t, err)
	height := int64(1)
	commit, err := client.Commit(t.Context(), &height)
	require.NoError(t, err)
	require.NoError(t, light.WriteTrustFile(path, light.Config{
		ChainID: node.ChainID(), RPC: []string{node.RPC()},
		Trust: light.Trust{Height: height, Hash: commit.Header.Hash(), Period: 14 * 24 * time.Hour},
	}))
}
