package types

import "cosmossdk.io/errors"

// Errors of x/bounty. Codes are never reused.
var (
	ErrInvalidAddress  = errors.Register(ModuleName, 2, "invalid address")
	ErrInvalidParams   = errors.Register(ModuleName, 3, "invalid params")
	ErrInvalidGenesis  = errors.Register(ModuleName, 4, "invalid genesis")
	ErrInvalidAmount   = errors.Register(ModuleName, 5, "invalid amount")
	ErrNothingToClaim  = errors.Register(ModuleName, 6, "nothing to claim")
	ErrNotScored       = errors.Register(ModuleName, 7, "sample has no score")
	ErrNotFound        = errors.Register(ModuleName, 8, "not found")
	ErrForeignSidecar  = errors.Register(ModuleName, 9, "signer is not the operator's sidecar")
	ErrNotSeated       = errors.Register(ModuleName, 10, "operator has no seat")
	ErrInvalidSighting = errors.Register(ModuleName, 11, "invalid sighting")
	ErrInvalidBounty   = errors.Register(ModuleName, 12, "invalid bounty")
	ErrBountyExists    = errors.Register(ModuleName, 13, "bounty exists already")
	ErrBountyNotFound  = errors.Register(ModuleName, 14, "no such running bounty")
	ErrTooMany         = errors.Register(ModuleName, 15, "too many")
	ErrInvariant       = errors.Register(ModuleName, 16, "invariant broken")
)
