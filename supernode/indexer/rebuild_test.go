package indexer

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/indexer/indexertest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// identified is a file whose type and digest are its beginning.
func identified(_ context.Context, content *engine.Content) (index.File, error) {
	text := make([]byte, content.Size)
	if _, err := content.File.ReadAt(text, 0); err != nil {
		return index.File{}, err
	}
	return index.File{
		SHA256: content.SHA256, SHA1: sha1.Sum(text), MD5: md5.Sum(text), Size: content.Size, TypeTag: "type of " + string(text[:8]),
		Details: &index.Details{SSDEEP: "digest of " + string(text)},
	}, nil
}

// submitted is a chain with samples whose contents are known.
func submitted(t *testing.T, n int) (*indexertest.Simulation, map[string][]byte) {
	app := chaintest.New(t, chaintest.Config{Accounts: 1, Supernodes: 1})
	app.Blocks(2)
	app.PublishVaultKey()
	epoch, err := app.App.SupernodeKeeper.CurrentEpoch(app.Context())
	require.NoError(t, err)
	for some := range slices.Chunk(chaintest.Submissions("content", n, epoch.Number), 10) {
		app.Run(app.Sign(app.Accounts[0], app.Accounts[0].Submit(some...)))
	}
	contents := make(map[string][]byte)
	for i := range n {
		content := fmt.Appendf(nil, "content %d", i)
		sum := sha256.Sum256(content)
		contents[string(sum[:])] = content
	}
	return &indexertest.Simulation{Chain: indexertest.Over(app), Simulation: &chaintest.Simulation{Chain: app}}, contents
}

func TestRebuildFindsOtherHashesByOpening(t *testing.T) {
	const n = 100
	chain, contents := submitted(t, n)
	node := newNode(t, onSQLite(t), chain)
	ctx := context.Background()

	// One is known from its submission, one cannot be opened, one is not what it should be.
	known, closed, wrong := sha256.Sum256([]byte("content 0")), sha256.Sum256([]byte("content 1")), sha256.Sum256([]byte("content 2"))
	_, err := node.index.Record(ctx, index.Submission{SHA256: known, Name: "known.txt", Time: 5, State: index.StateOnChain})
	require.NoError(t, err)
	contents[string(wrong[:])] = []byte("something else")
	opened := 0
	open := func(_ context.Context, entry samplestypes.SampleEntry) (io.ReadCloser, error) {
		opened++
		if bytes.Equal(entry.Sha256, closed[:]) {
			return nil, errors.New("no key")
		}
		return io.NopCloser(bytes.NewReader(contents[string(entry.Sha256)])), nil
	}

	// It is interrupted, and goes on after what was noted.
	interrupted, interrupt := context.WithCancel(ctx)
	_, err = node.Rebuild(interrupted, func(ctx context.Context, entry samplestypes.SampleEntry) (io.ReadCloser, error) {
		if opened == filesPerPage+1 {
			interrupt()
		}
		return open(ctx, entry)
	}, identified, func(State) {})
	require.ErrorIs(t, err, context.Canceled)
	var phases []string
	state, err := node.Rebuild(ctx, open, identified, func(s State) { phases = append(phases, s.Phase) })
	require.NoError(t, err)
	require.NotContains(t, phases, phaseSamples, "that is done")
	require.LessOrEqual(t, opened, n+3)
	require.Positive(t, state.Unopened)

	for hash, content := range contents {
		file, err := node.index.File(ctx, []byte(hash))
		switch hash {
		case string(closed[:]), string(wrong[:]):
			require.ErrorIs(t, err, index.ErrNotFound)
			continue
		case string(known[:]):
			require.NoError(t, err)
			require.Equal(t, []string{"known.txt"}, file.Names)
			require.Equal(t, "digest of content 0", file.Details.SSDEEP, "it was opened for that")
			continue
		}
		require.NoError(t, err)
		sum := md5.Sum(content)
		found, err := node.index.File(ctx, sum[:])
		require.NoError(t, err)
		require.Equal(t, file, found)
		require.Equal(t, "type of content ", file.TypeTag)
		require.Equal(t, "digest of "+string(content), file.Details.SSDEEP)
		require.Equal(t, index.StateOnChain, file.State)
		require.Zero(t, file.TimesSubmitted, "nothing is known of that")
	}
	progress, err := node.index.Progress(ctx)
	require.NoError(t, err)
	require.Empty(t, progress.Phase)
	require.Equal(t, chain.Height, progress.Height)
}
