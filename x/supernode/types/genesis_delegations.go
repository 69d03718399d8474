package types

import (
	"fmt"

	"cosmossdk.io/math"
)

// holdings adds up what the delegations and unbondings of a pool claim from it.
type holdings struct {
	pool                             Pool
	shares, unbondingShares, rewards math.Int
	delegations                      int
}

// ValidateDelegations returns an error naming the first pool, delegation or unbonding
// that is malformed, occurs twice or contradicts another. All delegations together have
// the shares of the pool and all unbondings those of its unbonding part; a delegation
// counts its unbondings; no more rewards can be withdrawn than were allocated; and no
// pool is kept in which nobody has anything.
func (gs GenesisState) ValidateDelegations() error {
	held, err := gs.validatePools()
	if err != nil {
		return err
	}
	waiting, err := gs.validateUnbondings(held)
	if err != nil {
		return err
	}
	if err := gs.validateDelegations(held, waiting); err != nil {
		return err
	}
	registered, err := gs.validateStakes(held)
	if err != nil {
		return err
	}
	for i, pool := range gs.Pools {
		if err := held[pool.Operator].match(fmt.Sprintf("pools[%d]", i), registered[pool.Operator]); err != nil {
			return err
		}
	}
	return nil
}

func (gs GenesisState) validatePools() (map[string]*holdings, error) {
	held := make(map[string]*holdings, len(gs.Pools))
	for i, pool := range gs.Pools {
		field := fmt.Sprintf("pools[%d]", i)
		if err := pool.validate(field); err != nil {
			return nil, err
		}
		if held[pool.Operator] != nil {
			return nil, ErrInvalidGenesis.Wrapf("%s.operator %s occurs twice", field, pool.Operator)
		}
		held[pool.Operator] = &holdings{pool: pool, shares: math.ZeroInt(), unbondingShares: math.ZeroInt(), rewards: math.ZeroInt()}
	}
	return held, nil
}

// validateUnbondings returns how many unbondings each delegation must count.
func (gs GenesisState) validateUnbondings(held map[string]*holdings) (map[string]uint32, error) {
	waiting := make(map[string]uint32, len(gs.Unbondings))
	keys := make(map[string]bool, len(gs.Unbondings))
	for i, unbonding := range gs.Unbondings {
		field := fmt.Sprintf("unbondings[%d]", i)
		if err := unbonding.validate(field); err != nil {
			return nil, err
		}
		of := held[unbonding.Operator]
		if of == nil {
			return nil, ErrInvalidGenesis.Wrapf("%s.operator %s has no pool", field, unbonding.Operator)
		}
		key := unbonding.Key()
		id := fmt.Sprintf("%d/%x", key.K1(), key.K2())
		if keys[id] {
			return nil, ErrInvalidGenesis.Wrapf("%s: what leaves on one way at %d occurs twice", field, unbonding.ReleaseTime)
		}
		keys[id] = true
		of.unbondingShares = of.unbondingShares.Add(unbonding.Shares)
		waiting[between(unbonding.Delegator, unbonding.Operator)]++
	}
	return waiting, nil
}

func (gs GenesisState) validateDelegations(held map[string]*holdings, waiting map[string]uint32) error {
	known := make(map[string]bool, len(gs.Delegations))
	counted := uint64(0)
	for i, delegation := range gs.Delegations {
		field := fmt.Sprintf("delegations[%d]", i)
		of := held[delegation.Operator]
		if of == nil {
			return ErrInvalidGenesis.Wrapf("%s.operator %q has no pool", field, delegation.Operator)
		}
		if err := delegation.validate(field, of.pool); err != nil {
			return err
		}
		way := between(delegation.Delegator, delegation.Operator)
		if known[way] {
			return ErrInvalidGenesis.Wrapf("%s: delegator and operator occur twice: %s", field, way)
		}
		known[way] = true
		if delegation.Unbondings != waiting[way] {
			return ErrInvalidGenesis.Wrapf("%s.unbondings is %d, %d wait", field, delegation.Unbondings, waiting[way])
		}
		counted += uint64(delegation.Unbondings)
		of.delegations++
		of.shares = of.shares.Add(delegation.Shares)
		of.rewards = of.rewards.Add(of.pool.Earned(delegation))
	}
	if counted != uint64(len(gs.Unbondings)) {
		return ErrInvalidGenesis.Wrapf("unbondings: %d of %d belong to no delegation", uint64(len(gs.Unbondings))-counted, len(gs.Unbondings))
	}
	return nil
}

