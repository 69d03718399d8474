package system

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/network"
)

// Two supernodes judge everything, whichever of them took it in.
func TestTwoSupernodes(t *testing.T) {
	w := ownWorld(t, "two", setup{supernodes: 2})
	first, second := w.Supernodes[0], w.Supernodes[1]
	attestedBy := func(t *testing.T, gateway *network.Supernode, operators ...string) {
		t.Helper()
		found := w.submitAndWait(t, sample(t, "shared.txt", freshText("for both")), at(gateway)...)
		require.Equal(t, "clean", found.Outcome)
		report := w.chainReport(t, found.SHA256)
		require.EqualValues(t, 2, report.Round.Seats)
		require.EqualValues(t, len(operators), report.Round.Attestations)
		by := map[string]int{}
		for _, verdict := range report.Verdicts {
			require.Equal(t, ofCleanFile(verdict.Engine), verdict.Category, "%s of %s", verdict.Engine, verdict.Operator)
			by[verdict.Operator]++
		}
		for _, operator := range operators {
			require.Equal(t, allEngines, by[operator], "engines of %s", operator)
		}
		t.Logf("%.1f s from submit to outcome", found.Seconds)
		p := w.virusmap(t, "verify", found.SHA256)
		require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	}

	t.Run("what the first took in", func(t *testing.T) { attestedBy(t, first, first.Operator, second.Operator) })
	t.Run("what the second took in", func(t *testing.T) { attestedBy(t, second, first.Operator, second.Operator) })
	t.Run("while the second is dead", func(t *testing.T) {
		crash(t, second)
		attestedBy(t, first, first.Operator)
	})
	t.Run("when the second is back", func(t *testing.T) {
		restart(t, second)
		attestedBy(t, first, first.Operator, second.Operator)
	})
	t.Run("full disk", func(t *testing.T) { fullDisk(t, w, second) })
}

// fullDisk puts a supernode's vault on a small disk, fills it and makes room again.
func fullDisk(t *testing.T, w *world, supernode *network.Supernode) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to mount a small disk")
	}
	dir := filepath.Join(supernode.Home, "vault")
	supernode.Stop()
	kept := filepath.Join(supernode.Home, "vault.kept")
	require.NoError(t, os.Rename(dir, kept))
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m,mode=0700"))
	t.Cleanup(func() {
		supernode.Stop()
		require.NoError(t, syscall.Unmount(dir, 0))
	})
	require.NoError(t, os.CopyFS(dir, os.DirFS(kept)))
	require.NoError(t, os.Chmod(filepath.Join(dir, "libp2p.key"), 0o600))
	restart(t, supernode)

	before := diskUse(t, dir)
	large := make([]byte, 32<<20)
	copy(large, freshText("larger than the disk"))
	answer := exchange(t, supernode, upload(supernode, "large.bin", string(large)), false)
	require.Contains(t, answer, "503 Service Unavailable")
	require.Contains(t, answer, "the file could not be stored")
	require.Less(t, diskUse(t, dir)-before, int64(1<<20), "nothing half-written stays")

	small := sample(t, "small.txt", freshText("fits all the same"))
	require.Equal(t, "clean", w.submitAndWait(t, small, at(supernode)...).Outcome)

	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=256m,mode=0700"))
	path := sample(t, "large.bin", large)
	require.Equal(t, "clean", w.submitAndWait(t, path, at(supernode)...).Outcome)
	w.requireHealthy(t)
}
