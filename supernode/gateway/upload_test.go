package gateway

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func TestUploadReachesTheChain(t *testing.T) {
	n := startNode(t, nil)
	n.submitting(t)
	content := "\x7fELF some program"
	a := n.upload(t, field{"contributor", "", operator(3)}, field{"file", "/home/user/prog", content})
	analysis := a.resource(t)
	require.Equal(t, "analysis", analysis.Type)
	require.Equal(t, n.url+"/api/v3/analyses/"+analysis.ID, analysis.Links["self"])
	decoded, err := base64.StdEncoding.DecodeString(analysis.ID)
	require.NoError(t, err)
	require.Regexp(t, `^[0-9a-f]{32}:\d+$`, string(decoded))
	require.Equal(t, hexOf(content), a.Meta["file_info"].(map[string]any)["sha256"])

	eventually(t, func() bool { return len(n.chain.accepted()) == 1 }, "submission on chain")
	s := n.chain.accepted()[0]
	require.Equal(t, hexOf(content), fmt.Sprintf("%x", s.Sha256))
	require.Equal(t, samplestypes.KIND_FILE, s.Kind)
	require.EqualValues(t, len(content), s.SizeBytes)
	require.Equal(t, operator(3), s.Contributor)
	require.EqualValues(t, 7, s.Sealing.VaultEpoch)
	require.False(t, n.vaultIsEmpty(t))
	eventually(t, func() bool {
		stored, err := n.index.File(context.Background(), s.Sha256)
		return err == nil && stored.State == index.StateOnChain
	}, "index notes it")
	stored, err := n.index.File(context.Background(), s.Sha256)
	require.NoError(t, err)
	require.Equal(t, []string{"prog"}, stored.Names)
	require.Equal(t, "elf", stored.TypeTag)
}

func TestNoPlaintextIsOnDisk(t *testing.T) {
	n := startNode(t, nil)
	marker := "a marker that would be found on disk"
	n.upload(t, file(strings.Repeat(marker, 4000))).resource(t)
	n.stop()
	require.NoError(t, filepath.WalkDir(n.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		require.NotContains(t, string(data), marker, path)
		return err
	}))
}

func TestKnownFileIsNotSubmittedAgain(t *testing.T) {
	n := startNode(t, nil)
	first := n.upload(t, file("content"))
	require.Equal(t, false, first.Meta["virusmap"].(map[string]any)["known"])
	again := n.upload(t, field{"file", "another name", "content"})
	require.Equal(t, true, again.Meta["virusmap"].(map[string]any)["known"])
	require.Equal(t, first.resource(t).ID, again.resource(t).ID, "the existing analysis is answered")
	require.EqualValues(t, 1, n.queued(t))

	n.submitting(t)
	eventually(t, func() bool { return n.queued(t) == 0 }, "queue drained")
	n.upload(t, file("content")).resource(t)
	require.Zero(t, n.queued(t), "on chain: no second submission")
	require.Len(t, n.chain.accepted(), 1)
}

func TestFileThatOnlyTheChainKnowsIsNotStored(t *testing.T) {
	n := startNode(t, nil)
	n.chain.finish("content", 3, 1)
	a := n.upload(t, file("content"))
	require.Equal(t, true, a.Meta["virusmap"].(map[string]any)["known"])
	require.True(t, n.vaultIsEmpty(t))
	require.Zero(t, n.queued(t))
	analysis := n.get(t, "/api/v3/analyses/"+a.resource(t).ID).resource(t)
	require.Equal(t, "completed", analysis.Attributes["status"])
}

func TestFileIsSubmittedAgainWhenTheChainLostOrRejectedIt(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(c *scriptedChain){
		"record expired": func(c *scriptedChain) { clear(c.samples) },
		"ciphertext was invalid": func(c *scriptedChain) {
			sample := c.samples[hexOf("content")]
			sample.Status = samplestypes.STATUS_INVALID
			c.samples[hexOf("content")] = sample
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := startNode(t, nil)
			n.submitting(t)
			n.upload(t, file("content")).resource(t)
			eventually(t, func() bool {
				stored, err := n.index.File(context.Background(), mustHash(t, hexOf("content")))
				return err == nil && stored.State == index.StateOnChain
			}, "on chain")
			n.chain.set(func() { lose(n.chain) })
			n.upload(t, file("content")).resource(t)
			eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "submitted again")
		})
	}
}

func TestConcurrentUploadsOfOneFileGiveOneSubmission(t *testing.T) {
	n := startNode(t, nil)
	content := strings.Repeat("same ", 10_000)
	ids := make([]string, 12)
	var wait sync.WaitGroup
	for i := range ids {
		wait.Go(func() { ids[i] = n.upload(t, file(content)).resource(t).ID })
	}
	wait.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
	require.EqualValues(t, 1, n.queued(t))
	stored, err := n.index.File(context.Background(), mustHash(t, hexOf(content)))
	require.NoError(t, err)
	require.EqualValues(t, len(ids), stored.TimesSubmitted)
}

func TestUploadWorksWhileTheChainIsAway(t *testing.T) {
	n := startNode(t, nil)
	n.upload(t, file("first")).resource(t) // learns the vault key
	n.chain.set(func() { n.chain.away = true })
	n.Gateway.terms.read = time.Time{}
	n.upload(t, file("second")).resource(t)
	n.submitting(t)
	n.chain.set(func() { n.chain.away = false })
	eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "both submitted")
}

func TestUploadWithoutVaultKeyIsTransient(t *testing.T) {
	n := startNode(t, nil)
	n.chain.set(func() { n.chain.vaultKey = nil })
	a := n.upload(t, file("content"))
	require.Equal(t, http.StatusServiceUnavailable, a.Status)
	require.Equal(t, "TransientError", a.Err.Code)
	require.NotEmpty(t, a.Header.Get("Retry-After"))
}

func mustHash(t *testing.T, text string) []byte {
	t.Helper()
	hash, err := parseHash(text)
	require.NoError(t, err)
	return hash
}
