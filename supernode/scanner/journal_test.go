package scanner

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func openTestJournal(t *testing.T, path string) *journal {
	t.Helper()
	j, err := openJournal(t.Context(), path, "chain-1")
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.close() })
	return j
}

func someAnswer(salt byte) answer {
	return answer{salt: bytes.Repeat([]byte{salt}, verdictstypes.SaltSize), attestation: example().Attestations[0].Attestation}
}

func TestJournalOutlivesTheProcess(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a folder", "journal?.db")
	j := openTestJournal(t, path)
	height, err := j.height(ctx)
	require.NoError(t, err)
	require.Zero(t, height)
	made := someAnswer(1)
	require.NoError(t, j.saveAnswer(ctx, 1<<63, made))
	require.NoError(t, j.setHeight(ctx, 5))
	require.NoError(t, j.setHeight(ctx, 6))
	require.NoError(t, j.saveArchive(ctx, 3, "cid"))
	require.NoError(t, j.close())

	j = openTestJournal(t, path)
	height, err = j.height(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 6, height)
	kept, err := j.answer(ctx, 1<<63)
	require.NoError(t, err)
	before, err := verdictstypes.CommitmentHash("chain-1", 9, []byte("operator"), made.salt, made.attestation)
	require.NoError(t, err)
	after, err := verdictstypes.CommitmentHash("chain-1", 9, []byte("operator"), kept.salt, kept.attestation)
	require.NoError(t, err)
	require.Equal(t, before, after, "what was committed to can be revealed")
	cid, err := j.archived(ctx, 3)
	require.NoError(t, err)
	require.Equal(t, "cid", cid)
	rounds, err := j.answered(ctx)
	require.NoError(t, err)
	require.Equal(t, []uint64{1 << 63}, rounds)
}

func TestJournalKeepsTheFirstAnswer(t *testing.T) {
	ctx, j := t.Context(), openTestJournal(t, filepath.Join(t.TempDir(), "journal.db"))
	require.NoError(t, j.saveAnswer(ctx, 1, someAnswer(1)))
	require.Error(t, j.saveAnswer(ctx, 1, someAnswer(2)))
	kept, err := j.answer(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, someAnswer(1).salt, kept.salt)
	require.NoError(t, j.saveArchive(ctx, 1, "first"))
	require.NoError(t, j.saveArchive(ctx, 1, "second"))
	cid, err := j.archived(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, "first", cid)

	require.NoError(t, j.forget(ctx, 1))
	kept, err = j.answer(ctx, 1)
	require.NoError(t, err)
	require.Nil(t, kept)
	cid, err = j.archived(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, "first", cid, "the archive stays")
}

func TestJournalOfAnotherChainIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	require.NoError(t, openTestJournal(t, path).close())
	_, err := openJournal(t.Context(), path, "chain-2")
	require.ErrorContains(t, err, `it is of chain "chain-1", not "chain-2"`)
}
