package main

import (
	"bytes"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/cmd/recount/blocks"
	"github.com/virusmap/virusmap/cmd/recount/rewards"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// files are what anybody can get of a chain.
type files struct{ genesis, events, export string }

func (e *economy) save() files {
	dir := e.t.TempDir()
	f := files{filepath.Join(dir, "genesis.json"), filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "export.json")}
	state, err := json.Marshal(e.State)
	require.NoError(e.t, err)
	writeGenesis(e.t, f.genesis, 1, state)
	exported, err := e.App.Export(nil)
	require.NoError(e.t, err)
	writeGenesis(e.t, f.export, exported.Height, exported.AppState)
	writeBlocks(e.t, f.events, e.blocks)
	return f
}

func writeGenesis(t *testing.T, path string, height int64, state []byte) {
	genesis := genutiltypes.NewAppGenesisWithVersion(chaintest.ChainID, state)
	genesis.InitialHeight = height
	require.NoError(t, genesis.SaveAs(path))
}

func writeBlocks(t *testing.T, path string, all []blocks.Block) {
	var lines bytes.Buffer
	for _, block := range all {
		require.NoError(t, blocks.Write(&lines, block))
	}
	require.NoError(t, os.WriteFile(path, lines.Bytes(), 0o600))
}

// recount runs the program.
func (f files) recount(arguments ...string) (rewards.Report, error) {
	root, out := newRoot(), new(bytes.Buffer)
	root.SetOut(out)
	root.SetArgs(append([]string{"rewards", "--genesis", f.genesis, "--events", f.events, "--output", "json"}, arguments...))
	err := root.Execute()
	var report rewards.Report
	_ = json.Unmarshal(out.Bytes(), &report) // an error has no report
	return report, err
}

// The rewards of the chain are what anybody can work out of its events, to the last uvmt.
func TestRewardsAgreeWithTheState(t *testing.T) {
	e := newEconomy(t)
	for range 300 {
		e.live()
	}
	require.NoError(t, e.App.CheckInvariants(e.Context()))
	f := e.save()
	report, err := f.recount("--export", f.export)
	for _, mismatch := range report.Mismatches {
		t.Log(mismatch)
	}
	require.NoError(t, err)
	compared := make(map[string]int)
	for _, row := range report.Rows {
		compared[row.What] = row.Compared
	}
	for what, least := range map[string]int{
		"samples": 50, "stages": 50, "epochs": 5, "operators": 10, "claims": 5, "closed epochs": 2, "sightings": 10, "proofs": 10,
		"exported epochs": 5, "exported points": 5, "exported scores": 10, "exported clusters": 3, "exported keys": 10,
	} {
		require.GreaterOrEqual(t, compared[what], least, "the run is too tame: %s", what)
	}
	sums := report.Rewards
	for _, sum := range []string{sums.Contributors.String(), sums.Claimed.String(), sums.Engines.String(), sums.Storage.String()} {
		require.NotEqual(t, "0", sum)
	}
	require.Negative(t, sums.Claimed.Cmp(sums.Contributors))
	seen := e.seen()
	for _, what := range []string{
		"mutants", "capped", "first paid for a later judgement", "claims of several epochs", "claims without coins",
		"virusmap.samples.v1.EventContributorReplaced", "virusmap.samples.v1.EventExpired", "virusmap.samples.v1.EventBlocked",
		"virusmap.samples.v1.EventStorageMissed", "virusmap.verdicts.v1.EventAppealClosed", "virusmap.bounty.v1.EventBountyPosted",
	} {
		require.Positive(t, seen[what], "the run is too tame: %s", what)
	}
	require.True(t, e.unpaid(), "the operator that left would have earned nothing")

	t.Run("in text, from a saved file", func(t *testing.T) { readable(t, f) })
	t.Run("a forged export", func(t *testing.T) { forgeExport(t, e, f) })
	t.Run("forged events", func(t *testing.T) { forgeEvents(t, e, f) })
}

// readable saves what it read, and reads that up to an earlier block for people.
func readable(t *testing.T, f files) {
	saved := f
	saved.events = filepath.Join(t.TempDir(), "saved.jsonl")
	_, err := f.recount("--save", saved.events)
	require.NoError(t, err)
	before, err := os.ReadFile(f.events)
	require.NoError(t, err)
	after, err := os.ReadFile(saved.events)
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))

	root, out := newRoot(), new(bytes.Buffer)
	root.SetOut(out)
	root.SetArgs([]string{"rewards", "--genesis", f.genesis, "--events", saved.events, "--to", "100"})
	require.NoError(t, root.Execute())
	require.Regexp(t, `(?s)up to block 100.*balances +\d+ +0.*uvmt.*for engines`, out.String())
	root.SetArgs([]string{"rewards", "--genesis", f.genesis, "--events", saved.events, "--to", "100", "--export", f.export})
	require.ErrorContains(t, root.Execute(), "the last block is 100")
}