// validateStakes returns who is registered. Stakes above MaxStake cannot be ordered.
func (gs GenesisState) validateStakes(held map[string]*holdings) (map[string]bool, error) {
	registered := make(map[string]bool, len(gs.Supernodes))
	for i, supernode := range gs.Supernodes {
		registered[supernode.Operator] = true
		of := held[supernode.Operator]
		if of == nil || supernode.Status == STATUS_RETIRED {
			continue
		}
		if stake := supernode.SelfBond.Add(of.pool.Delegated); !stake.IsUint64() {
			return nil, ErrInvalidGenesis.Wrapf("supernodes[%d]: stake with delegations is %s, want at most %d", i, stake, uint64(MaxStake))
		}
	}
	return registered, nil
}

func (h holdings) match(field string, registered bool) error {
	if !h.shares.Equal(h.pool.Shares) {
		return ErrInvalidGenesis.Wrapf("%s.shares is %s, its delegations have %s", field, h.pool.Shares, h.shares)
	}
	if !h.unbondingShares.Equal(h.pool.UnbondingShares) {
		return ErrInvalidGenesis.Wrapf("%s.unbonding_shares is %s, its unbondings have %s", field, h.pool.UnbondingShares, h.unbondingShares)
	}
	if h.rewards.GT(h.pool.DelegatorRewards) {
		return ErrInvalidGenesis.Wrapf("%s.delegator_rewards is %s, its delegations have earned %s", field, h.pool.DelegatorRewards, h.rewards)
	}
	if h.delegations > 0 {
		return nil
	}
	if h.pool.DelegatorRewards.IsPositive() || !registered && h.pool.OperatorRewards.IsZero() {
		return ErrInvalidGenesis.Wrapf("%s has no delegations, but delegator_rewards %s and operator_rewards %s (registered: %t)", field, h.pool.DelegatorRewards, h.pool.OperatorRewards, registered)
	}
	return nil
}

func (p Pool) validate(field string) error {
	if _, err := parseCanonical(field+".operator", p.Operator); err != nil {
		return err
	}
	if p.CommissionPpm > ppm || p.CommissionBasePpm > ppm {
		return ErrInvalidGenesis.Wrapf("%s: commission_ppm is %d and commission_base_ppm %d, want 0 to %d", field, p.CommissionPpm, p.CommissionBasePpm, ppm)
	}
	for _, amount := range []struct {
		name  string
		value math.Int
	}{
		{"delegated", p.Delegated},
		{"shares", p.Shares},
		{"unbonding", p.Unbonding},
		{"unbonding_shares", p.UnbondingShares},
		{"reward_index", p.RewardIndex},
		{"reward_carry", p.RewardCarry},
		{"delegator_rewards", p.DelegatorRewards},
		{"operator_rewards", p.OperatorRewards},
	} {
		if err := checkNatural(field+"."+amount.name, amount.value); err != nil {
			return err
		}
	}
	if p.Shares.IsZero() && p.Delegated.IsPositive() || p.UnbondingShares.IsZero() && p.Unbonding.IsPositive() {
		return ErrInvalidGenesis.Wrapf("%s: delegated %s or unbonding %s without shares", field, p.Delegated, p.Unbonding)
	}
	return nil
}

func (d Delegation) validate(field string, pool Pool) error {
	if _, err := parseCanonical(field+".delegator", d.Delegator); err != nil {
		return err
	}
	for _, amount := range []struct {
		name  string
		value math.Int
	}{{"shares", d.Shares}, {"reward_index", d.RewardIndex}, {"rewards", d.Rewards}} {
		if err := checkNatural(field+"."+amount.name, amount.value); err != nil {
			return err
		}
	}
	if d.RewardIndex.GT(pool.RewardIndex) {
		return ErrInvalidGenesis.Wrapf("%s.reward_index is %s, the pool is at %s", field, d.RewardIndex, pool.RewardIndex)
	}
	if d.IsEmpty() {
		return ErrInvalidGenesis.Wrapf("%s is empty", field)
	}
	return nil
}

func (u Unbonding) validate(field string) error {
	if _, err := parseCanonical(field+".delegator", u.Delegator); err != nil {
		return err
	}
	if u.Destination != "" {
		if _, err := parseCanonical(field+".destination", u.Destination); err != nil {
			return err
		}
	}
	if err := checkNatural(field+".shares", u.Shares); err != nil {
		return err
	}
	if u.Shares.IsZero() || u.ReleaseTime <= 0 || u.Destination == u.Operator {
		return ErrInvalidGenesis.Wrapf("%s: shares %s, release_time %d and destination %q, want shares, a time and another operator", field, u.Shares, u.ReleaseTime, u.Destination)
	}
	return nil
}

// checkNatural returns ErrInvalidGenesis unless value is a natural number of at most
// maxAmountBits bits, so that products of two stay within 256.
func checkNatural(field string, value math.Int) error {
	if value.IsNil() || value.IsNegative() || value.BigIntMut().BitLen() > maxAmountBits {
		return ErrInvalidGenesis.Wrapf("%s is %s, want 0 to 2^%d-1", field, value, maxAmountBits)
	}
	return nil
}

func between(delegator, operator string) string { return delegator + "/" + operator }
