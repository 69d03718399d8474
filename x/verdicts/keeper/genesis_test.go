package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

func supernodeMsgs(f *fixture) supernodetypes.MsgServer {
	return supernodekeeper.NewMsgServer(f.supernode)
}

// busy is a chain with a final, a void, an open round and queued samples.
func busy(t *testing.T) *fixture {
	f := newFixture(t, 2, 1)
	f.addSamples("final", 300)
	f.run(f.untilOpen(), allOf(types.CATEGORY_UNDETECTED), allOf(types.CATEGORY_MALICIOUS))
	f.addSamples("void", 2)
	void := f.untilOpen()
	for f.round(void.Number).FinalHeight == 0 {
		f.endBlock()
	}
	open := f.untilOpen()
	require.NoError(t, f.commit(f.operators[0], open.Number, f.operators[0].answers(2, allOf(types.CATEGORY_UNDETECTED))))
	f.addSamples("queued", 3)
	return f
}

func TestGenesisRoundTrip(t *testing.T) {
	f := busy(t)
	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, exported.Validate())
	require.Len(t, exported.Rounds, 3)
	require.Len(t, exported.Pending, 3)

	samples, err := f.samples.ExportGenesis(f.ctx)
	require.NoError(t, err)
	other := newFixture(t, 2, 1)
	deposits := f.bank.GetBalance(f.ctx, samplestypes.DepositAddress(contributor), denom)
	other.fund(samplestypes.DepositAddress(contributor), deposits.Amount.Int64())
	require.NoError(t, other.samples.InitGenesis(other.ctx, *samples))
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *exported))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	want, err := exported.Marshal()
	require.NoError(t, err)
	got, err := again.Marshal()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestGenesisRefuses(t *testing.T) {
	f := busy(t)
	for name, change := range map[string]func(*types.GenesisState){
		"params":                 func(gs *types.GenesisState) { gs.Params.MaxOpenRounds = 0 },
		"next round":             func(gs *types.GenesisState) { gs.NextRound = 0 },
		"round past the next":    func(gs *types.GenesisState) { gs.NextRound = 2 },
		"rounds out of order":    func(gs *types.GenesisState) { gs.Rounds[0], gs.Rounds[1] = gs.Rounds[1], gs.Rounds[0] },
		"too many samples":       func(gs *types.GenesisState) { gs.Rounds[0].Samples = 4097 },
		"missing page":           func(gs *types.GenesisState) { gs.MemberPages = gs.MemberPages[1:] },
		"changed member":         func(gs *types.GenesisState) { gs.MemberPages[0].Hashes[0] ^= 1 },
		"engine name":            func(gs *types.GenesisState) { gs.Engines[0].Name = "" },
		"engine operator":        func(gs *types.GenesisState) { gs.Engines[0].Operator = "x" },
		"pending hash":           func(gs *types.GenesisState) { gs.Pending[0].Sha256 = nil },
		"commitment hash":        func(gs *types.GenesisState) { gs.Commitments[0].Hash = nil },
		"commitment of no round": func(gs *types.GenesisState) { gs.Commitments[0].Round = 77 },
		"attestation of none":    func(gs *types.GenesisState) { gs.Attestations[0].Round = 77 },
		"attestation shape":      func(gs *types.GenesisState) { gs.Attestations[0].Attestation.Vectors[0].Column = nil },
		"outcome":                func(gs *types.GenesisState) { gs.History[0].Outcome = 9 },
	} {
		t.Run(name, func(t *testing.T) {
			exported, err := f.keeper.ExportGenesis(f.ctx)
			require.NoError(t, err)
			data, err := exported.Marshal()
			require.NoError(t, err)
			var gs types.GenesisState // a copy, as the export shares memory with the store
			require.NoError(t, gs.Unmarshal(data))
			change(&gs)
			require.Error(t, gs.Validate())
		})
	}
	require.NoError(t, types.DefaultGenesis().Validate())
}

func FuzzGenesis(f *testing.F) {
	seed, err := types.DefaultGenesis().Marshal()
	require.NoError(f, err)
	f.Add(seed)
	f.Fuzz(func(t *testing.T, data []byte) {
		var gs types.GenesisState
		if gs.Unmarshal(data) == nil {
			_ = gs.Validate() // must not panic
		}
	})
}

func TestInvariantsNoticeDamage(t *testing.T) {
	for name, damage := range map[string]func(f *fixture){
		"lost open round":  func(f *fixture) { require.NoError(t, f.keeper.OpenRounds.Clear(f.ctx, nil)) },
		"lost prune entry": func(f *fixture) { require.NoError(t, f.keeper.Prune.Clear(f.ctx, nil)) },
		"lost members":     func(f *fixture) { require.NoError(t, f.keeper.MemberPages.Clear(f.ctx, nil)) },
		"lost commitments": func(f *fixture) { require.NoError(t, f.keeper.Commitments.Clear(f.ctx, nil)) },
		"lost attestation": func(f *fixture) { require.NoError(t, f.keeper.Attestations.Clear(f.ctx, nil)) },
		"lost sample status": func(f *fixture) {
			open, err := f.queries.OpenRounds(f.ctx, &types.QueryOpenRoundsRequest{})
			require.NoError(t, err)
			members, err := f.queries.Members(f.ctx, &types.QueryMembersRequest{Round: open.Rounds[0].Number})
			require.NoError(t, err)
			sample, err := f.samples.Get(f.ctx, members.Hashes[:32])
			require.NoError(t, err)
			sample.Status = samplestypes.STATUS_FINAL
			require.NoError(t, f.samples.Samples.Set(f.ctx, members.Hashes[:32], sample))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := busy(t)
			good := f.ctx
			f.ctx, _ = f.ctx.CacheContext()
			damage(f)
			require.Error(t, f.keeper.AllInvariants(f.ctx))
			f.ctx = good
		})
	}
}
