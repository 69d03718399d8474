package gateway

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// TestFileObject is row V-01 with rules.
func TestFileObject(t *testing.T) {
	n := startNode(t, nil)
	info := n.upload(t, field{"file", "first.bin", "content"}).Meta["file_info"].(map[string]any)
	n.upload(t, field{"file", "second.bin", "content"})
	n.chain.finish("content", 5, verdictstypes.OUTCOME_MALICIOUS,
		verdictstypes.EngineVerdict{
			Operator: operator(1), Engine: "clamav", Version: "1.4.6", SignatureDigest: []byte{0xab, 0xcd},
			SignatureTime: 1_795_305_600, Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Eicar-Test",
		},
		verdictstypes.EngineVerdict{
			Operator: operator(1), Engine: "yara", Version: "4.5.4", Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 3,
		})
	for _, hash := range []string{"md5", "sha1", "sha256"} {
		object := n.get(t, "/api/v3/files/"+info[hash].(string)).resource(t)
		require.Equal(t, "file", object.Type)
		require.Equal(t, hexOf("content"), object.ID)
		require.Equal(t, n.url+"/api/v3/files/"+object.ID, object.Links["self"])

		a := object.Attributes
		for name, want := range map[string]any{
			"md5": info["md5"], "sha1": info["sha1"], "sha256": info["sha256"], "size": 7.0,
			"meaningful_name": "first.bin", "names": []any{"first.bin", "second.bin"},
			"times_submitted": 2.0, "unique_sources": 1.0,
			"type_tag": "elf", "type_description": "ELF", "tags": []any{"elf"},
			"last_analysis_date": 1_900_000_100.0,
		} {
			require.Equal(t, want, a[name], name)
		}
		for _, date := range []string{"first_submission_date", "last_submission_date", "last_analysis_date", "last_modification_date"} {
			value, isNumber := a[date].(float64)
			require.True(t, isNumber, date)
			require.Equal(t, value, float64(int64(value)), date)
		}
		require.Equal(t, map[string]any{
			"malicious": 1.0, "undetected": 1.0, "suspicious": 0.0, "harmless": 0.0,
			"timeout": 0.0, "confirmed-timeout": 0.0, "failure": 0.0, "type-unsupported": 0.0,
		}, a["last_analysis_stats"])
		require.Equal(t, map[string]any{
			"clamav": map[string]any{
				"category": "malicious", "engine_name": "clamav", "engine_version": "1.4.6", "engine_update": "20261122",
				"method": "attested", "result": "Eicar-Test", "confidence": 15.0, "operator": operator(1),
				"engine": "clamav", "signature_digest": "abcd",
			},
			"yara": map[string]any{
				"category": "undetected", "engine_name": "yara", "engine_version": "4.5.4", "method": "attested",
				"result": nil, "confidence": 3.0, "operator": operator(1), "engine": "yara",
			},
		}, a["last_analysis_results"])
		require.Equal(t, map[string]any{
			"chain_id": "virusmap-test-1", "round": 5.0, "outcome": "malicious", "height": 41.0,
			"round_status": "final", "seats": 3.0, "attestations": 2.0,
		}, a["virusmap"])
		require.Equal(t, map[string]any{
			"suggested_threat_label": "eicar", "popular_threat_name": []any{map[string]any{"value": "eicar", "count": 1.0}},
		}, a["popular_threat_classification"])
		for _, unknown := range []string{"ssdeep", "tlsh", "pe_info", "authentihash", "vhash", "magic"} {
			require.NotContains(t, a, unknown)
		}
	}
}

func TestFileThisNodeHasNotSeen(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 5, verdictstypes.OUTCOME_CLEAN)
	a := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes
	require.Equal(t, 7.0, a["size"])
	require.Equal(t, 1_900_000_000.0, a["first_submission_date"])
	for _, unknown := range []string{"md5", "sha1", "names", "meaningful_name", "times_submitted", "unique_sources"} {
		require.NotContains(t, a, unknown)
	}
	upper := n.get(t, "/api/v3/files/"+fmt.Sprintf("%X", mustHash(t, hexOf("content"))))
	require.Equal(t, hexOf("content"), upper.resource(t).ID)
}

