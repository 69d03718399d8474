package system

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/fixtures"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// requireUndetected asserts that every engine has looked at a clean sample.
func requireUndetected(t *testing.T, report verdictstypes.Report) {
	t.Helper()
	require.Equal(t, verdictstypes.OUTCOME_CLEAN, report.Outcome)
	require.Len(t, report.Verdicts, allEngines)
	for _, verdict := range report.Verdicts {
		require.Equal(t, ofCleanFile(verdict.Engine), verdict.Category, verdict.Engine)
	}
}

// ofCleanFile is what an engine says of a clean file; two look at URLs alone.
func ofCleanFile(engine string) verdictstypes.Category {
	if engine == "URLRules" || engine == "Lookalike" {
		return verdictstypes.CATEGORY_TYPE_UNSUPPORTED
	}
	return verdictstypes.CATEGORY_UNDETECTED
}

// What has a receipt reaches the chain, whatever happens to the supernode.
func TestSupernodeKilledAfterReceipts(t *testing.T) {
	w := sharedWorld(t)
	dir := t.TempDir()
	var paths, hashes []string
	for i := range 8 {
		content := freshText("a file with a receipt")
		path := filepath.Join(dir, fmt.Sprintf("%d.txt", i))
		require.NoError(t, os.WriteFile(path, content, 0o644))
		paths, hashes = append(paths, path), append(hashes, hashOf(content))
	}
	p := w.virusmap(t, append([]string{"--output", "json", "submit"}, paths...)...)
	crash(t, w.Supernodes[0])
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	restart(t, w.Supernodes[0])
	for _, hash := range hashes {
		requireUndetected(t, w.waitFinal(t, hash))
		require.Equal(t, "clean", w.report(t, hash).VirusMap.Outcome)
	}
	w.requireOneAnswerPerRound(t)
}

func TestSupernodeKilledWhileScanning(t *testing.T) {
	w := sharedWorld(t)
	found := w.submit(t, sample(t, "slow.txt", freshText(slowMarker)))
	w.waitScanning(t)
	crash(t, w.Supernodes[0])
	round := w.roundOf(t, found.SHA256)
	committed, _ := w.commitment(t.Context(), round, w.Supernodes[0])
	require.False(t, committed, "killed too late to test anything")
	restart(t, w.Supernodes[0])
	requireUndetected(t, w.waitFinal(t, found.SHA256))
	w.requireOneAnswerPerRound(t)
}

// The answer that was committed to is the one that is revealed after the crash.
func TestSupernodeKilledBetweenCommitAndReveal(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	found := w.submit(t, sample(t, "committed.txt", freshText("committed")))
	round := w.roundOf(t, found.SHA256)
	until(t, "the commit", func(ctx context.Context) bool {
		committed, _ := w.commitment(ctx, round, supernode)
		return committed
	})
	crash(t, supernode)
	w.requireProgress(t, 2)
	_, revealed := w.commitment(t.Context(), round, supernode)
	require.False(t, revealed, "killed too late to test anything")
	restart(t, supernode)
	report := w.waitFinal(t, found.SHA256)
	requireUndetected(t, report)
	require.Equal(t, round, report.Round.Number)
	w.requireOneAnswerPerRound(t)
}

func TestClamdKilled(t *testing.T) {
	w := sharedWorld(t)
	supernode := w.Supernodes[0]
	daemons := childrenOf(t, supernode.PID(), "clamd")
	require.Len(t, daemons, 1)
	require.NoError(t, syscall.Kill(daemons[0], syscall.SIGKILL))
	path := sample(t, "after.zip", zipOf(t, entry{"eicar.com", fixtures.EICAR()}, entry{"note", freshText("after the kill")}))
	found := w.submitAndWait(t, path)
	require.Equal(t, "malicious", found.Outcome)
	clamav := w.report(t, found.SHA256).LastAnalysisResult["ClamAV"]
	require.NotNil(t, clamav.Label, clamav.Category)
	require.Equal(t, "Win.Test.EICAR_HDB-1", *clamav.Label)
	require.NotEqual(t, daemons, childrenOf(t, supernode.PID(), "clamd"))
	w.requireHealthy(t)
	w.requireOneAnswerPerRound(t)
}

// A supernode survives its node, and goes on where the node comes back.
func TestValidatorKilled(t *testing.T) {
	w := sharedWorld(t)
	supernode, validator := w.Supernodes[0], w.Validators[0]
	pid := supernode.PID()

	early := w.submit(t, sample(t, "early.txt", freshText("on its way to the chain")))
	validator.Kill()
	require.NoError(t, validator.Start())
	requireUndetected(t, w.waitFinal(t, early.SHA256))

	late := w.submit(t, sample(t, "late.txt", freshText(slowMarker)))
	w.waitScanning(t)
	before := validator.Height(t.Context())
	validator.Kill()
	require.NoError(t, validator.Start())
	requireUndetected(t, w.waitFinal(t, late.SHA256))
	require.Greater(t, validator.Height(t.Context()), before)

	w.requireHealthy(t)
	require.Equal(t, pid, supernode.PID())
	w.requireOneAnswerPerRound(t)
}

// waitScanning waits until the marker engine of the first supernode works.
func (w *world) waitScanning(t *testing.T) {
	t.Helper()
	script := filepath.Join(w.Supernodes[0].Home, "engines", "marker", "marker.sh")
	until(t, "the slow engine", func(context.Context) bool { return len(mentioning(t, script)) > 0 })
}
