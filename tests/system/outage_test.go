package system

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/network"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// outageSettings make two epochs pass in less than a minute, with retrospective
// rounds and storage challenges in them.
var outageSettings = map[string]any{
	"app_state.epochs.epochs.0.duration":                     "25s",
	"app_state.supernode.params.liveness_window":             8,
	"app_state.supernode.params.jail_seconds":                "10",
	"app_state.supernode.params.vault_key_grace_blocks":      5,
	"app_state.samples.params.challenge_window_blocks":       10,
	"app_state.verdicts.params.commit_window_blocks":         8,
	"app_state.verdicts.params.reveal_window_blocks":         6,
	"app_state.verdicts.params.retrospective_delays_seconds": []string{"15", "30"},
}

// One of three supernodes is killed for two epochs: no round waits for it for ever,
// everything submitted gets its outcome, it is jailed, and it comes back.
func TestSupernodeAwayForTwoEpochs(t *testing.T) {
	w := ownWorld(t, "outage", setup{supernodes: 3, genesis: outageSettings})
	away := w.Supernodes[2]
	var submitted []string
	submit := func(gateway *network.Supernode) verdictstypes.Report {
		found := w.submitAndWait(t, sample(t, "file.txt", freshText("during the outage")), at(gateway)...)
		require.Equal(t, "clean", found.Outcome)
		t.Logf("%.1f s from submit to outcome", found.Seconds)
		submitted = append(submitted, found.SHA256)
		return w.chainReport(t, found.SHA256)
	}
	require.EqualValues(t, 3, submit(w.Supernodes[0]).Round.Attestations)

	crash(t, away)
	left := w.currentEpoch(t)
	for w.currentEpoch(t) < left+2 || w.supernode(t, away).Status != supernodetypes.STATUS_JAILED {
		submit(w.Supernodes[len(submitted)%2])
	}
	jailed := w.supernode(t, away)
	require.EqualValues(t, 1, jailed.Jails)
	require.Equal(t, w.supernode(t, w.Supernodes[0]).SelfBond, jailed.SelfBond, "being away costs no bond")
	waited := submit(w.Supernodes[0])
	require.EqualValues(t, 2, waited.Round.Seats, "nobody waits for a jailed supernode")
	require.EqualValues(t, 2, waited.Round.Attestations)

	restart(t, away)
	operator, err := w.dial(t.Context(), "operator2")
	require.NoError(t, err)
	var refused error
	t.Cleanup(func() { t.Log("the last answer to unjail:", refused) })
	until(t, "the end of the jail time", func(ctx context.Context) bool {
		_, refused = operator.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{&supernodetypes.MsgUnjail{Operator: away.Operator}}})
		return refused == nil
	})
	require.Equal(t, supernodetypes.STATUS_CANDIDATE, w.supernode(t, away).Status)
	back := w.currentEpoch(t) + 1
	until(t, "the next epoch", func(context.Context) bool { return w.currentEpoch(t) >= back })
	until(t, "a round that it attests again", func(context.Context) bool {
		return submit(w.Supernodes[0]).Round.Attestations == 3
	})

	for _, sha256 := range submitted {
		require.Equal(t, verdictstypes.OUTCOME_CLEAN, w.chainReport(t, sha256).Outcome, "nothing is lost")
	}
	for _, supernode := range w.Supernodes[:2] {
		proved := metric(t, body(t, supernode.URL+"/metrics", 200), `virusmap_custody_proofs_total`)
		require.Positive(t, proved, "%s answered its storage challenges", supernode.Home)
	}
	w.requireRecount(t)
	w.requireHealthy(t)
}

// requireRecount recomputes the track records from the events alone.
func (w *world) requireRecount(t *testing.T) {
	t.Helper()
	validator := w.Validators[0]
	p := run(t, exec.CommandContext(t.Context(), filepath.Join(programs, "recount"),
		"--node", validator.RPC, "--check", validator.GRPC))
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	t.Logf("%s%s", p.stdout, p.stderr)
}

func (w *world) currentEpoch(t *testing.T) uint64 {
	t.Helper()
	response, err := w.chain.Supernodes().Epoch(t.Context(), &supernodetypes.QueryEpochRequest{})
	require.NoError(t, err)
	return response.Epoch.Number
}

func (w *world) supernode(t *testing.T, supernode *network.Supernode) supernodetypes.Supernode {
	t.Helper()
	response, err := w.chain.Supernodes().Supernode(t.Context(), &supernodetypes.QuerySupernodeRequest{Operator: supernode.Operator})
	require.NoError(t, err)
	return response.Supernode
}
