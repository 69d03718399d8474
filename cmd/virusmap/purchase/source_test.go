package purchase_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	"github.com/virusmap/virusmap/supernode/vault"
)

// large is a sample whose ciphertext has several blocks and a last one that is short.
func large(t *testing.T, s *shop) *purchasetest.Sample {
	t.Helper()
	plain := make([]byte, 3<<20+777)
	_, _ = rand.NewChaCha8([32]byte{}).Read(plain)
	return s.market.Add(t, plain)
}

// A connection that breaks is gone on with, and so is what another source began; a source
// that sends rubbish does no more than make the next one begin anew.
func TestFetchingGoesOn(t *testing.T) {
	s := newShop(t)
	sample := large(t, s)
	var ranges []string
	breaking := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := 0
		if text := r.Header.Get("Range"); text != "" {
			_, err := fmt.Sscanf(text, "bytes=%d-", &from)
			require.NoError(t, err)
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(sample.Ciphertext)-1, len(sample.Ciphertext)))
		}
		ranges = append(ranges, r.Header.Get("Range"))
		w.Header().Set("Content-Length", fmt.Sprint(len(sample.Ciphertext)-from))
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(sample.Ciphertext[from:min(from+2<<20, len(sample.Ciphertext))])
	}))
	t.Cleanup(breaking.Close)
	s.adjust = func(b *purchase.Buyer) { b.Sources = []purchase.Source{gateway(t, breaking.URL)} }
	require.NoError(t, s.buy(sample.SHA256))
	s.requireSold(sample)
	require.Equal(t, []string{"", "bytes=2097152-"}, ranges)
}

func TestTheNextSourceIsTried(t *testing.T) {
	s := newShop(t)
	sample := large(t, s)
	rubbish := func(size int) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte{1}, size))
		}))
		t.Cleanup(server.Close)
		return server
	}
	elsewhere := httptest.NewServer(http.RedirectHandler("http://192.0.2.1/", http.StatusFound))
	t.Cleanup(elsewhere.Close)
	s.adjust = func(b *purchase.Buyer) {
		b.Sources = nil
		for _, server := range []*httptest.Server{elsewhere, rubbish(100), rubbish(len(sample.Ciphertext)), rubbish(len(sample.Ciphertext) + 1), s.server} {
			b.Sources = append(b.Sources, gateway(t, server.URL+"/"))
		}
	}
	require.NoError(t, s.buy(sample.SHA256))
	s.requireSold(sample)

	// What a source began with rubbish is completed by the next, found wrong, and begun anew.
	other := s.market.Add(t, []byte("other"))
	s.adjust = func(b *purchase.Buyer) {
		b.Sources = []purchase.Source{gateway(t, rubbish(100).URL), gateway(t, s.server.URL)}
	}
	require.NoError(t, s.buy(other.SHA256))
	require.Equal(t, purchase.Bought, s.result().Status)
}

func TestFetchingFromTheSwarm(t *testing.T) {
	s := newShop(t)
	swarm := vault.NewSwarmKey()
	supernode, err := vault.Open(t.Context(), vault.Config{Dir: t.TempDir(), SwarmKey: swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, supernode.Close()) })
	sample := large(t, s)
	c, err := supernode.AddPublic(t.Context(), sample.Ciphertext)
	require.NoError(t, err)
	require.Equal(t, sample.Sealing.Cid, c.Bytes())
	require.NoError(t, s.run(func(ctx context.Context, b *purchase.Buyer) error {
		source, err := purchase.OpenSwarm(ctx, b.Journal, swarm, supernode.Addrs())
		if err != nil {
			return err
		}
		b.Sources = []purchase.Source{source}
		return errors.Join(b.Buy(ctx, []string{sample.SHA256}), source.Close())
	}))
	s.requireSold(sample)
}
