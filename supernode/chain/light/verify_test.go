package light

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func hexOf(raw []byte) string { return hex.EncodeToString(raw) }

func TestTrueReportHolds(t *testing.T) {
	w := newWorld(t)
	result, err := w.newVerifier(t).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	for _, claim := range result.Claims {
		require.True(t, claim.OK, "%s: %s", claim.Name, claim.Detail)
	}
	require.True(t, result.OK())
	require.Len(t, result.Claims, len(steps))
	require.Equal(t, "malicious", result.Proof.Outcome)
	require.Equal(t, int64(8), result.Proof.Height)
	require.Len(t, result.Proof.Verdicts, 4)
	require.NotEmpty(t, result.Unproved)
	for _, proof := range result.Proof.Stores {
		require.NoError(t, proof.verify(result.Proof.AppHash))
	}
	_, err = json.Marshal(result)
	require.NoError(t, err)
}

// Every leaf of the checked parts is changed, one at a time, in a true report.
func TestEveryChangedFieldIsCaught(t *testing.T) {
	w := newWorld(t)
	// Two engines lack an update, one of them a digest as well.
	require.Equal(t, 2+(4*10-3)+8+6, requireEachChangeCaught(t, w.newVerifier(t), w.document(t)))
}

// requireEachChangeCaught returns how many leaves were changed.
func requireEachChangeCaught(t *testing.T, verifier *Verifier, raw []byte) int {
	t.Helper()
	var document map[string]any
	require.NoError(t, json.Unmarshal(raw, &document))
	attributes := document["data"].(map[string]any)["attributes"].(map[string]any)
	count := 0
	for _, part := range []string{"sha256", "size", "last_analysis_results", "last_analysis_stats", "virusmap"} {
		leaves(attributes, part, func(path string, owner map[string]any, name string) {
			if name == "height" {
				return // TestHeight
			}
			count++
			before := owner[name]
			for i, after := range changed(before) {
				owner[name] = after
				t.Run(fmt.Sprintf("%s/%d", path, i), func(t *testing.T) { requireCaught(t, verifier, document) })
			}
			owner[name] = before
			delete(owner, name)
			t.Run(path+"/missing", func(t *testing.T) {
				if name == "size" {
					t.Skip("size is not checked when it is not claimed")
				}
				requireCaught(t, verifier, document)
			})
			owner[name] = before
		})
	}
	return count
}

// leaves visits every scalar under owner[name] in a stable order.
func leaves(owner map[string]any, name string, visit func(path string, owner map[string]any, name string)) {
	object, ok := owner[name].(map[string]any)
	if !ok {
		visit(name, owner, name)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		leaves(object, key, func(path string, owner map[string]any, leaf string) { visit(name+"/"+path, owner, leaf) })
	}
}

func changed(value any) []any {
	switch value := value.(type) {
	case string:
		other := []any{value + "0", "undetected", "clean", nil, 1}
		return slices.DeleteFunc(other, func(o any) bool { return o == value })
	case float64:
		return []any{value + 1, value - 1, value + 0.5, fmt.Sprint(value), nil}
	default:
		return []any{"x", 1}
	}
}

func requireCaught(t *testing.T, verifier *Verifier, document any) {
	t.Helper()
	raw, err := json.Marshal(document)
	require.NoError(t, err)
	report, err := ParseReport(raw)
	if err != nil {
		return
	}
	result, err := verifier.Verify(t.Context(), report)
	require.NoError(t, err)
	require.False(t, result.OK())
	require.NotEmpty(t, failed(result))
}

