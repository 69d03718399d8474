package types

import "cosmossdk.io/math"

// rewardUnit is what the reward index counts for 1 uvmt a share.
var rewardUnit = math.NewInt(1_000_000_000_000_000_000)

// Allocate divides a reward in uvmt between the operator and its delegators:
//
//	for the bond  = ⌊amount · self-bond / (self-bond + delegated)⌋
//	commission    = ⌊(amount − for the bond) · commission_ppm / 10⁶⌋
//	to delegators = amount − for the bond − commission
//
// The delegators' part raises the index by ⌊(part · 10¹⁸ + carry) / shares⌋, and the
// remainder is the next carry, so that no division loses anything. One allocation
// costs the same however many delegators there are (the F1 fee distribution of
// Ojha and Lee, 2019, with exact integers).
func (p *Pool) Allocate(amount, selfBond math.Int) (toOperator, toDelegators math.Int) {
	toDelegators = math.ZeroInt()
	if p.Shares.IsPositive() && p.Delegated.IsPositive() {
		forBond := amount.Mul(selfBond).Quo(selfBond.Add(p.Delegated))
		rest := amount.Sub(forBond)
		toDelegators = rest.Sub(millionths(rest, p.CommissionPpm))
		sum := toDelegators.Mul(rewardUnit).Add(p.RewardCarry)
		p.RewardIndex = p.RewardIndex.Add(sum.Quo(p.Shares))
		p.RewardCarry = sum.Mod(p.Shares)
	}
	toOperator = amount.Sub(toDelegators)
	p.DelegatorRewards = p.DelegatorRewards.Add(toDelegators)
	p.OperatorRewards = p.OperatorRewards.Add(toOperator)
	return toOperator, toDelegators
}

// Earned is what a delegation can withdraw in uvmt: what is settled, and
// ⌊shares · (index − its index) / 10¹⁸⌋.
func (p *Pool) Earned(delegation Delegation) math.Int {
	fresh := delegation.Shares.Mul(p.RewardIndex.Sub(delegation.RewardIndex)).Quo(rewardUnit)
	return delegation.Rewards.Add(fresh)
}

// Settle books what a delegation has earned, before its shares change.
func (p *Pool) Settle(delegation *Delegation) {
	delegation.Rewards = p.Earned(*delegation)
	delegation.RewardIndex = p.RewardIndex
}

// SweepRewards gives the operator what rounding has left over, once no delegation is
// left that could claim it.
func (p *Pool) SweepRewards() {
	p.OperatorRewards = p.OperatorRewards.Add(p.DelegatorRewards)
	p.DelegatorRewards = math.ZeroInt()
	p.RewardCarry = math.ZeroInt()
}

// SetCommission changes the commission in an epoch. It returns ErrInvalidCommission
// above 10⁶ ppm, or, once somebody has delegated, more than maxRise ppm above what it
// was when the epoch began.
func (p *Pool) SetCommission(epoch uint64, commission, maxRise uint32) error {
	if commission > ppm {
		return ErrInvalidCommission.Wrapf("commission_ppm is %d, want 0 to %d", commission, ppm)
	}
	base := p.CommissionBasePpm
	if p.CommissionEpoch != epoch {
		base = p.CommissionPpm
	}
	limit := uint64(base) + uint64(maxRise)
	if p.Shares.IsPositive() && uint64(commission) > limit {
		return ErrInvalidCommission.Wrapf("commission_ppm is %d, want at most %d in epoch %d", commission, limit, epoch)
	}
	p.CommissionEpoch, p.CommissionBasePpm, p.CommissionPpm = epoch, base, commission
	return nil
}
