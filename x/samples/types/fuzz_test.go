package types_test

import (
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

// FuzzSubmission decodes anything as a submission and validates it: it must not panic,
// and what passes keeps every limit and survives a round trip.
func FuzzSubmission(f *testing.F) {
	bad := submission("bad")
	bad.SizeBytes, bad.Sealing.SizeBytes, bad.ClaimSalt = 1<<64-1, 1<<64-1, make([]byte, 31)
	for _, seed := range []types.Submission{{}, submission("good"), by(submission("credited"), account("contributor")), bad} {
		data, err := seed.Marshal()
		require.NoError(f, err)
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
	params := types.DefaultParams()
	f.Fuzz(func(t *testing.T, data []byte) {
		var s types.Submission
		if s.Unmarshal(data) != nil || s.Validate(params) != nil {
			return
		}
		require.Len(t, s.Sha256, 32)
		require.LessOrEqual(t, s.SizeBytes, params.MaxSizeBytes)
		require.Greater(t, s.Sealing.SizeBytes, s.SizeBytes)
		require.Less(t, s.Sealing.SizeBytes, s.SizeBytes+s.SizeBytes/4096+1<<17)
		require.LessOrEqual(t, len(s.Sealing.Cid), types.MaxCIDBytes)

		again, err := s.Marshal()
		require.NoError(t, err)
		var copied types.Submission
		require.NoError(t, copied.Unmarshal(again))
		require.NoError(t, copied.Validate(params))
	})
}

// FuzzCID: what is accepted as bytes is a CIDv1 in one spelling only, and reads back
// from its text.
func FuzzCID(f *testing.F) {
	good := submission("good").Sealing.Cid
	f.Add(good)
	f.Add(good[2:])                         // CIDv0
	f.Add(append(good, 0))                  // trailing byte
	f.Add(append([]byte{0x81, 0}, good...)) // version in a longer varint
	f.Add([]byte{1, 0x55, 0x12, 0xff})      // digest that is not there
	f.Fuzz(func(t *testing.T, data []byte) {
		if types.ValidateCID(data) != nil {
			return
		}
		require.Len(t, data, 36)
		id, err := cid.Cast(data)
		require.NoError(t, err)
		require.Equal(t, cid.NewCidV1(id.Type(), id.Hash()).Bytes(), data)
		parsed, err := types.ParseCID(id.String())
		require.NoError(t, err)
		require.Equal(t, data, parsed)
	})
}

// FuzzCIDText: text from queries.
func FuzzCIDText(f *testing.F) {
	id, err := cid.Cast(submission("good").Sealing.Cid)
	require.NoError(f, err)
	f.Add(id.String())
	f.Add("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG")
	f.Add("z")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		data, err := types.ParseCID(text)
		if err == nil {
			require.NoError(t, types.ValidateCID(data))
		}
	})
}
