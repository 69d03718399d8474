package types

// SlashPpm is the part of a bond that a fault costs, and the part of the delegations:
// floor(part × delegator_share_ppm / 10⁶). ErrNotFound: it is no fault.
func (p Params) SlashPpm(fault Fault) (bond, delegations uint32, err error) {
	switch fault {
	case FAULT_UNREVEALED:
		bond = p.SlashUnrevealedPpm
	case FAULT_LOST_APPEAL:
		bond = p.SlashLostAppealPpm
	case FAULT_NON_DELIVERY:
		bond = p.SlashNonDeliveryPpm
	case FAULT_STORAGE:
		bond = p.SlashStorageFraudPpm
	case FAULT_VAULT_KEY:
		bond = p.SlashVaultKeyPpm
	default:
		return 0, 0, ErrNotFound.Wrapf("fault %s", fault)
	}
	return bond, uint32(uint64(bond) * uint64(p.DelegatorSharePpm) / ppm), nil
}
