package vault

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/stretchr/testify/require"
)

// echo answers with the question and who asked it.
var echo = Protocol{ID: "/test/echo/1", MaxQuestion: 100, MaxAnswer: 200, PerSecond: 1000, Burst: 100}

// pair are two vaults of which the first is connected to the second.
func pair(t *testing.T) (a, b *Vault) {
	t.Helper()
	swarm := NewSwarmKey()
	a, b = openOnline(t, swarm), openOnline(t, swarm)
	require.NoError(t, a.Connect(patience(t), b.PeerID(), b.Addrs()))
	return a, b
}

func TestQuestionsAndAnswers(t *testing.T) {
	a, b := pair(t)
	ctx := patience(t)
	b.Answer(echo, func(_ context.Context, from string, question []byte) ([]byte, error) {
		if len(question) == 0 {
			return nil, errors.New("nothing was asked")
		}
		return append([]byte(from+" "), bytes.Repeat(question, 2)...), nil
	})
	answer, err := a.Ask(ctx, b.PeerID(), echo, []byte("why?"))
	require.NoError(t, err)
	require.Equal(t, a.PeerID()+" why?why?", string(answer), "the peer is known by its connection")

	_, err = a.Ask(ctx, b.PeerID(), echo, nil)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "nothing was asked")
	_, err = a.Ask(ctx, b.PeerID(), echo, make([]byte, 101))
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "101 bytes, limit 100")
	_, err = a.Ask(ctx, b.PeerID(), echo, make([]byte, 100))
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "limit 200", "the server keeps to its own bound")

	_, err = a.Ask(ctx, b.PeerID(), Protocol{ID: "/test/unknown/1"}, nil)
	require.Error(t, err)
	_, err = a.Ask(ctx, "not a peer id", echo, nil)
	require.Error(t, err)
	stranger := openOnline(t, NewSwarmKey())
	_, err = a.Ask(ctx, stranger.PeerID(), echo, nil)
	require.Error(t, err, "there is no connection")
	require.Error(t, a.Connect(ctx, stranger.PeerID(), stranger.Addrs()), "of another swarm")
	_, err = openOffline(t).Ask(ctx, b.PeerID(), echo, nil)
	require.ErrorIs(t, err, errOffline)
}

func TestTooLongAnswerIsNotRead(t *testing.T) {
	a, b := pair(t)
	generous := echo
	generous.MaxAnswer = 10_000
	b.Answer(generous, func(context.Context, string, []byte) ([]byte, error) { return make([]byte, 10_000), nil })
	_, err := a.Ask(patience(t), b.PeerID(), echo, nil)
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestOnePeerIsSlowedDownAndOthersAreNot(t *testing.T) {
	a, b := pair(t)
	other := openOnline(t, b.cfg.SwarmKey, b)
	slow := Protocol{ID: "/test/slow/1", MaxQuestion: 10, MaxAnswer: 10, PerSecond: 1e-9, Burst: 2}
	b.Answer(slow, func(context.Context, string, []byte) ([]byte, error) { return nil, nil })
	for range 2 {
		_, err := a.Ask(patience(t), b.PeerID(), slow, nil)
		require.NoError(t, err)
	}
	_, err := a.Ask(patience(t), b.PeerID(), slow, nil)
	require.ErrorIs(t, err, ErrRefused)
	require.ErrorContains(t, err, "too often")
	require.NoError(t, other.Connect(patience(t), b.PeerID(), b.Addrs()))
	_, err = other.Ask(patience(t), b.PeerID(), slow, nil)
	require.NoError(t, err)
}

func TestWhoSaysNothingIsNotWaitedFor(t *testing.T) {
	a, b := pair(t)
	b.Answer(echo, func(ctx context.Context, _ string, _ []byte) ([]byte, error) {
		<-ctx.Done()
		return nil, context.Cause(ctx)
	})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := a.Ask(ctx, b.PeerID(), echo, nil)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestHave(t *testing.T) {
	a, b := pair(t)
	key := NewEpochKey().Recipient()
	var cids []cid.Cid
	for i := range 19 {
		holder := b
		if i%3 == 0 {
			holder = a
		}
		cids = append(cids, sealBytes(t, holder, fmt.Appendf(nil, "sample %d", i), key).CID)
	}
	has, err := a.Have(patience(t), b.PeerID(), cids)
	require.NoError(t, err)
	for i := range cids {
		require.Equal(t, i%3 != 0, has[i], i)
	}
	_, err = a.Have(patience(t), b.PeerID(), make([]cid.Cid, MaxHave+1))
	require.ErrorContains(t, err, "limit 1000")
	_, err = a.Have(patience(t), b.PeerID(), []cid.Cid{cid.Undef})
	require.Error(t, err)
	full := make([]cid.Cid, MaxHave)
	for i := range full {
		full[i] = cids[1]
	}
	has, err = a.Have(patience(t), b.PeerID(), full)
	require.NoError(t, err)
	require.True(t, has[MaxHave-1], "as many as may be asked for fit")
	b.network.host.RemoveStreamHandler(protocol.ID(haveProtocol.ID))
	b.Answer(haveProtocol, func(context.Context, string, []byte) ([]byte, error) { return make([]byte, 1), nil })
	_, err = a.Have(patience(t), b.PeerID(), cids)
	require.ErrorContains(t, err, "has 1 bytes, want 3")
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 7})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		body, err := readFrame(bytes.NewReader(data), 64)
		if err != nil {
			return
		}
		if len(body) > 64 || uint32(len(body)) != binary.BigEndian.Uint32(data) {
			t.Fatalf("%d bytes out of %x", len(body), data)
		}
	})
}

func FuzzDecodeCIDs(f *testing.F) {
	c, _ := dagPBBlocks(f)
	f.Add(encodeCIDs([]cid.Cid{c, c}))
	f.Add([]byte{255, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		cids, err := decodeCIDs(data)
		if err != nil {
			return
		}
		if len(cids) > MaxHave || !bytes.Equal(encodeCIDs(cids), data) {
			t.Fatalf("%d CIDs of %x", len(cids), data)
		}
	})
}
