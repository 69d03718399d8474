package types

import "cosmossdk.io/math"

// Slash takes floor(part × ppm / 10⁶) from what is delegated and from what is unbonding,
// and returns both.
func (p *Pool) Slash(ppm uint32) (fromDelegated, fromUnbonding math.Int) {
	fromDelegated = p.Delegated.MulRaw(int64(ppm)).QuoRaw(1_000_000)
	fromUnbonding = p.Unbonding.MulRaw(int64(ppm)).QuoRaw(1_000_000)
	p.Delegated = p.Delegated.Sub(fromDelegated)
	p.Unbonding = p.Unbonding.Sub(fromUnbonding)
	return fromDelegated, fromUnbonding
}
