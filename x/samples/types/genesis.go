package types

import (
	"bytes"
	"encoding/binary"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
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
	if err := gs.validateChallenges(); err != nil {
		return err
	}
	return gs.validateDraws()
}

// validateChallenges: in the order of the store, by length and bytes of the operator,
// epoch and index.
func (gs GenesisState) validateChallenges() error {
	var last []byte
	for i, challenge := range gs.Challenges {
		operator, err := challenge.validate()
		if err != nil {
			return errorsmod.Wrapf(err, "challenges[%d]", i)
		}
		key := append([]byte{byte(len(operator))}, operator...)
		key = binary.BigEndian.AppendUint64(key, challenge.Epoch)
		key = binary.BigEndian.AppendUint32(key, challenge.Index)
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return ErrInvalidGenesis.Wrapf("challenges[%d]: (%s, %d, %d) is not in ascending order",
				i, challenge.Operator, challenge.Epoch, challenge.Index)
		}
		last = key
	}
	return nil
}

// validateDraws: in ascending order of epoch and operator.
func (gs GenesisState) validateDraws() error {
	var last []byte
	for i, draw := range gs.Draws {
		operator, err := parseCanonical("operator", draw.Operator)
		if err != nil {
			return errorsmod.Wrapf(err, "draws[%d]", i)
		}
		key := append(binary.BigEndian.AppendUint64(nil, draw.Epoch), operator...)
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return ErrInvalidGenesis.Wrapf("draws[%d]: (%d, %s) is not in ascending order", i, draw.Epoch, draw.Operator)
		}
		last = key
	}
	return nil
}

// validate checks a challenge and gives its operator.
func (c Challenge) validate() (sdk.AccAddress, error) {
	operator, err := parseCanonical("operator", c.Operator)
	if err != nil {
		return nil, err
	}
	if err := ValidateSHA256(c.Sha256); err != nil {
		return nil, err
	}
	switch {
	case c.Index >= maxChallenges:
		return nil, ErrInvalidGenesis.Wrapf("index: %d, at most %d", c.Index, maxChallenges-1)
	case c.Chunk >= Chunks(maxSealedBytes):
		return nil, ErrInvalidGenesis.Wrapf("chunk: %d, at most %d", c.Chunk, Chunks(maxSealedBytes)-1)
	case c.DeadlineHeight <= 0:
		return nil, ErrInvalidGenesis.Wrapf("deadline_height: %d is not positive", c.DeadlineHeight)
	}
	return operator, nil
}

// parseCanonical reads an address that must be written as it is exported.
func parseCanonical(field, text string) (sdk.AccAddress, error) {
	addr, err := ParseAddress(field, text)
	if err == nil && addr.String() != text {
		err = ErrInvalidGenesis.Wrapf("%s: %q is not written as %s", field, text, addr)
	}
	return addr, err
}
