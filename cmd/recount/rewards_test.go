package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
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
		t.Log(row)
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
	t.Log(sums)

	t.Run("a forged export", func(t *testing.T) { forgeExport(t, e, f) })
	t.Run("forged events", func(t *testing.T) { forgeEvents(t, e, f) })
}

// forgeExport moves 1 uvmt in one place of the exported state after the other.
func forgeExport(t *testing.T, e *economy, f files) {
	for name, forge := range map[string]func(*bountytypes.GenesisState){
		"a claim": func(gs *bountytypes.GenesisState) {
			gs.Points[0].Claimed = gs.Points[0].Claimed.AddRaw(1)
		},
		"an epoch": func(gs *bountytypes.GenesisState) {
			gs.Epochs[2].Engines, gs.Epochs[2].Contributors = gs.Epochs[2].Engines.AddRaw(1), gs.Epochs[2].Contributors.SubRaw(1)
		},
		"the ledger": func(gs *bountytypes.GenesisState) {
			gs.Ledger.Engines, gs.Ledger.Storage = gs.Ledger.Engines.AddRaw(1), gs.Ledger.Storage.SubRaw(1)
		},
		"a point":  func(gs *bountytypes.GenesisState) { gs.Points[len(gs.Points)-1].Points++ },
		"a score":  func(gs *bountytypes.GenesisState) { gs.Scores[0].MissedPpm++ },
		"a worker": func(gs *bountytypes.GenesisState) { gs.Works[0].EnginePoints++ },
		"a rule":   func(gs *bountytypes.GenesisState) { gs.Params.FilePpm-- },
	} {
		t.Run(name, func(t *testing.T) {
			genesis, err := genutiltypes.AppGenesisFromFile(f.export)
			require.NoError(t, err)
			state, err := app.UnmarshalGenesis(genesis.AppState)
			require.NoError(t, err)
			require.NoError(t, app.EditGenesis(e.App.Codec, state, bountytypes.ModuleName, func(gs *bountytypes.GenesisState) error {
				forge(gs)
				return nil
			}))
			bz, err := json.Marshal(state)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "forged.json")
			writeGenesis(t, path, genesis.InitialHeight, bz)
			report, err := f.recount("--export", path)
			require.ErrorIs(t, err, errDiffers)
			require.NotEmpty(t, report.Mismatches)
		})
	}
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
