package light

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func honestCases(t *testing.T, w *world) []webCase {
	server := w.handler(nil)
	during := w.report(t)
	during.Chain.Height, during.Chain.RoundStatus = worldHeight-1, "tally"
	operator := w.report(t)
	rename(&operator, "clamav@north", "clamav@"+w.signed[0].Operator)
	var envelope map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(w.document(t), &envelope))
	return []webCase{
		{name: "one honest server", handlers: []http.Handler{server}},
		{name: "three honest servers", handlers: []http.Handler{server, server, server}},
		{name: "a dead and an honest server", handlers: []http.Handler{nil, server}},
		{name: "dead servers", handlers: []http.Handler{nil, nil}, error: "no RPC server answers"},
		{name: "bare object", handlers: []http.Handler{server}, document: envelope["data"]},
		{name: "during the tally", handlers: []http.Handler{server}, document: documentOf(t, during)},
		{name: "operator for a moniker", handlers: []http.Handler{server}, document: documentOf(t, operator)},
		{name: "trusted block is the newest", handlers: []http.Handler{server}, change: w.trust(t, 9)},
	}
}

// trust sets another trusted block.
func (w *world) trust(t *testing.T, height int64) func(*Config) {
	t.Helper()
	return func(c *Config) { c.Trust.Height, c.Trust.Hash = height, w.blocks[height-1].Hash() }
}

// lyingCases are the lies of one server, alone and before an honest one.
func lyingCases(t *testing.T, w *world) []webCase {
	all := lies(t, w)
	for name, lie := range weightLies(t, w) {
		all["weights: "+name] = lie
	}
	var cases []webCase
	for _, name := range slices.Sorted(maps.Keys(all)) {
		lying := w.handler(all[name].tamper)
		cases = append(cases,
			webCase{name: name, handlers: []http.Handler{lying}, failed: all[name].claims},
			webCase{name: name + ", and an honest server", handlers: []http.Handler{lying, w.handler(nil)}})
	}
	return cases
}