// forgeExport moves 1 uvmt, or a point, in one place of the exported state after the other.
func forgeExport(t *testing.T, e *economy, f files) {
	genesis, err := readState(f.genesis)
	require.NoError(t, err)
	audit, err := rewards.New(genesis)
	require.NoError(t, err)
	for _, block := range e.blocks {
		require.NoError(t, audit.Block(block))
	}
	for name, forge := range map[string]func(*rewards.State){
		"a claim":  func(s *rewards.State) { s.Bounty.Points[0].Claimed = s.Bounty.Points[0].Claimed.AddRaw(1) },
		"a closed": func(s *rewards.State) { s.Bounty.Epochs[2].Claimed = s.Bounty.Epochs[2].Claimed.AddRaw(1) },
		"an epoch": func(s *rewards.State) {
			epoch := &s.Bounty.Epochs[2]
			epoch.Engines, epoch.Contributors = epoch.Engines.AddRaw(1), epoch.Contributors.SubRaw(1)
		},
		"the ledger": func(s *rewards.State) {
			ledger := &s.Bounty.Ledger
			ledger.Engines, ledger.Storage = ledger.Engines.AddRaw(1), ledger.Storage.SubRaw(1)
		},
		"the treasury": func(s *rewards.State) {
			treasury := s.Balances[authtypes.NewModuleAddress(bountytypes.ModuleName).String()]
			treasury.Sub(treasury, big.NewInt(1))
		},
		"a point":    func(s *rewards.State) { s.Bounty.Points[len(s.Bounty.Points)-1].Points++ },
		"a standing": func(s *rewards.State) { s.Bounty.Standings[0].Points-- },
		"a score":    func(s *rewards.State) { s.Bounty.Scores[0].MissedPpm++ },
		"a sighter":  func(s *rewards.State) { s.Bounty.Clusters[0].Sighters = nil },
		"a work":     func(s *rewards.State) { s.Bounty.Works[0].EnginePoints++ },
		"a rule":     func(s *rewards.State) { s.Bounty.Params.FilePpm-- },
	} {
		t.Run(name, func(t *testing.T) {
			export, err := readState(f.export)
			require.NoError(t, err)
			before := audit.Report.Different()
			require.NoError(t, audit.Export(export))
			require.Equal(t, before, audit.Report.Different())
			forge(&export)
			require.NoError(t, audit.Export(export))
			require.Greater(t, audit.Report.Different(), before)
		})
	}
}

// seen counts what happened on the way.
func (e *economy) seen() map[string]int {
	seen, stages := make(map[string]int), make(map[string]bool)
	for _, event := range e.events() {
		decoded, err := blocks.Decode(event)
		require.NoError(e.t, err)
		switch event := decoded.(type) {
		case *bountytypes.EventScored:
			if event.Rank > 1 {
				seen["mutants"]++
			}
			stages[string(event.Sha256)] = false
		case *bountytypes.EventCredited:
			if event.Capped > 0 {
				seen["capped"]++
			}
			if event.Stage > 0 && !stages[string(event.Sha256)] {
				seen["first paid for a later judgement"]++
			}
			stages[string(event.Sha256)] = true
		case *bountytypes.EventClaimed:
			if event.Epochs > 1 {
				seen["claims of several epochs"]++
			}
			if event.Contributor == e.contributors[2].Address.String() {
				seen["claims without coins"]++
			}
		case nil:
		default:
			seen[proto.MessageName(event)]++
		}
	}
	return seen
}

// unpaid tells that the operator that left had points in an epoch after it was gone: then
// all others together got less than the epoch gives to engines, by more than roundings.
func (e *economy) unpaid() bool {
	leaver := e.Supernodes[4].Operator.Address
	registered, err := e.App.SupernodeKeeper.Supernodes.Has(e.Context(), leaver)
	require.NoError(e.t, err)
	given := make(map[uint64]int64)
	paid := make(map[uint64]bool)
	for _, event := range e.events() {
		decoded, err := blocks.Decode(event)
		require.NoError(e.t, err)
		switch event := decoded.(type) {
		case *bountytypes.EventEpochSettled:
			amount, err := strconv.ParseInt(event.Engines, 10, 64)
			require.NoError(e.t, err)
			given[event.Epoch] += amount
		case *bountytypes.EventOperatorPaid:
			amount, err := strconv.ParseInt(event.Engines, 10, 64)
			require.NoError(e.t, err)
			given[event.Epoch] -= amount
			paid[event.Epoch] = true
		}
	}
	for epoch, left := range given {
		if paid[epoch] && left > 100 && !registered {
			return true
		}
	}
	return false
}

// forgeEvents leaves out one event of each kind that matters.
func forgeEvents(t *testing.T, e *economy, f files) {
	for _, kind := range []string{
		"virusmap.bounty.v1.EventScored", "virusmap.bounty.v1.EventCredited", "virusmap.bounty.v1.EventEpochSettled",
		"virusmap.bounty.v1.EventOperatorPaid", "virusmap.bounty.v1.EventClaimed", "virusmap.bounty.v1.EventEpochClosed",
		"virusmap.samples.v1.EventSubmitted", "virusmap.verdicts.v1.EventResolved",
	} {
		t.Run(kind, func(t *testing.T) {
			forged := f
			forged.events = filepath.Join(t.TempDir(), "events.jsonl")
			writeBlocks(t, forged.events, without(e.blocks, kind))
			_, err := forged.recount()
			require.Error(t, err)
		})
	}
}

// without leaves out the third event of a kind.
func without(all []blocks.Block, kind string) (others []blocks.Block) {
	count := 0
	for _, block := range all {
		kept := blocks.Block{Height: block.Height, Time: block.Time}
		for _, event := range block.Events {
			if event.Type == kind {
				count++
			}
			if event.Type != kind || count != 3 {
				kept.Events = append(kept.Events, event)
			}
		}
		others = append(others, kept)
	}
	return others
}

// The same submissions on two fresh chains give the same rewards, byte by byte.
func TestRewardsAreDeterministic(t *testing.T) {
	var first []byte
	for range 2 {
		e := newEconomy(t)
		for range 150 {
			e.live()
		}
		gs, err := e.App.BountyKeeper.ExportGenesis(e.Context())
		require.NoError(t, err)
		require.NotEmpty(t, gs.Points)
		bz, err := gs.Marshal()
		require.NoError(t, err)
		if first == nil {
			first = bz
		}
		require.Equal(t, first, bz)
	}
}
