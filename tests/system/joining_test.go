package system

import (
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/network"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// joiningSettings make two supernodes hold each sample, so that who leaves has to hand over.
var joiningSettings = map[string]any{
	"app_state.epochs.epochs.0.duration":             "20s",
	"app_state.samples.params.replication":           2,
	"app_state.supernode.params.unbonding_seconds":   "600",
	"app_state.supernode.params.beacon_idle_blocks":  5,
	"app_state.verdicts.params.commit_window_blocks": 8,
}

// A supernode that registers later gets the vault keys of past epochs from its peers,
// judges old samples, and fetches what it is assigned; one that retires hands over what
// it holds and can then be switched off.
func TestSupernodesJoinAndLeave(t *testing.T) {
	w := ownWorld(t, "joining", setup{supernodes: 3, joiners: 1, genesis: joiningSettings})
	var old []string
	for range 6 {
		old = append(old, w.submitAndWait(t, sample(t, "old.txt", freshText("from before")), at(w.Supernodes[0])...).SHA256)
	}
	joiner := w.Supernodes[2]

	t.Run("join", func(t *testing.T) {
		w.enter(t, joiner)
		until(t, "the joiner's seat", func(context.Context) bool { return w.seated(t, joiner) })
		w.rescan(t, old[0])
		until(t, "the joiner's verdicts of an old sample", func(context.Context) bool {
			report := w.chainReport(t, old[0])
			if report.Round.Kind != verdictstypes.ROUND_KIND_RESCAN {
				return false
			}
			for _, verdict := range report.Verdicts {
				require.Equal(t, ofCleanFile(verdict.Engine), verdict.Category, "%s of %s", verdict.Engine, verdict.Operator)
			}
			return report.Round.Attestations == 3
		})
		assigned := w.assigned(t, joiner, old)
		require.NotEmpty(t, assigned)
		until(t, "what the joiner is assigned", func(context.Context) bool {
			metrics := body(t, joiner.URL+"/metrics", http.StatusOK)
			return metric(t, metrics, "virusmap_custody_held_samples") >= float64(len(assigned)) &&
				metric(t, metrics, "virusmap_custody_missing_samples") == 0
		})
	})

	t.Run("leave", func(t *testing.T) {
		leaver := w.Supernodes[1]
		require.NotEmpty(t, w.assigned(t, leaver, old))
		operator, err := w.dial(t.Context(), "operator1")
		require.NoError(t, err)
		_, err = operator.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&supernodetypes.MsgRetire{Operator: leaver.Operator}}})
		require.NoError(t, err)
		until(t, "the end of its last epoch", func(context.Context) bool { return !w.seated(t, leaver) })
		leaver.Stop()
		p := run(t, exec.CommandContext(t.Context(), filepath.Join(programs, "supernode"),
			"leave", "--home", leaver.Home, "--timeout", "90s", "--output", "json"))
		require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
		var left struct {
			Safe bool `json:"safe"`
		}
		require.NoError(t, json.Unmarshal([]byte(p.stdout), &left), p.stdout)
		require.True(t, left.Safe, p.stdout)
		require.Empty(t, w.assigned(t, leaver, old))
	})
	found := w.submitAndWait(t, sample(t, "new.txt", freshText("for those who stay")), at(joiner)...)
	require.EqualValues(t, 2, w.chainReport(t, found.SHA256).Round.Attestations)
}

// enter registers the third supernode, which was started without a registration.
func (w *world) enter(t *testing.T, supernode *network.Supernode) {
	t.Helper()
	operator, err := w.dial(t.Context(), "operator2")
	require.NoError(t, err)
	_, err = operator.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&supernodetypes.MsgRegister{
		Operator: supernode.Operator, SelfBond: sdk.NewInt64Coin("uvmt", 10_000_000_000),
		Profile: supernodetypes.Profile{
			Sidecar: supernode.Sidecar, Moniker: "joiner", Endpoints: []string{supernode.URL},
			Recipient: supernode.Identity.Recipient, PeerId: supernode.Identity.PeerID, Multiaddrs: supernode.Identity.Multiaddrs,
		},
	}}})
	require.NoError(t, err)
}

func (w *world) seated(t *testing.T, supernode *network.Supernode) bool {
	t.Helper()
	response, err := w.chain.Supernodes().Epoch(t.Context(), &supernodetypes.QueryEpochRequest{})
	require.NoError(t, err)
	for _, seat := range response.Seats {
		if seat.Operator == supernode.Operator {
			return true
		}
	}
	return false
}

func (w *world) rescan(t *testing.T, sha256 string) {
	t.Helper()
	_, err := w.chain.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&samplestypes.MsgRequestRescan{
		Requester: w.chain.Address().String(), Sha256: raw(t, sha256),
	}}})
	require.NoError(t, err)
}

// assigned are those of the samples that a supernode must store.
func (w *world) assigned(t *testing.T, supernode *network.Supernode, samples []string) (assigned []string) {
	t.Helper()
	for _, sha256 := range samples {
		response, err := w.chain.Samples().Holders(t.Context(), &samplestypes.QueryHoldersRequest{Sha256: sha256})
		require.NoError(t, err)
		for _, operator := range response.Operators {
			if operator == supernode.Operator {
				assigned = append(assigned, sha256)
			}
		}
	}
	return assigned
}