// falseCases are reports that are not true.
func falseCases(t *testing.T, w *world) []webCase {
	var cases []webCase
	for _, name := range slices.Sorted(maps.Keys(falseReports)) {
		report := w.report(t)
		falseReports[name].change(&report)
		cases = append(cases, webCase{
			name: "report: " + name, handlers: []http.Handler{w.handler(nil)},
			document: documentOf(t, report), failed: falseReports[name].claims,
		})
	}
	for height, failed := range map[int64][]string{2: {"round"}, worldHeight - 1: {"round"}, worldHeight + 100: {"header"}} {
		report := w.report(t)
		report.Chain.Height = height
		cases = append(cases, webCase{
			name: fmt.Sprintf("report: height %d", height), handlers: []http.Handler{w.handler(nil)},
			document: documentOf(t, report), failed: failed,
		})
	}
	slices.SortStableFunc(cases, func(a, b webCase) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	return cases
}

// documentOf writes a report as a gateway does.
func documentOf(t *testing.T, report Report) []byte {
	t.Helper()
	document, err := json.Marshal(map[string]any{"data": map[string]any{
		"type": "file", "id": report.SHA256, "attributes": map[string]any{
			"sha256": report.SHA256, "size": report.SizeBytes, "last_analysis_results": report.Results,
			"last_analysis_stats": report.Stats, "virusmap": report.Chain,
		},
	}})
	require.NoError(t, err)
	return document
}

// headerCases are false, old and missing headers.
func headerCases(t *testing.T, w *world) []webCase {
	honest := w.handler(nil)
	others := newWorldAt(t, bubbleTime, webKeys("other", 4)...)
	// Signed by nobody whom the trusted block names, but with its validators shown.
	usurped := newLedger(t, w.chainID, w.answer, webKeys("usurper", 4)...)
	usurped.blocks, usurped.sets = slices.Clone(w.blocks[:1]), map[int64]*types.ValidatorSet{1: w.set}
	// Signed by the real validators, next to the real chain.
	doubled := newLedger(t, w.chainID, w.answer, w.validators...)
	doubled.blocks = slices.Clone(w.blocks[:4])
	for height := 2; height <= 10; height++ {
		usurped.sign(digest("forged state"), w.blocks[height-1].Time)
		if height > 4 {
			doubled.sign(digest("forged state"), w.blocks[height-1].Time)
		}
	}
	rewrite := func(method, from, to string) func(string, string, []byte) []byte {
		return func(address, asked string, answer []byte) []byte {
			if asked != method || address != webAddress(0) {
				return answer
			}
			return bytes.ReplaceAll(answer, []byte(from), []byte(to))
		}
	}
	block := w.blocks[8] // that of height 9, which is asked for
	signature := func(i int) string {
		raw, err := json.Marshal(block.Commit.Signatures[i].Signature)
		require.NoError(t, err)
		return string(raw)
	}
	header := []string{"header"}
	one := []http.Handler{honest}
	three := []http.Handler{honest, honest, honest}
	return []webCase{
		{name: "chain of other validators", handlers: []http.Handler{others.handler(nil)}, document: others.document(t), failed: header},
		{name: "fork of other validators", handlers: []http.Handler{usurped.handler(nil)}, failed: header},
		{name: "fork of other validators, and two honest servers", handlers: []http.Handler{usurped.handler(nil), honest, honest}, failed: header},
		{name: "fork of other validators at a witness", handlers: []http.Handler{honest, usurped.handler(nil), honest}},
		{name: "fork of the validators at a witness", handlers: []http.Handler{honest, doubled.handler(nil)}, failed: header},
		{name: "fork of the validators", handlers: []http.Handler{doubled.handler(nil), honest, honest}, failed: header},
		{name: "fork of the validators at one of two witnesses", handlers: []http.Handler{honest, doubled.handler(nil), honest}, failed: header},
		{name: "another chain at a witness", handlers: []http.Handler{honest, others.handler(nil)}, failed: header},
		{name: "wrong app hash", handlers: one, rewrite: rewrite("commit", block.AppHash.String(), fmt.Sprintf("%X", digest("forged state"))), failed: header},
		{name: "wrong app hash, and two honest servers", handlers: three, rewrite: rewrite("commit", block.AppHash.String(), fmt.Sprintf("%X", digest("forged state")))},
		{name: "wrong signature", handlers: one, rewrite: rewrite("commit", signature(0), signature(1)), failed: header},
		{name: "wrong time of a vote", handlers: one, rewrite: rewrite("commit", `9Z","signature"`, `8Z","signature"`), failed: header},
		{name: "three of four signatures", handlers: one, rewrite: withoutSignatures(block, 1)},
		{name: "two of four signatures", handlers: one, rewrite: withoutSignatures(block, 2), failed: header},
		{name: "other validators shown", handlers: one, rewrite: rewrite("validators", `"voting_power":"10"`, `"voting_power":"11"`), failed: header},
		{name: "other trusted hash", handlers: one, change: func(c *Config) { c.Trust.Hash = digest("another block") }, failed: header},
		{name: "stale", handlers: one, change: func(c *Config) { c.MaxAge = time.Second }, failed: []string{"fresh"}},
		{name: "expired trust", handlers: one, change: func(c *Config) { c.Trust.Period = time.Second }, error: "the trusted block expired"},
		{name: "no such block at the server", handlers: one, rewrite: rewrite("status", `"latest_block_height":"10"`, `"latest_block_height":"13"`), failed: header},
	}
}

// withoutSignatures makes the first votes of a commit votes for no block.
func withoutSignatures(block *types.SignedHeader, count int) func(string, string, []byte) []byte {
	return func(_, _ string, answer []byte) []byte {
		for _, signature := range block.Commit.Signatures[:count] {
			voter := `"block_id_flag":%d,"validator_address":"` + signature.ValidatorAddress.String()
			answer = bytes.ReplaceAll(answer, fmt.Appendf(nil, voter, 2), fmt.Appendf(nil, voter, 3))
		}
		return answer
	}
}

// stateCases are chains that differ from the first in what they hold.
func stateCases(t *testing.T) []webCase {
	var cases []webCase
	add := func(name string, failed []string, change func(*world)) {
		w := newWorldAt(t, bubbleTime.Add(-time.Minute), webKeys("validator", 4)...)
		document := w.document(t)
		change(w)
		w.write(t)
		for i := range 3 {
			w.sign(w.store.Commit().Hash, bubbleTime.Add(time.Duration(i-10)*time.Second))
		}
		cases = append(cases, webCase{name: name, world: w, handlers: []http.Handler{w.handler(nil)}, document: document, failed: failed})
	}
	add("no weights", nil, func(w *world) { w.round.Epoch++ })
	add("other weights", []string{"outcome"}, func(w *world) { w.table.Rows[0].Weight, w.table.Rows[2].Weight = 1, 1 })
	add("pruned round", []string{"member"}, func(w *world) { w.round.Pruned = true })
	add("superseded", []string{"newest"}, func(w *world) {
		w.conclude(t, w.sha256, worldRound+1, verdictstypes.OUTCOME_CLEAN)
	})
	for _, moniker := range []string{"", "VMT1" + strings.Repeat("q", 38)} { // the second passes for an address
		w := newWorldAt(t, bubbleTime, webKeys("validator", 4)...)
		w.monikers[w.signed[0].Operator] = moniker
		w.write(t)
		for i := range 3 {
			w.sign(w.store.Commit().Hash, bubbleTime.Add(time.Duration(i-1)*time.Second))
		}
		report := w.report(t)
		rename(&report, "clamav@"+cmp.Or(moniker, w.signed[0].Operator), "clamav@"+moniker)
		cases = append(cases, webCase{
			name: fmt.Sprintf("moniker %q", moniker), world: w, handlers: []http.Handler{w.handler(nil)},
			document: documentOf(t, report), failed: []string{"verdicts"},
		})
	}
	add("validators that change", nil, func(w *world) {
		// One of four validators is exchanged with every block, so that no two headers
		// that are far from each other share a third of the power.
		w.validators = append(w.validators, webKeys("later", 40)...)
		w.sets = map[int64]*types.ValidatorSet{}
		for i := range 40 {
			height := int64(11 + i)
			w.sets[height] = setOf(w.validators[i : i+4]...)
		}
		for i := range 30 {
			w.sign(w.store.Commit().Hash, bubbleTime.Add(time.Duration(i-50)*time.Second))
		}
	})
	return cases
}
