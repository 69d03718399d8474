package keeper_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

// Light clients prove records by their raw keys, and there are very many of them: both
// the key and the size are promises.
func TestRecordInTheStore(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.claim(contributor, claimOn("content", contributor)))
	f.ctx = f.ctx.WithBlockHeight(500)
	s := opening(by(submission("content"), contributor), salt)
	s.SizeBytes, s.Sealing.SizeBytes = 500<<20, 500<<20+8000*16+2300
	f.mustSubmit(gateway, s)
	f.begin(1<<30, s.Sha256)
	f.ctx = f.ctx.WithBlockHeight(2_000_000_000)

	value := f.ctx.KVStore(f.key).Get(append([]byte{1}, s.Sha256...))
	require.NotNil(t, value, "the key is the prefix 1 and the raw hash")
	var sample types.Sample
	require.NoError(t, sample.Unmarshal(value))
	require.Equal(t, f.sample(s.Sha256), sample)
	t.Logf("a record submitted through a gateway has %d bytes", len(value))
	require.Less(t, len(value), 300)
}
