package light

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestLyingServersAreCaught(t *testing.T) {
	w := newWorld(t)
	for name, lie := range lies(t, w) {
		t.Run(name, func(t *testing.T) {
			lying, honest := w.serve(t, lie.tamper), w.serve(t, nil)
			result, err := w.newVerifier(t, lying).Verify(t.Context(), w.report(t))
			require.NoError(t, err)
			require.Equal(t, lie.claims, failed(result), "%+v", result.Claims)
			// One honest server is enough.
			result, err = w.newVerifier(t, lying, honest).Verify(t.Context(), w.report(t))
			require.NoError(t, err)
			require.Empty(t, failed(result), "%+v", result.Claims)
		})
	}
}

// Every byte of the proof of the outcome counts.
func TestEveryProofByteCounts(t *testing.T) {
	w := newWorld(t)
	key, err := verdictstypes.RoundStoreKey(worldRound)
	require.NoError(t, err)
	verifier := w.newVerifier(t)
	block, _, err := verifier.header(t.Context(), worldHeight)
	require.NoError(t, err)
	proof, err := state{verifier.servers, block.Height - 1, block.AppHash}.prove(t.Context(), "verdicts", key)
	require.NoError(t, err)
	for op := range proof.Ops.Ops {
		data := proof.Ops.Ops[op].Data
		for i := range data {
			data[i] ^= 0xff
			require.Error(t, proof.verify(block.AppHash), "byte %d of op %d", i, op)
			data[i] ^= 0xff
		}
	}
	for i := range proof.Value {
		proof.Value[i] ^= 0xff
		require.Error(t, proof.verify(block.AppHash), "byte %d of the value", i)
		proof.Value[i] ^= 0xff
	}
	require.NoError(t, proof.verify(block.AppHash))
	require.Error(t, proof.verify(digest("another app hash")))
}

func TestChainOfOtherValidatorsIsCaught(t *testing.T) {
	w, forged := newWorld(t), newWorld(t)
	verifier, err := New(w.config(forged.serve(t, nil)))
	require.NoError(t, err)
	defer verifier.Close()
	result, err := verifier.Verify(t.Context(), forged.report(t))
	require.NoError(t, err)
	require.Equal(t, []string{"header"}, failed(result))
	require.False(t, result.OK())
}

// A fork after the trusted block needs a third of the validators' signatures; a
// forger has none of them, and the real chain is still found at the witnesses.
func TestForkIsCaught(t *testing.T) {
	w := newWorld(t)
	honest := w.serve(t, nil)
	fork := newLedger(t, w.chainID, w.answer)
	fork.blocks = slices.Clone(w.blocks[:1])
	for height := 2; height <= 10; height++ {
		fork.sign(digest("forged state"), w.blocks[height-1].Time)
	}
	forged := fork.serve(t, nil)
	verifier := w.newVerifier(t, forged)
	result, err := verifier.Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Equal(t, []string{"header"}, failed(result))
	result, err = w.newVerifier(t, forged, honest, w.serve(t, nil)).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Empty(t, failed(result), "%+v", result.Claims)
}

// A server that claims to be behind the trusted block could show any block for an older
// one, signed by nobody, and the real one when the light client goes backwards to it.
func TestServerBehindTheTrustedBlockIsRefused(t *testing.T) {
	w, forged := newWorld(t), newWorld(t)
	honest, lying := w.handler(nil), forged.handler(nil)
	commits := 0
	server := httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		raw, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		body := string(raw)
		request.Body = io.NopCloser(strings.NewReader(body))
		isTarget := strings.Contains(body, `"height":"9"`)
		if isTarget && strings.Contains(body, `"commit"`) {
			commits++
		}
		if strings.Contains(body, `"abci_query"`) || isTarget && commits == 1 {
			lying.ServeHTTP(response, request)
			return
		}
		honest.ServeHTTP(response, request)
	}))
	t.Cleanup(server.Close)
	config := w.config(server.URL)
	config.Trust.Height, config.Trust.Hash = w.tip(), w.blocks[w.tip()-1].Hash()
	report := forged.report(t)
	// Not to wait for blocks that never come.
	ctx, cancel := context.WithTimeout(t.Context(), 3*pollInterval)
	defer cancel()
	verifier, err := New(config)
	require.NoError(t, err)
	defer verifier.Close()
	result, err := verifier.Verify(ctx, report)
	require.False(t, err == nil && result.OK(), "%+v", result.Claims)
	require.Zero(t, commits)
}

func TestOldStateIsCaught(t *testing.T) {
	w := newWorld(t)
	config := w.config(w.serve(t, nil))
	config.MaxAge = time.Second
	verifier, err := New(config)
	require.NoError(t, err)
	defer verifier.Close()
	result, err := verifier.Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Equal(t, []string{"fresh"}, failed(result))
}

func TestExpiredTrustIsAnError(t *testing.T) {
	w := newWorld(t)
	config := w.config(w.serve(t, nil))
	config.Trust.Period = time.Second
	verifier, err := New(config)
	require.NoError(t, err)
	defer verifier.Close()
	_, err = verifier.Verify(t.Context(), w.report(t))
	require.ErrorContains(t, err, "expired")
}

func TestUnreachableServersAreAnError(t *testing.T) {
	w := newWorld(t)
	_, err := w.newVerifier(t, "http://127.0.0.1:1").Verify(t.Context(), w.report(t))
	require.ErrorContains(t, err, "no RPC server answers")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.newVerifier(t).Verify(ctx, w.report(t))
	require.Error(t, err)
}

func TestUnreachableServerIsSkipped(t *testing.T) {
	w := newWorld(t)
	result, err := w.newVerifier(t, "http://127.0.0.1:1", w.serve(t, nil)).Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Empty(t, failed(result), "%+v", result.Claims)
}

// The next run goes on from the stored headers, even when the trusted block itself
// can no longer be had.
func TestHeadersAreKept(t *testing.T) {
	w := newWorld(t)
	config := w.config(w.serve(t, nil))
	config.Home = t.TempDir()
	first, err := New(config)
	require.NoError(t, err)
	result, err := first.Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.True(t, result.OK())

	// Another process meanwhile works without the store.
	second, err := New(config)
	require.NoError(t, err)
	result, err = second.Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.True(t, result.OK())
	require.NoError(t, second.Close())
	require.NoError(t, first.Close())

	w.mu.Lock()
	w.blocks[0] = w.blocks[1]
	w.mu.Unlock()
	w.next(2)
	third, err := New(config)
	require.NoError(t, err)
	defer third.Close()
	result, err = third.Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.True(t, result.OK(), "%+v", result.Claims)

	// Another trusted block does not use them.
	config.Trust.Hash = digest("another block")
	fourth, err := New(config)
	require.NoError(t, err)
	defer fourth.Close()
	result, err = fourth.Verify(t.Context(), w.report(t))
	require.NoError(t, err)
	require.Equal(t, []string{"header"}, failed(result))
}
