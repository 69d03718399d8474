package light

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain/light/lighttest"
)

// On a real node: the true report holds, and every change of it is caught.
func TestReportOfARealChain(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a node")
	}
	node := lighttest.StartChain(t)
	facts := node.Scan("first content", "second content", "third content")
	config := trustFirstBlock(t, node)
	path := filepath.Join(t.TempDir(), "trust.json")
	require.NoError(t, WriteTrustFile(path, config))
	config, err := ReadTrustFile(path)
	require.NoError(t, err)
	config.Home = t.TempDir()
	verifier, err := New(config)
	require.NoError(t, err)
	defer verifier.Close()

	verify := func(facts lighttest.Facts) Result {
		t.Helper()
		report, err := ParseReport(facts.Document())
		require.NoError(t, err)
		result, err := verifier.Verify(t.Context(), report)
		require.NoError(t, err)
		return result
	}
	result := verify(facts)
	require.Empty(t, failed(result), "%+v", result.Claims)
	require.Equal(t, "malicious", result.Proof.Outcome)
	require.Equal(t, facts.Verdicts, result.Proof.Verdicts)

	requireEachChangeCaught(t, verifier, facts.Document())

	dropped := facts
	dropped.Verdicts = facts.Verdicts[1:]
	require.Contains(t, failed(verify(dropped)), "engines")

	// Another round decides about other samples: the report stays true. Then the same
	// sample is named with that round.
	other := node.Scan("fourth content")
	require.Empty(t, failed(verify(facts)))
	require.Empty(t, failed(verify(other)))
	swapped := other
	swapped.SHA256, swapped.SizeBytes = facts.SHA256, facts.SizeBytes
	require.Equal(t, []string{"newest"}, failed(verify(swapped)))

	// Forged bytes do not turn into the real ones by way of JSON.
	forged := bytes.Replace(facts.Document(), []byte(`"Eicar-Test-Signature"`), []byte(`"Eicar\u002dTest-Signature2"`), 1)
	require.True(t, json.Valid(forged))
	requireCaught(t, verifier, json.RawMessage(forged))
}

func trustFirstBlock(t *testing.T, node *lighttest.Chain) Config {
	t.Helper()
	client, err := rpchttp.New(node.RPC(), "/websocket")
	require.NoError(t, err)
	height := int64(1)
	commit, err := client.Commit(t.Context(), &height)
	require.NoError(t, err)
	return Config{
		ChainID: node.ChainID(), RPC: []string{node.RPC()},
		Trust: Trust{Height: height, Hash: commit.Header.Hash(), Period: 14 * 24 * time.Hour},
	}
}
