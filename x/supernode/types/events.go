package types

import (
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// NewEventRegistered tells of a new supernode and its self-bond.
func NewEventRegistered(supernode Supernode, selfBond sdk.Coin) *EventRegistered {
	return &EventRegistered{
		Operator: supernode.Operator,
		Sidecar:  supernode.Profile.Sidecar,
		SelfBond: selfBond.String(),
	}
}

// NewEventEdited tells of a new profile.
func NewEventEdited(supernode Supernode) *EventEdited {
	return &EventEdited{Operator: supernode.Operator, Sidecar: supernode.Profile.Sidecar}
}

// NewEventBonded tells the whole self-bond after an addition.
func NewEventBonded(supernode Supernode, selfBond sdk.Coin) *EventBonded {
	return &EventBonded{Operator: supernode.Operator, SelfBond: selfBond.String()}
}

// NewEventRetired tells when the bond of a retired supernode is due.
func NewEventRetired(supernode Supernode) *EventRetired {
	return &EventRetired{Operator: supernode.Operator, ReleaseTime: supernode.ReleaseTime}
}

// NewEventReleased tells that a bond was paid out and the registration removed.
func NewEventReleased(supernode Supernode, amount sdk.Coin) *EventReleased {
	return &EventReleased{Operator: supernode.Operator, Amount: amount.String()}
}

// NewEventSeated tells that the set of an epoch is seated.
func NewEventSeated(epoch Epoch) *EventSeated {
	return &EventSeated{Epoch: epoch.Number, Seats: epoch.Seats}
}

// NewEventVaultKeyPublished tells the vault key of an epoch.
func NewEventVaultKeyPublished(key VaultKey) *EventVaultKeyPublished {
	return &EventVaultKeyPublished{Epoch: key.Epoch, Maker: key.Maker, Recipient: key.Recipient}
}

// NewEventVaultKeySealed tells that a supernode can now open a vault key.
func NewEventVaultKeySealed(key SealedKey) *EventVaultKeySealed {
	return &EventVaultKeySealed{Epoch: key.Epoch, Operator: key.Operator}
}

// NewEventDelegated tells that an amount entered a pool, and for how many shares.
func NewEventDelegated(delegation Delegation, amount sdk.Coin, shares math.Int) *EventDelegated {
	return &EventDelegated{
		Delegator: delegation.Delegator,
		Operator:  delegation.Operator,
		Amount:    amount.String(),
		Shares:    shares.String(),
	}
}

// NewEventUndelegated tells that an amount is on its way out of a pool.
func NewEventUndelegated(unbonding Unbonding, amount sdk.Coin) *EventUndelegated {
	return &EventUndelegated{
		Delegator:   unbonding.Delegator,
		Operator:    unbonding.Operator,
		Destination: unbonding.Destination,
		Amount:      amount.String(),
		ReleaseTime: unbonding.ReleaseTime,
	}
}

// NewEventUnbonded tells what has left a pool, and for which other one.
func NewEventUnbonded(unbonding Unbonding, amount sdk.Coin) *EventUnbonded {
	return &EventUnbonded{
		Delegator:   unbonding.Delegator,
		Operator:    unbonding.Operator,
		Destination: unbonding.Destination,
		Amount:      amount.String(),
	}
}

// NewEventRewardsAllocated tells how a reward was divided.
func NewEventRewardsAllocated(pool Pool, toOperator, toDelegators sdk.Coin) *EventRewardsAllocated {
	return &EventRewardsAllocated{
		Operator:     pool.Operator,
		ToOperator:   toOperator.String(),
		ToDelegators: toDelegators.String(),
	}
}

// NewEventRewardsWithdrawn tells which account was paid from an operator's rewards.
func NewEventRewardsWithdrawn(operator, account sdk.AccAddress, amount sdk.Coin) *EventRewardsWithdrawn {
	return &EventRewardsWithdrawn{Address: account.String(), Operator: operator.String(), Amount: amount.String()}
}

// NewEventCommissionSet tells the new commission of an operator.
func NewEventCommissionSet(pool Pool) *EventCommissionSet {
	return &EventCommissionSet{Operator: pool.Operator, CommissionPpm: pool.CommissionPpm}
}
