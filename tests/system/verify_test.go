package system

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/fixtures"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// exitFalse is the exit code of `virusmap verify` for a claim that does not hold.
const exitFalse = 3

// A detection that everything is tried on: EICAR with a line of its own, in a zip.
func (w *world) detected(t *testing.T) submission {
	t.Helper()
	path := sample(t, "detected.zip", zipOf(t, entry{"eicar.com", fixtures.EICAR()}, entry{"note", freshText("beside")}))
	found := w.submitAndWait(t, path)
	require.Equal(t, "malicious", found.Outcome)
	return found
}

func TestVerify(t *testing.T) {
	w := sharedWorld(t)
	found := w.detected(t)
	p := w.virusmap(t, "--output", "json", "report", found.SHA256)
	require.Zero(t, p.code, p.stderr)
	saved := p.stdout

	p = w.virusmap(t, "verify", found.SHA256)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	require.Contains(t, p.stdout, "Every claim holds")
	p = w.virusmap(t, "verify", sample(t, "report.json", []byte(saved)))
	require.Zero(t, p.code, "the saved report: %s%s", p.stdout, p.stderr)

	for name, lie := range map[string]func(attributes map[string]any){
		"a flipped verdict": func(attributes map[string]any) {
			clamav := results(attributes)["ClamAV"].(map[string]any)
			clamav["category"], clamav["result"] = "undetected", nil
			stats := attributes["last_analysis_stats"].(map[string]any)
			stats["malicious"] = stats["malicious"].(float64) - 1
			stats["undetected"] = stats["undetected"].(float64) + 1
		},
		"a dropped engine": func(attributes map[string]any) {
			delete(results(attributes), "ClamAV")
			stats := attributes["last_analysis_stats"].(map[string]any)
			stats["malicious"] = stats["malicious"].(float64) - 1
		},
		"an added engine": func(attributes map[string]any) {
			added := map[string]any{}
			for key, value := range results(attributes)["ClamAV"].(map[string]any) {
				added[key] = value
			}
			added["engine"], added["engine_name"] = "Another", "Another"
			results(attributes)["Another"] = added
			stats := attributes["last_analysis_stats"].(map[string]any)
			stats["malicious"] = stats["malicious"].(float64) + 1
		},
		"a changed label": func(attributes map[string]any) {
			results(attributes)["ClamAV"].(map[string]any)["result"] = "Win.Test.Other-1"
		},
		"a changed confidence": func(attributes map[string]any) {
			results(attributes)["ClamAV"].(map[string]any)["confidence"] = 1
		},
		"a changed version": func(attributes map[string]any) {
			results(attributes)["ClamAV"].(map[string]any)["engine_version"] = "1.4.6/27000"
		},
		"another outcome": func(attributes map[string]any) { onChain(attributes)["outcome"] = "clean" },
		"another round": func(attributes map[string]any) {
			onChain(attributes)["round"] = onChain(attributes)["round"].(float64) - 1
		},
		"a height to come": func(attributes map[string]any) {
			onChain(attributes)["height"] = onChain(attributes)["height"].(float64) + 1_000_000
		},
		"another chain": func(attributes map[string]any) { onChain(attributes)["chain_id"] = "virusmap-demo-1" },
		"another size":  func(attributes map[string]any) { attributes["size"] = 67 },
	} {
		t.Run(name, func(t *testing.T) {
			var document map[string]any
			require.NoError(t, json.Unmarshal([]byte(saved), &document))
			lie(document["data"].(map[string]any)["attributes"].(map[string]any))
			changed, err := json.Marshal(document)
			require.NoError(t, err)
			p := w.virusmap(t, "verify", sample(t, "report.json", changed))
			require.Equal(t, exitFalse, p.code, "%s%s", p.stdout, p.stderr)
			require.Contains(t, p.stdout, "FAILED")
		})
	}
}

// A report that was true once is refused when a later round has decided again.
func TestVerifyRefusesAnOlderRound(t *testing.T) {
	w := sharedWorld(t)
	found := w.detected(t)
	p := w.virusmap(t, "--output", "json", "report", found.SHA256)
	require.Zero(t, p.code, p.stderr)
	saved := sample(t, "report.json", []byte(p.stdout))
	first := w.chainReport(t, found.SHA256).Round.Number

	_, err := w.chain.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&samplestypes.MsgRequestRescan{
		Requester: w.chain.Address().String(), Sha256: raw(t, found.SHA256),
	}}})
	require.NoError(t, err)
	require.Greater(t, w.waitFinal(t, found.SHA256).Round.Number, first)
	w.requireProgress(t, 2) // what is in a block is proved by the next one

	p = w.virusmap(t, "verify", saved)
	require.Equal(t, exitFalse, p.code, "%s%s", p.stdout, p.stderr)
	require.Contains(t, p.stdout, "the newest outcome is of round")
}

func results(attributes map[string]any) map[string]any {
	return attributes["last_analysis_results"].(map[string]any)
}

func onChain(attributes map[string]any) map[string]any {
	return attributes["virusmap"].(map[string]any)
}