// What this node found in a file that it opened for its engines.
func TestDetailsOfAnOpenedFile(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 5, verdictstypes.OUTCOME_CLEAN)
	opened := index.File{
		SHA256: sha256.Sum256([]byte("content")), SHA1: sha1.Sum([]byte("content")), MD5: md5.Sum([]byte("content")), Size: 7,
		TypeTag: "peexe", State: index.StateOnChain, Details: &index.Details{
			SSDEEP: "3:a:b", TLSH: "T1AB", Authentihash: "cd", PE: json.RawMessage(`{"imphash": "ef", "machine_type": 332}`),
		},
	}
	require.NoError(t, n.index.AddKnown(context.Background(), opened))
	a := n.get(t, fmt.Sprintf("/api/v3/files/%x", opened.MD5)).resource(t).Attributes
	for name, want := range map[string]any{
		"ssdeep": "3:a:b", "tlsh": "T1AB", "authentihash": "cd", "pe_info": map[string]any{"imphash": "ef", "machine_type": 332.0},
		"sha1": fmt.Sprintf("%x", opened.SHA1),
	} {
		require.Equal(t, want, a[name], name)
	}
	for _, unknown := range []string{"times_submitted", "unique_sources", "names", "popular_threat_classification"} {
		require.NotContains(t, a, unknown)
	}
}

func TestFileWithoutAReportHasNoAnalysis(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	a := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes
	require.NotContains(t, a, "last_analysis_date")
	require.NotContains(t, a, "last_analysis_stats")
	require.NotContains(t, a, "last_analysis_results")
	require.NotContains(t, a["virusmap"], "outcome")
}

func TestAttributesOption(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("content"))
	a := n.get(t, "/api/v3/files/"+hexOf("content")+"?attributes=size,md5,nonsense").resource(t).Attributes
	require.Len(t, a, 2)
	require.Equal(t, 7.0, a["size"])
}

func TestCategories(t *testing.T) {
	n := startNode(t, nil)
	names := map[verdictstypes.Category]string{
		verdictstypes.CATEGORY_HARMLESS:          "harmless",
		verdictstypes.CATEGORY_UNDETECTED:        "undetected",
		verdictstypes.CATEGORY_SUSPICIOUS:        "suspicious",
		verdictstypes.CATEGORY_MALICIOUS:         "malicious",
		verdictstypes.CATEGORY_TYPE_UNSUPPORTED:  "type-unsupported",
		verdictstypes.CATEGORY_TIMEOUT:           "timeout",
		verdictstypes.CATEGORY_CONFIRMED_TIMEOUT: "confirmed-timeout",
		verdictstypes.CATEGORY_FAILURE:           "failure",
		verdictstypes.CATEGORY_UNDECRYPTABLE:     "failure",
	}
	require.Len(t, names, len(verdictstypes.Category_name)-1, "every category but the unspecified one")
	var verdicts []verdictstypes.EngineVerdict
	for category := range names {
		verdicts = append(verdicts, verdictstypes.EngineVerdict{Engine: category.String(), Operator: operator(1), Category: category})
	}
	n.chain.finish("content", 1, verdictstypes.OUTCOME_INVALID, verdicts...)
	a := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes
	results := a["last_analysis_results"].(map[string]any)
	counted := map[string]float64{}
	for category, name := range names {
		e := results[category.String()].(map[string]any)
		require.Equal(t, name, e["category"])
		if category == verdictstypes.CATEGORY_UNDECRYPTABLE {
			require.Equal(t, "undecryptable", e["result"])
		} else {
			require.Nil(t, e["result"])
		}
		counted[name]++
	}
	stats := a["last_analysis_stats"].(map[string]any)
	require.Len(t, stats, 8)
	for name, count := range counted {
		require.Equal(t, count, stats[name], name)
	}
	require.Equal(t, "invalid", a["virusmap"].(map[string]any)["outcome"])
}

