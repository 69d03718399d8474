package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// preimage is everything a commitment covers.
type preimage struct {
	chainID     string
	round       uint64
	operator    sdk.AccAddress
	salt        []byte
	attestation types.Attestation
}

func newPreimage() preimage {
	return preimage{"virusmap-1", 7, sdk.AccAddress("operator____________"), make([]byte, types.SaltSize), example()}
}

func (p preimage) hash(t *testing.T) string {
	t.Helper()
	hash, err := types.CommitmentHash(p.chainID, p.round, p.operator, p.salt, p.attestation)
	require.NoError(t, err)
	require.Len(t, hash, 32)
	return string(hash)
}

func TestCommitmentCoversEveryField(t *testing.T) {
	original := newPreimage().hash(t)
	require.Equal(t, original, newPreimage().hash(t))

	for name, change := range map[string]func(*preimage){
		"chain id":         func(p *preimage) { p.chainID = "virusmap-2" },
		"round":            func(p *preimage) { p.round++ },
		"operator":         func(p *preimage) { p.operator = sdk.AccAddress("operator___________2") },
		"salt":             func(p *preimage) { p.salt[31] ^= 1 },
		"engine":           func(p *preimage) { p.attestation.Vectors[0].Engine = "ClamAW" },
		"engine version":   func(p *preimage) { p.attestation.Vectors[0].Version = "1.4.7" },
		"signature digest": func(p *preimage) { p.attestation.Vectors[0].SignatureDigest[0] ^= 1 },
		"signature date":   func(p *preimage) { p.attestation.Vectors[0].SignatureTime++ },
		"category":         func(p *preimage) { p.attestation.Vectors[0].Column = types.PackColumn([]byte{0x28, 0x3f, 0x28}) },
		"confidence":       func(p *preimage) { p.attestation.Vectors[0].Column = types.PackColumn([]byte{0x28, 0x4e, 0x28}) },
		"label":            func(p *preimage) { p.attestation.Vectors[0].Labels[0] = "Win.Test.EICAR_HDB-2" },
		"labelled sample":  func(p *preimage) { p.attestation.Vectors[0].Labelled[0] = 2 },
		"label reference":  func(p *preimage) { p.attestation.Vectors[1].LabelRefs = []uint32{1, 0} },
		"dropped engine":   func(p *preimage) { p.attestation.Vectors = p.attestation.Vectors[:1] },
		"file type":        func(p *preimage) { p.attestation.Features.FileTypes[0] = "peexe" },
		"file type column": func(p *preimage) { p.attestation.Features.TypeColumn = types.PackColumn([]byte{1, 1, 0}) },
		"similarity key":   func(p *preimage) { p.attestation.Features.KeySample(0, types.SimilarityKeys{}) },
	} {
		t.Run(name, func(t *testing.T) {
			changed := newPreimage()
			change(&changed)
			require.NotEqual(t, original, changed.hash(t))
		})
	}
}

func TestCommitmentWantsFullSalt(t *testing.T) {
	_, err := types.CommitmentHash("virusmap-1", 1, sdk.AccAddress("operator"), make([]byte, 31), example())
	require.ErrorIs(t, err, types.ErrInvalidCommitment)
}