// falseReports change a true report; claims are those that must fail by it.
var falseReports = map[string]struct {
	change func(*Report)
	claims []string
}{
	"dropped engine": {func(r *Report) { delete(r.Results, "yara") }, []string{"engines"}},
	"added engine": {func(r *Report) {
		added := r.Results["yara"]
		added.EngineName, added.Engine = "zeta", "zeta"
		r.Results["zeta"] = added
	}, []string{"engines"}},
	"repeated engine": {func(r *Report) { r.Results["yara@north"] = r.Results["yara"] }, []string{"engines", "verdicts"}},
	"renamed key":     {func(r *Report) { rename(r, "yara", "Yara") }, []string{"verdicts"}},
	"moniker of another supernode": {func(r *Report) {
		north, south := r.Results["clamav@north"], r.Results["clamav@south"]
		north.EngineName, south.EngineName = south.EngineName, north.EngineName
		r.Results["clamav@north"], r.Results["clamav@south"] = south, north
	}, []string{"verdicts"}},
	"bare name of a shared engine": {func(r *Report) { rename(r, "clamav@north", "clamav") }, []string{"verdicts"}},
	"exchanged operators": {func(r *Report) {
		yara, heuristics := r.Results["yara"], r.Results["heuristics"]
		yara.Operator, heuristics.Operator = heuristics.Operator, yara.Operator
		r.Results["yara"], r.Results["heuristics"] = yara, heuristics
	}, []string{"engines"}},
	"verdict and stats flipped together": {func(r *Report) {
		flipped := r.Results["yara"]
		flipped.Category = "harmless"
		r.Results["yara"] = flipped
		r.Stats["undetected"]--
		r.Stats["harmless"]++
	}, []string{"verdicts", "stats"}},
	"older round":  {func(r *Report) { r.Chain.Round-- }, []string{"newest"}},
	"later round":  {func(r *Report) { r.Chain.Round++ }, []string{"newest"}},
	"other chain":  {func(r *Report) { r.Chain.ChainID = "virusmap-test-2" }, []string{"chain"}},
	"other sample": {func(r *Report) { r.SHA256 = hexOf(digest("other")) }, []string{"sample", "newest"}},
	"sample next to the true one": {func(r *Report) {
		next := digest("sample")
		next[31]++ // the newest outcome before its own is that of the true one
		r.SHA256 = hexOf(next)
	}, []string{"sample", "newest"}},
	"unknown sample": {func(r *Report) { r.SHA256 = hexOf(digest("never seen")) }, []string{"sample", "newest"}},
}

func TestFalseReports(t *testing.T) {
	w := newWorld(t)
	verifier := w.newVerifier(t)
	for name, test := range falseReports {
		t.Run(name, func(t *testing.T) {
			report := w.report(t)
			test.change(&report)
			result, err := verifier.Verify(t.Context(), report)
			require.NoError(t, err)
			require.Equal(t, test.claims, failed(result), "%+v", result.Claims)
		})
	}
}

func rename(report *Report, from, to string) {
	result := report.Results[from]
	result.EngineName = to
	delete(report.Results, from)
	report.Results[to] = result
}

func TestOperatorMayStandForMoniker(t *testing.T) {
	w := newWorld(t)
	report := w.report(t)
	rename(&report, "clamav@north", "clamav@"+w.signed[0].Operator)
	result, err := w.newVerifier(t).Verify(t.Context(), report)
	require.NoError(t, err)
	require.Empty(t, failed(result))
}

// A report can be from any height between its round and the proved state.
func TestHeight(t *testing.T) {
	w := newWorld(t)
	verifier := w.newVerifier(t)
	for height, claims := range map[int64][]string{
		0:                 {"round"},
		2:                 {"round"},
		worldHeight - 1:   {"round"}, // "final" is not true yet
		worldHeight:       nil,
		worldHeight + 1:   nil,
		worldHeight + 100: {"header"},
	} {
		report := w.report(t)
		report.Chain.Height = height
		result, err := verifier.Verify(t.Context(), report)
		require.NoError(t, err)
		require.Equal(t, claims, failed(result), "height %d: %+v", height, result.Claims)
	}
}

// A report of a running round has the status of its height.
func TestReportFromDuringTheTally(t *testing.T) {
	w := newWorld(t)
	report := w.report(t)
	report.Chain.Height, report.Chain.RoundStatus = worldHeight-1, "tally"
	result, err := w.newVerifier(t).Verify(t.Context(), report)
	require.NoError(t, err)
	require.Empty(t, failed(result))
}

func TestSupersededReport(t *testing.T) {
	w := newWorld(t)
	report := w.report(t)
	verifier := w.newVerifier(t)
	w.conclude(t, w.sha256, worldRound+1, verdictstypes.OUTCOME_CLEAN)
	w.next(3)
	result, err := verifier.Verify(t.Context(), report)
	require.NoError(t, err)
	require.Equal(t, []string{"newest"}, failed(result))
}

// The newest report can be from the newest block, whose app hash comes with the next.
func TestReportFromTheTipWaitsForTheNextBlocks(t *testing.T) {
	w := newWorld(t)
	report := w.report(t)
	report.Chain.Height = w.tip()
	verifier := w.newVerifier(t)
	done := make(chan Result, 1)
	go func() {
		result, err := verifier.Verify(t.Context(), report)
		if err == nil {
			done <- result
		}
		close(done)
	}()
	time.Sleep(2 * pollInterval)
	w.next(2)
	result, ok := <-done
	require.True(t, ok)
	require.Empty(t, failed(result))
}

func TestPrunedRoundSaysSo(t *testing.T) {
	w := newWorld(t)
	w.round.Pruned = true
	w.write(t)
	w.next(3)
	result, err := w.newVerifier(t).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Equal(t, []string{"member"}, failed(result))
}
