package types

import sdk "github.com/cosmos/cosmos-sdk/types"

// NewEventDutyMissed tells of a missed duty of an epoch, and how many of the window are.
func NewEventDutyMissed(liveness Liveness, epoch uint64, duty string) *EventDutyMissed {
	return &EventDutyMissed{Operator: liveness.Operator, Epoch: epoch, Duty: duty, MissedCount: liveness.MissedCount}
}

// NewEventJailed tells from when on a supernode may unjail.
func NewEventJailed(supernode Supernode) *EventJailed {
	return &EventJailed{Operator: supernode.Operator, JailedUntil: supernode.JailedUntil, Jails: supernode.Jails}
}

// NewEventUnjailed tells that a supernode stands for seats again.
func NewEventUnjailed(supernode Supernode) *EventUnjailed {
	return &EventUnjailed{Operator: supernode.Operator}
}

// NewEventEjected tells when the bond of a supernode that was retired by force is due.
func NewEventEjected(supernode Supernode) *EventEjected {
	return &EventEjected{Operator: supernode.Operator, ReleaseTime: supernode.ReleaseTime}
}

// NewEventSlashed tells what was burned for a fault.
func NewEventSlashed(operator sdk.AccAddress, fault Fault, fromBond, fromDelegated, fromUnbonding sdk.Coin) *EventSlashed {
	return &EventSlashed{
		Operator:      operator.String(),
		Fault:         fault,
		FromBond:      fromBond.String(),
		FromDelegated: fromDelegated.String(),
		FromUnbonding: fromUnbonding.String(),
	}
}

// NewEventVaultKeyReported tells that a holder cannot use its sealed key, and whether
// that is proven.
func NewEventVaultKeyReported(key SealedKey, proven bool) *EventVaultKeyReported {
	return &EventVaultKeyReported{Epoch: key.Epoch, Operator: key.Operator, Proven: proven}
}
