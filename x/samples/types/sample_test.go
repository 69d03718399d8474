package types_test

import (
	"bytes"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

// What age really writes must be plausible, at every edge of its chunks, and one byte
// less than it writes after its header must not be.
func TestCiphertextSizesOfAge(t *testing.T) {
	identity, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, 1 << 20} {
		var file bytes.Buffer
		writer, err := age.Encrypt(&file, identity.Recipient())
		require.NoError(t, err)
		_, err = writer.Write(make([]byte, size))
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		header, err := age.ExtractHeader(bytes.NewReader(file.Bytes()))
		require.NoError(t, err)

		s := submission("sized")
		s.SizeBytes, s.Sealing.SizeBytes = uint64(size), uint64(file.Len())
		require.NoError(t, s.Validate(types.DefaultParams()), "plaintext of %d bytes", size)
		s.Sealing.SizeBytes = uint64(file.Len() - len(header))
		require.ErrorContains(t, s.Validate(types.DefaultParams()), "sealing: size_bytes", "plaintext of %d bytes", size)
	}
}

func TestReplaceContributorKeepsThePayer(t *testing.T) {
	for name, test := range map[string]struct {
		contributor, gateway, next string
		wantGateway                string
	}{
		"contributor paid": {"a", "", "b", "a"},
		"gateway paid":     {"a", "g", "b", "g"},
		"payer is next":    {"a", "g", "g", ""},
	} {
		t.Run(name, func(t *testing.T) {
			sample := types.Sample{Contributor: test.contributor, Gateway: test.gateway}
			payer := sample.Payer()
			sample.ReplaceContributor(test.next)
			require.Equal(t, test.next, sample.Contributor)
			require.Equal(t, test.wantGateway, sample.Gateway)
			require.Equal(t, payer, sample.Payer())
		})
	}
}

func TestDescribes(t *testing.T) {
	s := submission("content")
	sample := types.Sample{Kind: s.Kind, SizeBytes: s.SizeBytes, Sealing: s.Sealing}
	require.True(t, s.Describes(sample))
	for name, change := range map[string]func(*types.Submission){
		"kind":           func(s *types.Submission) { s.Kind = types.KIND_URL },
		"size":           func(s *types.Submission) { s.SizeBytes++ },
		"ciphertext":     func(s *types.Submission) { s.Sealing.Cid = submission("other").Sealing.Cid },
		"its size":       func(s *types.Submission) { s.Sealing.SizeBytes++ },
		"key commitment": func(s *types.Submission) { s.Sealing.KeyCommitment = nil },
		"storage root":   func(s *types.Submission) { s.Sealing.StorageRoot = nil },
		"vault epoch":    func(s *types.Submission) { s.Sealing.VaultEpoch++ },
	} {
		t.Run(name, func(t *testing.T) {
			other := submission("content")
			change(&other)
			require.False(t, other.Describes(sample))
		})
	}
}
