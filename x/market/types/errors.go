package types

import "cosmossdk.io/errors"

// Errors of x/market. Codes are never reused.
var (
	ErrInvalidAddress      = errors.Register(ModuleName, 2, "invalid address")
	ErrInvalidParams       = errors.Register(ModuleName, 3, "invalid params")
	ErrInvalidGenesis      = errors.Register(ModuleName, 4, "invalid genesis")
	ErrInvalidAmount       = errors.Register(ModuleName, 5, "invalid amount")
	ErrNotFound            = errors.Register(ModuleName, 6, "not found")
	ErrInvalidOrder        = errors.Register(ModuleName, 7, "invalid order")
	ErrInvalidKey          = errors.Register(ModuleName, 8, "invalid key")
	ErrNotForSale          = errors.Register(ModuleName, 9, "not for sale")
	ErrPriceAboveMax       = errors.Register(ModuleName, 10, "price is above the maximum")
	ErrNoDeliverer         = errors.Register(ModuleName, 11, "no supernode can deliver")
	ErrForeignSidecar      = errors.Register(ModuleName, 12, "signer is not the operator's sidecar")
	ErrSuspended           = errors.Register(ModuleName, 13, "operator may not deliver in this epoch")
	ErrForeignOrder        = errors.Register(ModuleName, 14, "order is another buyer's")
	ErrOrderStatus         = errors.Register(ModuleName, 15, "order is in another status")
	ErrInvalidSubscription = errors.Register(ModuleName, 16, "invalid subscription")
	ErrInvalidBundle       = errors.Register(ModuleName, 17, "invalid bundle")
	ErrInvalidTranche      = errors.Register(ModuleName, 18, "invalid tranche")
	ErrTrancheClosed       = errors.Register(ModuleName, 19, "tranche is not open")
	ErrSoldOut             = errors.Register(ModuleName, 20, "tranche has not enough left")
	ErrAccountCap          = errors.Register(ModuleName, 21, "account may not buy more of the tranche")
	ErrNothingToClaim      = errors.Register(ModuleName, 22, "nothing to claim")
	ErrInvalidStatement    = errors.Register(ModuleName, 23, "invalid statement")
	ErrInvariant           = errors.Register(ModuleName, 24, "invariant broken")
)
