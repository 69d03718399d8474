package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// ParseAddress reads an account address; field names it in the error.
func ParseAddress(field, address string) (sdk.AccAddress, error) {
	parsed, err := sdk.AccAddressFromBech32(address)
	if err != nil {
		return nil, ErrInvalidAddress.Wrapf("%s %q: %s", field, address, err)
	}
	return parsed, nil
}
