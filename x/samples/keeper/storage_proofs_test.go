package keeper_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const file = "a file whose ciphertext has some chunks more"

// challenged is a chain on which n operators are challenged on one file, at most four
// times each, in epoch 1.
func challenged(t *testing.T, n int) *fixture {
	t.Helper()
	f := newFixture(t)
	f.store(file)
	f.seat(1, n)
	f.endBlock(1, 1)
	f.stir("fresh")
	f.endBlock(1, 1)
	for i := range n {
		require.NotEmpty(t, f.challengesOf(operator(i)))
	}
	f.freshEvents()
	return f
}

func TestProveStorage(t *testing.T) {
	f := challenged(t, 2)
	for _, challenge := range f.challengesOf(operator(0)) {
		before := f.rawStore()
		msg := proof(0, challenge, file)
		require.True(t, f.keeper.ExpectsFree(f.ctx, msg))
		require.NoError(t, f.prove(msg))
		require.False(t, f.keeper.ExpectsFree(f.ctx, msg), "once")

		changed := 0
		for key, value := range f.rawStore() {
			if !bytes.Equal(before[key], value) {
				changed++
			}
		}
		require.Equal(t, 1, changed, "a proof writes its challenge and nothing that others write")
		require.Len(t, f.rawStore(), len(before))
	}
	for _, challenge := range f.challengesOf(operator(0)) {
		require.True(t, challenge.Proved)
		require.Contains(t, eventsOf[*types.EventStorageProved](f), types.NewEventStorageProved(challenge))
	}
	for _, challenge := range f.challengesOf(operator(1)) {
		require.False(t, challenge.Proved)
	}
}

// The block of the deadline still takes the proof.
func TestProveStorageAtTheDeadline(t *testing.T) {
	f := challenged(t, 1)
	challenge := f.challengesOf(operator(0))[0]
	f.endBlock(challenge.DeadlineHeight-f.ctx.BlockHeight(), 1)
	require.NoError(t, f.prove(proof(0, challenge, file)))
}

func TestProveStorageRefuses(t *testing.T) {
	valid := func(m *types.MsgProveStorage) {}
	for name, test := range map[string]struct {
		change func(m *types.MsgProveStorage)
		before func(f *fixture, m *types.MsgProveStorage)
		want   error
		says   string
	}{
		"no sidecar":        {func(m *types.MsgProveStorage) { m.Sidecar = "" }, nil, sdkerrors.ErrInvalidAddress, "sidecar"},
		"no operator":       {func(m *types.MsgProveStorage) { m.Operator = "x" }, nil, sdkerrors.ErrInvalidAddress, "operator"},
		"wrong chunk":       {func(m *types.MsgProveStorage) { m.Chunk[0] ^= 1 }, nil, types.ErrInvalidProof, "path"},
		"short chunk":       {func(m *types.MsgProveStorage) { m.Chunk = m.Chunk[1:] }, nil, types.ErrInvalidProof, "chunk"},
		"oversized chunk":   {func(m *types.MsgProveStorage) { m.Chunk = make([]byte, 1<<20) }, nil, types.ErrInvalidProof, "want 1..1024"},
		"wrong path":        {func(m *types.MsgProveStorage) { m.Path[0][0] ^= 1 }, nil, types.ErrInvalidProof, "path"},
		"oversized path":    {func(m *types.MsgProveStorage) { m.Path = make([][]byte, 41) }, nil, types.ErrInvalidProof, "path: 41 entries, at most 40"},
		"foreign sidecar":   {func(m *types.MsgProveStorage) { m.Sidecar = sidecar(1).String() }, nil, types.ErrForeignSidecar, "signs for"},
		"operator itself":   {func(m *types.MsgProveStorage) { m.Sidecar = m.Operator }, nil, types.ErrForeignSidecar, "signs for"},
		"stale epoch":       {func(m *types.MsgProveStorage) { m.Epoch-- }, nil, types.ErrNotChallenged, "epoch 0"},
		"unknown index":     {func(m *types.MsgProveStorage) { m.Index = 9 }, nil, types.ErrNotChallenged, "index 9"},
		"another challenge": {func(m *types.MsgProveStorage) { m.Index++ }, nil, types.ErrInvalidProof, ""},
		"somebody's": {func(m *types.MsgProveStorage) {
			m.Operator, m.Sidecar = contributor.String(), gateway.String()
		}, nil, types.ErrNotChallenged, ""},
		"double proof": {valid, func(f *fixture, m *types.MsgProveStorage) {
			require.NoError(f.t, f.prove(m))
		}, types.ErrProved, "index 0"},
		"late proof": {valid, func(f *fixture, m *types.MsgProveStorage) {
			f.endBlock(600, 600)
		}, types.ErrDeadline, "the last was"},
		"proof of what is gone": {valid, func(f *fixture, m *types.MsgProveStorage) {
			f.endBlock(1, ttl)
			f.endBlock(1, 1)
		}, types.ErrNotFound, "sha256"},
		"left the register": {valid, func(f *fixture, m *types.MsgProveStorage) {
			require.NoError(f.t, f.supernode.Supernodes.Remove(f.ctx, operator(0)))
		}, supernodetypes.ErrNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := challenged(t, 2)
			msg := proof(0, f.challengesOf(operator(0))[0], file)
			if test.before != nil {
				test.before(f, msg)
			}
			test.change(msg)
			before := f.export()
			require.False(t, f.keeper.ExpectsFree(f.ctx, msg), "only expected messages are free")
			err := f.prove(msg)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.Equal(t, before, f.export())
		})
	}
}

// The answer to one's own challenge shows nothing for another operator's, even on the
// same chunk: each is drawn for itself.
func TestProofsAreNotForOthers(t *testing.T) {
	f := challenged(t, 2)
	first := f.challengesOf(operator(0))[0]
	msg := proof(0, first, file)
	msg.Operator = operator(1).String()
	require.ErrorIs(t, f.prove(msg), types.ErrForeignSidecar)
}

func TestOtherMessagesAreNotFree(t *testing.T) {
	f := challenged(t, 1)
	for _, msg := range []sdk.Msg{&types.MsgSubmitSamples{}, &types.MsgRequestRescan{}, &types.MsgProveStorage{}} {
		require.False(t, f.keeper.ExpectsFree(f.ctx, msg))
	}
}
