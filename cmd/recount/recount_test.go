package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	"github.com/virusmap/virusmap/cmd/recount/records"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

// records are those in the chain's state.
func (n *network) records() []types.TrackRecord {
	iterator, err := n.App.VerdictsKeeper.Records.Iterate(n.Context(), nil)
	require.NoError(n.t, err)
	records, err := iterator.Values()
	require.NoError(n.t, err)
	return records
}

func replay(t *testing.T, events []abci.Event) []types.TrackRecord {
	t.Helper()
	ledger := records.New()
	require.NoError(t, count(ledger, blocks.Block{Events: events}))
	return ledger.Records()
}

func (n *network) count(of types.RoundKind) (rounds int) {
	require.NoError(n.t, n.App.VerdictsKeeper.Rounds.Walk(n.Context(), nil, func(_ uint64, round types.Round) (bool, error) {
		if round.Kind == of && round.Status == types.ROUND_STATUS_FINAL {
			rounds++
		}
		return false, nil
	}))
	return rounds
}

// The chain's records are what anybody can count out of its events.
func TestRecountAgreesWithTheState(t *testing.T) {
	n := newNetwork(t, 2, time.Second, nil)
	for range 240 {
		n.live()
	}
	require.NoError(t, n.App.CheckInvariants(n.Context()))
	require.Greater(t, n.count(types.ROUND_KIND_INITIAL), 20)
	require.Greater(t, n.count(types.ROUND_KIND_INITIAL)+n.count(types.ROUND_KIND_RETROSPECTIVE), 50)
	require.Positive(t, n.count(types.ROUND_KIND_APPEAL))

	state := n.records()
	var total types.TypeRecord
	var points uint64
	fileTypes := make(map[string]bool)
	for _, record := range state {
		points += record.Points
		for _, r := range record.Types {
			fileTypes[r.FileType] = true
			total.TruePositives += r.TruePositives
			total.FalsePositives += r.FalsePositives
			total.TrueNegatives += r.TrueNegatives
			total.FalseNegatives += r.FalseNegatives
			total.Misses += r.Misses
			total.Leads += r.Leads
			total.LeadSeconds += r.LeadSeconds
		}
	}
	for name, count := range map[string]uint64{
		"points": points, "true positives": total.TruePositives, "false positives": total.FalsePositives, "true negatives": total.TrueNegatives,
		"false negatives": total.FalseNegatives, "misses": total.Misses, "leads": total.Leads, "lead seconds": total.LeadSeconds,
	} {
		require.Positive(t, count, "the run is too tame: no %s", name)
	}
	require.Len(t, fileTypes, 3)
	require.Empty(t, records.Compare(replay(t, n.events()), state))

	t.Run("tampering shows", func(t *testing.T) { tamper(t, n.events(), state) })
	t.Run("from a file", func(t *testing.T) { fromFile(t, n.events(), state) })
}

// tamper changes one event of each kind that matters.
func tamper(t *testing.T, events []abci.Event, state []types.TrackRecord) {
	for _, kind := range []string{"EventWeighed", "EventRevealed", "EventRoundFinal", "EventAppealClosed", "EventResolved"} {
		different := false
		for i, event := range events {
			if event.Type == "virusmap.verdicts.v1."+kind && !different {
				different = differs(events, i, state)
			}
		}
		require.True(t, different, "no %s can be left out without a difference", kind)
	}
}

// differs tells whether the recount without one event is refused or another one.
func differs(events []abci.Event, without int, state []types.TrackRecord) bool {
	ledger := records.New()
	others := append(slices.Clone(events[:without]), events[without+1:]...)
	if count(ledger, blocks.Block{Events: others}) != nil {
		return true
	}
	return len(records.Compare(ledger.Records(), state)) > 0
}

func fromFile(t *testing.T, events []abci.Event, state []types.TrackRecord) {
	var lines bytes.Buffer
	require.NoError(t, blocks.Write(&lines, blocks.Block{Height: 1, Events: events}))
	path := filepath.Join(t.TempDir(), "events.jsonl")
	require.NoError(t, os.WriteFile(path, lines.Bytes(), 0o600))
	root, out := newRoot(), new(bytes.Buffer)
	root.SetOut(out)
	root.SetArgs([]string{"--events", path, "--output", "json"})
	require.NoError(t, root.Execute())
	var counted []types.TrackRecord
	require.NoError(t, json.Unmarshal(out.Bytes(), &counted))
	require.Empty(t, records.Compare(counted, state))
}
