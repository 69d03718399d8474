package types

import "cosmossdk.io/errors"

var (
	// ErrInvalidAddress: a field does not hold an account address of this chain.
	ErrInvalidAddress = errors.Register(ModuleName, 2, "invalid address")
	// ErrInvalidParams: a parameter is out of its range.
	ErrInvalidParams = errors.Register(ModuleName, 3, "invalid parameters")
	// ErrInvalidProfile: a profile field is malformed or too long.
	ErrInvalidProfile = errors.Register(ModuleName, 4, "invalid profile")
	// ErrInvalidBond: a bond has the wrong denom or amount.
	ErrInvalidBond = errors.Register(ModuleName, 5, "invalid bond")
	// ErrInvalidRecipient: a string is not a post-quantum age recipient.
	ErrInvalidRecipient = errors.Register(ModuleName, 6, "invalid recipient")
	// ErrInvalidSealedKeys: a list of sealed keys has the wrong shape or does not cover whom it must.
	ErrInvalidSealedKeys = errors.Register(ModuleName, 7, "invalid sealed keys")
	// ErrNotFound: there is no such record.
	ErrNotFound = errors.Register(ModuleName, 8, "not found")
	// ErrAlreadyRegistered: the operator has a registration, perhaps one that waits for its bond.
	ErrAlreadyRegistered = errors.Register(ModuleName, 9, "already registered")
	// ErrSidecarTaken: another operator uses the sidecar.
	ErrSidecarTaken = errors.Register(ModuleName, 10, "sidecar taken")
	// ErrRetired: the supernode has retired.
	ErrRetired = errors.Register(ModuleName, 11, "retired")
	// ErrNotSidecar: the signer is not the sidecar of the operator.
	ErrNotSidecar = errors.Register(ModuleName, 12, "not the sidecar of the operator")
	// ErrNotSeated: the operator has no seat in the epoch.
	ErrNotSeated = errors.Register(ModuleName, 13, "not seated")
	// ErrWrongEpoch: the epoch is not the one that is needed.
	ErrWrongEpoch = errors.Register(ModuleName, 14, "wrong epoch")
	// ErrVaultKeyExists: the epoch has its vault key.
	ErrVaultKeyExists = errors.Register(ModuleName, 15, "vault key exists")
	// ErrTooEarly: a smaller rank still has the sole right to publish.
	ErrTooEarly = errors.Register(ModuleName, 16, "too early")
	// ErrInvalidGenesis: the genesis state contradicts itself.
	ErrInvalidGenesis = errors.Register(ModuleName, 17, "invalid genesis state")
	// ErrInvariant: the state contradicts itself.
	ErrInvariant = errors.Register(ModuleName, 18, "invariant broken")
	// ErrInvalidAmount: an amount has the wrong denom or size.
	ErrInvalidAmount = errors.Register(ModuleName, 19, "invalid amount")
	// ErrInvalidCommission: a commission is out of range or changes too fast.
	ErrInvalidCommission = errors.Register(ModuleName, 20, "invalid commission")
	// ErrNoDelegation: the delegator has no such delegation, or not as much.
	ErrNoDelegation = errors.Register(ModuleName, 21, "not delegated")
	// ErrTooManyUnbondings: too many unbondings of the delegation are on their way.
	ErrTooManyUnbondings = errors.Register(ModuleName, 22, "too many unbondings")
	// ErrPoolEmptied: slashing took everything; the pool takes tokens when all shares have left.
	ErrPoolEmptied = errors.Register(ModuleName, 23, "pool was emptied by slashing")
	// ErrNothingToWithdraw: there are no rewards.
	ErrNothingToWithdraw = errors.Register(ModuleName, 24, "nothing to withdraw")
	// ErrJailed: the supernode is in jail.
	ErrJailed = errors.Register(ModuleName, 25, "jailed")
	// ErrNotJailed: the supernode is not in jail.
	ErrNotJailed = errors.Register(ModuleName, 26, "not jailed")
	// ErrInvalidReport: a report of a vault key is malformed, or its proof proves nothing.
	ErrInvalidReport = errors.Register(ModuleName, 27, "invalid report")
	// ErrAlreadyReported: the holder, or the maker's fault, is known already.
	ErrAlreadyReported = errors.Register(ModuleName, 28, "already reported")
)