func TestEngineKeysNeverHideAVerdict(t *testing.T) {
	a, b, c := operator(1), operator(2), operator(3)
	for name, tc := range map[string]struct {
		monikers map[string]string
		want     []string
	}{
		"monikers tell them apart": {map[string]string{a: "alpha", b: "beta", c: "gamma"}, []string{"other", "x@alpha", "x@beta", "x@gamma"}},
		"alike monikers":           {map[string]string{a: "same", b: "same", c: "gamma"}, []string{"other", "x@" + a, "x@" + b, "x@" + c}},
		"a moniker that passes for an address": {
			map[string]string{a: "same", b: "same", c: a}, []string{"other", "x@" + a, "x@" + b, "x@" + c},
		},
		"retired since": {map[string]string{a: "alpha"}, []string{"other", "x@alpha", "x@" + b, "x@" + c}},
		"no moniker":    {map[string]string{a: "", b: "", c: ""}, []string{"other", "x@" + a, "x@" + b, "x@" + c}},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			n.chain.monikers = tc.monikers
			n.chain.finish("content", 1, verdictstypes.OUTCOME_CLEAN,
				verdictstypes.EngineVerdict{Engine: "x", Operator: a},
				verdictstypes.EngineVerdict{Engine: "x", Operator: b},
				verdictstypes.EngineVerdict{Engine: "x", Operator: c},
				verdictstypes.EngineVerdict{Engine: "other", Operator: c})
			results := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes["last_analysis_results"].(map[string]any)
			var keys []string
			for key, entry := range results {
				keys = append(keys, key)
				require.Equal(t, key, entry.(map[string]any)["engine_name"])
			}
			require.ElementsMatch(t, tc.want, keys)
		})
	}
}

func TestFinishedReportIsReadOnce(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 5, verdictstypes.OUTCOME_CLEAN)
	path := "/api/v3/files/" + hexOf("content")
	for range 5 {
		n.get(t, path).resource(t)
	}
	require.Equal(t, 1, n.chain.queries)
	n.chain.finish("content", 6, verdictstypes.OUTCOME_MALICIOUS)
	for range 5 {
		provenance := n.get(t, path).resource(t).Attributes["virusmap"].(map[string]any)
		require.Equal(t, "malicious", provenance["outcome"], "a newer round is seen")
	}
	require.Equal(t, 2, n.chain.queries)
}

func TestReportsOutliveTheChain(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 5, verdictstypes.OUTCOME_CLEAN)
	n.get(t, "/api/v3/files/"+hexOf("content")).resource(t)
	n.chain.set(func() { n.chain.away = true })
	provenance := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes["virusmap"].(map[string]any)
	require.Equal(t, "clean", provenance["outcome"])
	require.Equal(t, 41.0, provenance["height"], "which tells how old it is")

	a := n.get(t, "/api/v3/files/"+hexOf("never looked up"))
	require.Equal(t, http.StatusServiceUnavailable, a.Status)
	require.Equal(t, "TransientError", a.Err.Code)
}

func TestUnfinishedRoundDoesNotHideTheReport(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 5, verdictstypes.OUTCOME_CLEAN)
	n.get(t, "/api/v3/files/"+hexOf("content")).resource(t)
	n.chain.set(func() {
		report := n.chain.reports[hexOf("content")]
		report.Round.Number, report.Round.Status = 6, verdictstypes.ROUND_STATUS_TALLY
		n.chain.reports[hexOf("content")] = report
		sample := n.chain.samples[hexOf("content")]
		sample.Round, sample.Status = 6, samplestypes.STATUS_SCANNING
		n.chain.samples[hexOf("content")] = sample
	})
	a := n.get(t, "/api/v3/files/"+hexOf("content")).resource(t).Attributes
	require.Contains(t, a, "last_analysis_results")
	require.Equal(t, 5.0, a["virusmap"].(map[string]any)["round"])
}
