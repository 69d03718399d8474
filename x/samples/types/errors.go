package types

import errorsmod "cosmossdk.io/errors"

// Codes are part of the API and never reused.
var (
	ErrNotFound          = errorsmod.Register(ModuleName, 2, "sample not found")
	ErrInvalidParams     = errorsmod.Register(ModuleName, 3, "invalid parameters")
	ErrInvalidSubmission = errorsmod.Register(ModuleName, 4, "invalid submission")
	ErrInvalidCID        = errorsmod.Register(ModuleName, 5, "invalid CID")
	ErrInvalidHash       = errorsmod.Register(ModuleName, 6, "invalid hash")
	ErrInvalidReason     = errorsmod.Register(ModuleName, 7, "invalid reason")
	ErrCount             = errorsmod.Register(ModuleName, 8, "wrong number of items")
	ErrDuplicate         = errorsmod.Register(ModuleName, 9, "duplicate in one message")
	ErrCIDTaken          = errorsmod.Register(ModuleName, 10, "CID belongs to another sample")
	ErrNoVaultKey        = errorsmod.Register(ModuleName, 11, "epoch has no vault key")
	ErrStatus            = errorsmod.Register(ModuleName, 12, "not possible in the sample's status")
	ErrInvalidGenesis    = errorsmod.Register(ModuleName, 13, "invalid genesis")
	ErrInvariant         = errorsmod.Register(ModuleName, 14, "invariant broken")
	ErrForeignSidecar    = errorsmod.Register(ModuleName, 15, "signer is not the operator's sidecar")
	ErrNotChallenged     = errorsmod.Register(ModuleName, 16, "no such challenge")
	ErrProved            = errorsmod.Register(ModuleName, 17, "challenge is answered already")
	ErrInvalidProof      = errorsmod.Register(ModuleName, 18, "invalid storage proof")
	ErrDeadline          = errorsmod.Register(ModuleName, 19, "deadline of the challenge has passed")
)
