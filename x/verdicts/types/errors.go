package types

import "cosmossdk.io/errors"

// Errors of x/verdicts. Codes are never reused.
var (
	ErrInvalidAddress     = errors.Register(ModuleName, 2, "invalid address")
	ErrInvalidEngine      = errors.Register(ModuleName, 3, "invalid engine")
	ErrEngineExists       = errors.Register(ModuleName, 4, "engine is registered already")
	ErrEngineNotFound     = errors.Register(ModuleName, 5, "engine is not registered")
	ErrTooManyEngines     = errors.Register(ModuleName, 6, "too many engines")
	ErrForeignSidecar     = errors.Register(ModuleName, 7, "signer is not the operator's sidecar")
	ErrNotSeated          = errors.Register(ModuleName, 8, "operator has no seat in the round's epoch")
	ErrRoundNotFound      = errors.Register(ModuleName, 9, "round not found")
	ErrWrongPhase         = errors.Register(ModuleName, 10, "round is in another phase")
	ErrCommitted          = errors.Register(ModuleName, 11, "operator has committed already")
	ErrNotCommitted       = errors.Register(ModuleName, 12, "operator has not committed")
	ErrRevealed           = errors.Register(ModuleName, 13, "operator has revealed already")
	ErrCommitmentMismatch = errors.Register(ModuleName, 14, "attestation does not match the commitment")
	ErrInvalidCommitment  = errors.Register(ModuleName, 15, "invalid commitment")
	ErrInvalidAttestation = errors.Register(ModuleName, 16, "invalid attestation")
	ErrInvalidColumn      = errors.Register(ModuleName, 17, "invalid column")
	ErrInvalidParams      = errors.Register(ModuleName, 18, "invalid params")
	ErrInvalidGenesis     = errors.Register(ModuleName, 19, "invalid genesis")
	ErrInvalidAppeal      = errors.Register(ModuleName, 20, "invalid appeal")
	ErrAppealExists       = errors.Register(ModuleName, 21, "sample is under appeal already")
	ErrAppealNotFound     = errors.Register(ModuleName, 22, "no running appeal")
	ErrAppealNotOpen      = errors.Register(ModuleName, 23, "appeal cannot be escalated now")
	ErrNotContestable     = errors.Register(ModuleName, 24, "outcome cannot be appealed against")
	ErrInvalidBond        = errors.Register(ModuleName, 25, "invalid bond")
	ErrInvariant          = errors.Register(ModuleName, 26, "invariant broken")
	ErrStageSkipped       = errors.Register(ModuleName, 27, "stage is skipped")
)
