package types_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// Clients in other languages compute the hash too: this vector is what they test with.
// It is sha256sum of "virusmap/claim/v1", 32 bytes 0x11, 20 bytes 0x22, 32 bytes 0x33.
func TestClaimHashVector(t *testing.T) {
	hash := types.ClaimHash(bytes.Repeat([]byte{0x11}, 32), bytes.Repeat([]byte{0x22}, 20), bytes.Repeat([]byte{0x33}, 32))
	require.Equal(t, "3ded439b099098661ab4f28078c8bb336a18777628819da148074638be2ac74d", hex.EncodeToString(hash))
}

func TestClaimHashBindsEveryPart(t *testing.T) {
	content, contributor, salt := make([]byte, 32), sdk.AccAddress(make([]byte, 20)), make([]byte, 32)
	base := types.ClaimHash(content, contributor, salt)
	require.Len(t, base, 32)
	flipped := func(b []byte) []byte { return append([]byte{1}, b[1:]...) }
	require.NotEqual(t, base, types.ClaimHash(flipped(content), contributor, salt))
	require.NotEqual(t, base, types.ClaimHash(content, flipped(contributor), salt))
	require.NotEqual(t, base, types.ClaimHash(content, contributor, flipped(salt)))
	require.NotEqual(t, base, types.ClaimHash(content, make([]byte, 32), salt), "an account of another kind")
}
