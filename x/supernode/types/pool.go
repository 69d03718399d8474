package types

import "cosmossdk.io/math"

// maxAmountBits bounds what a pool counts, so that no product of two leaves 256 bits.
// Shares are bought 1:1 at first; only slashing makes them cheaper and so more.
const maxAmountBits = 128

// NewPool is the empty pool of an operator.
func NewPool(operator string) Pool {
	zero := math.ZeroInt()
	return Pool{
		Operator:         operator,
		Delegated:        zero,
		Shares:           zero,
		Unbonding:        zero,
		UnbondingShares:  zero,
		RewardIndex:      zero,
		RewardCarry:      zero,
		DelegatorRewards: zero,
		OperatorRewards:  zero,
	}
}

// Delegate adds an amount in uvmt and returns the shares it buys.
func (p *Pool) Delegate(amount math.Int) (shares math.Int, err error) {
	return p.delegated().deposit(amount)
}

// Undelegate moves an amount in uvmt, which held shares are worth, from the delegated
// to the unbonding part. It returns the shares that this takes, the tokens they are
// exchanged for, which can be more than the amount by less than the worth of a share,
// and the unbonding shares these buy. An amount of the whole worth takes all shares,
// also when they are worth nothing.
func (p *Pool) Undelegate(held, amount math.Int) (shares, tokens, unbonding math.Int, err error) {
	worth := p.Worth(held)
	switch {
	case !held.IsPositive() || amount.GT(worth):
		err = ErrNoDelegation.Wrapf("amount is %s, the delegation is worth %s", amount, worth)
		return shares, tokens, unbonding, err
	case amount.Equal(worth):
		shares = held
	case !amount.IsPositive():
		err = ErrInvalidAmount.Wrapf("amount is %s, want 1 to %s", amount, worth)
		return shares, tokens, unbonding, err
	default:
		shares = ceil(amount.Mul(p.Shares), p.Delegated)
	}
	tokens = p.delegated().withdraw(shares)
	if tokens.IsZero() {
		return shares, tokens, math.ZeroInt(), nil
	}
	unbonding, err = p.unbonding().deposit(tokens)
	return shares, tokens, unbonding, err
}

// Release takes unbonding shares out and returns the uvmt that they are worth.
func (p *Pool) Release(unbonding math.Int) math.Int {
	return p.unbonding().withdraw(unbonding)
}

// Slash takes ppm millionths of both parts, rounded down, and returns what it took
// from each in uvmt. Nobody's shares are touched.
func (p *Pool) Slash(ppm uint32) (fromDelegated, fromUnbonding math.Int) {
	return p.delegated().slash(ppm), p.unbonding().slash(ppm)
}

// Worth of shares in uvmt, rounded down.
func (p *Pool) Worth(shares math.Int) math.Int { return p.delegated().worth(shares) }

// UnbondingWorth of unbonding shares in uvmt, rounded down.
func (p *Pool) UnbondingWorth(shares math.Int) math.Int { return p.unbonding().worth(shares) }

func (p *Pool) delegated() part { return part{&p.Delegated, &p.Shares} }

func (p *Pool) unbonding() part { return part{&p.Unbonding, &p.UnbondingShares} }

// part is one of the two parts of a pool: tokens, and the shares among which they are
// divided. Every division is rounded in favour of those who stay: a withdrawal leaves
// less than 1 uvmt to them, a deposit less than the worth of one share. So it takes
// thousands of withdrawals to raise that worth by a thousandth of 1 VMT. What is left
// goes with the last share.
type part struct{ tokens, shares *math.Int }

// worth = ⌊shares · tokens / all shares⌋.
func (p part) worth(shares math.Int) math.Int {
	if p.shares.IsZero() {
		return math.ZeroInt()
	}
	return shares.Mul(*p.tokens).Quo(*p.shares)
}

// deposit adds tokens for ⌊tokens · all shares / all tokens⌋ shares, or 1:1 to an
// empty part. It returns ErrPoolEmptied when there are shares but no tokens, or next
// to none, and ErrInvalidAmount when the tokens do not buy a share.
func (p part) deposit(tokens math.Int) (math.Int, error) {
	shares := tokens
	if p.shares.IsPositive() {
		if p.tokens.IsZero() {
			return math.Int{}, ErrPoolEmptied.Wrapf("%s shares are left", p.shares)
		}
		shares = tokens.Mul(*p.shares).Quo(*p.tokens)
	}
	if !shares.IsPositive() {
		return math.Int{}, ErrInvalidAmount.Wrapf("amount %s is less than the worth of one share", tokens)
	}
	all := p.shares.Add(shares)
	if all.BigIntMut().BitLen() > maxAmountBits {
		return math.Int{}, ErrPoolEmptied.Wrapf("%s shares are left for %s uvmt", p.shares, p.tokens)
	}
	*p.tokens, *p.shares = p.tokens.Add(tokens), all
	return shares, nil
}

// withdraw takes out shares and what they are worth.
func (p part) withdraw(shares math.Int) math.Int {
	tokens := p.worth(shares)
	*p.tokens, *p.shares = p.tokens.Sub(tokens), p.shares.Sub(shares)
	return tokens
}

func (p part) slash(ppm uint32) math.Int {
	taken := millionths(*p.tokens, ppm)
	*p.tokens = p.tokens.Sub(taken)
	return taken
}

// millionths = ⌊amount · ppm / 10⁶⌋.
func millionths(amount math.Int, share uint32) math.Int {
	return amount.MulRaw(int64(share)).QuoRaw(ppm)
}

// ceil = ⌈a / b⌉ of a natural and a positive number.
func ceil(a, b math.Int) math.Int {
	return a.Add(b).SubRaw(1).Quo(b)
}
