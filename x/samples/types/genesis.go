package types

import (
	"bytes"

	errorsmod "cosmossdk.io/errors"
)

// DefaultGenesis is an empty register with the default parameters.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams()}
}

// Validate checks that everything in the state is well formed, unique and in the
// order in which it is exported.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	holders := make(map[string][]byte, len(gs.Samples))
	for i, entry := range gs.Samples {
		if err := ValidateSHA256(entry.Sha256); err != nil {
			return errorsmod.Wrapf(err, "samples[%d]", i)
		}
		if i > 0 && bytes.Compare(gs.Samples[i-1].Sha256, entry.Sha256) >= 0 {
			return ErrInvalidGenesis.Wrapf("samples[%d]: %x is not in ascending order", i, entry.Sha256)
		}
		if err := entry.Sample.Validate(); err != nil {
			return errorsmod.Wrapf(err, "samples[%d]", i)
		}
		if holder, taken := holders[string(entry.Sample.Sealing.Cid)]; taken {
			return ErrCIDTaken.Wrapf("samples[%d]: %x has it", i, holder)
		}
		holders[string(entry.Sample.Sealing.Cid)] = entry.Sha256
	}
	for i, claim := range gs.Claims {
		if len(claim.Hash) != sha256Bytes {
			return ErrInvalidHash.Wrapf("claims[%d].hash: %d bytes, want %d", i, len(claim.Hash), sha256Bytes)
		}
		if i > 0 && bytes.Compare(gs.Claims[i-1].Hash, claim.Hash) >= 0 {
			return ErrInvalidGenesis.Wrapf("claims[%d]: %x is not in ascending order", i, claim.Hash)
		}
		if claim.Height < 0 {
			return ErrInvalidGenesis.Wrapf("claims[%d].height: %d is negative", i, claim.Height)
		}
	}
	return nil
}
