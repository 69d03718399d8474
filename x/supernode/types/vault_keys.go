package types

import (
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// MaxSealedKeyBytes bounds one sealed key.
	MaxSealedKeyBytes = 4096
	// MaxSealedKeys bounds the sealed keys of one message.
	MaxSealedKeys = 100
)

// Validate returns the operator of a well-formed sealed key, or ErrInvalidAddress
// or ErrInvalidSealedKeys naming the field below the given one.
func (k SealedKey) Validate(field string) (sdk.AccAddress, error) {
	operator, err := ParseAddress(field+".operator", k.Operator)
	if err != nil {
		return nil, err
	}
	if k.Epoch == 0 {
		return nil, ErrInvalidSealedKeys.Wrapf("%s.epoch is 0, epochs count from 1", field)
	}
	if size := len(k.Sealed); size < 1 || size > MaxSealedKeyBytes {
		return nil, ErrInvalidSealedKeys.Wrapf("%s.sealed has %d bytes, want 1 to %d", field, size, MaxSealedKeyBytes)
	}
	return operator, nil
}

// ParseSealedKeys returns the operators of 1..MaxSealedKeys well-formed sealed
// keys in the order given, as messages carry them, or the errors of SealedKey.Validate.
func ParseSealedKeys(keys []SealedKey) ([]sdk.AccAddress, error) {
	if count := len(keys); count < 1 || count > MaxSealedKeys {
		return nil, ErrInvalidSealedKeys.Wrapf("sealed: got %d, want 1 to %d", count, MaxSealedKeys)
	}
	operators := make([]sdk.AccAddress, len(keys))
	for i, key := range keys {
		operator, err := key.Validate(fmt.Sprintf("sealed[%d]", i))
		if err != nil {
			return nil, err
		}
		if len(key.RecipientHash) > 0 || key.Reported {
			return nil, ErrInvalidSealedKeys.Wrapf("sealed[%d]: recipient_hash and reported are set by the chain", i)
		}
		if err := checkSealed(fmt.Sprintf("sealed[%d].sealed", i), key.Sealed); err != nil {
			return nil, err
		}
		operators[i] = operator
	}
	return operators, nil
}
