package types_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// poolOf is a pool with the given parts.
func poolOf(delegated, shares, unbonding, unbondingShares int64) types.Pool {
	pool := types.NewPool(account(1))
	pool.Delegated, pool.Shares = math.NewInt(delegated), math.NewInt(shares)
	pool.Unbonding, pool.UnbondingShares = math.NewInt(unbonding), math.NewInt(unbondingShares)
	return pool
}

func TestDelegateBuysShares(t *testing.T) {
	tests := map[string]struct {
		pool   types.Pool
		amount int64
		want   int64
		err    error
	}{
		"first":                         {pool: poolOf(0, 0, 0, 0), amount: 100, want: 100},
		"unslashed":                     {pool: poolOf(50, 50, 0, 0), amount: 100, want: 100},
		"half slashed":                  {pool: poolOf(50, 100, 0, 0), amount: 7, want: 14},
		"rounded down":                  {pool: poolOf(3, 10, 0, 0), amount: 2, want: 6},
		"share worth more than a token": {pool: poolOf(10, 3, 0, 0), amount: 7, want: 2},
		"less than a share":             {pool: poolOf(10, 3, 0, 0), amount: 3, err: types.ErrInvalidAmount},
		"emptied by slashing":           {pool: poolOf(0, 3, 0, 0), amount: 100, err: types.ErrPoolEmptied},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before := tc.pool
			shares, err := tc.pool.Delegate(math.NewInt(tc.amount))
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				require.Equal(t, before, tc.pool)
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, tc.want, shares.Int64())
			require.Equal(t, before.Delegated.AddRaw(tc.amount), tc.pool.Delegated)
			require.Equal(t, before.Shares.AddRaw(tc.want), tc.pool.Shares)
		})
	}
}

func TestUndelegateTakesShares(t *testing.T) {
	tests := map[string]struct {
		pool                      types.Pool
		held, amount              int64
		shares, tokens, unbonding int64
		err                       error
	}{
		"part":                            {pool: poolOf(100, 100, 0, 0), held: 60, amount: 10, shares: 10, tokens: 10, unbonding: 10},
		"all of several":                  {pool: poolOf(100, 100, 0, 0), held: 60, amount: 60, shares: 60, tokens: 60, unbonding: 60},
		"last with dust":                  {pool: poolOf(7, 3, 0, 0), held: 3, amount: 7, shares: 3, tokens: 7, unbonding: 7},
		"rounded up to whole shares":      {pool: poolOf(3, 4, 0, 0), held: 4, amount: 1, shares: 2, tokens: 1, unbonding: 1},
		"share worth more than asked for": {pool: poolOf(30, 10, 0, 0), held: 5, amount: 1, shares: 1, tokens: 3, unbonding: 3},
		"whole worth takes all shares":    {pool: poolOf(10, 100, 0, 0), held: 55, amount: 5, shares: 55, tokens: 5, unbonding: 5},
		"into a slashed unbonding part":   {pool: poolOf(100, 100, 50, 100), held: 60, amount: 10, shares: 10, tokens: 10, unbonding: 20},
		"worthless shares":                {pool: poolOf(0, 10, 0, 0), held: 10, amount: 0, shares: 10},
		"more than the worth":             {pool: poolOf(100, 200, 0, 0), held: 60, amount: 31, err: types.ErrNoDelegation},
		"nothing held":                    {pool: poolOf(100, 100, 0, 0), held: 0, amount: 0, err: types.ErrNoDelegation},
		"nothing asked for":               {pool: poolOf(100, 100, 0, 0), held: 60, amount: 0, err: types.ErrInvalidAmount},
		"unbonding part was emptied":      {pool: poolOf(100, 100, 0, 5), held: 60, amount: 10, err: types.ErrPoolEmptied},
		"less than an unbonding share":    {pool: poolOf(100, 100, 9, 3), held: 60, amount: 2, err: types.ErrInvalidAmount},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before := tc.pool
			shares, tokens, unbonding, err := tc.pool.Undelegate(math.NewInt(tc.held), math.NewInt(tc.amount))
			if tc.err != nil {
				require.ErrorIs(t, err, tc.err)
				return
			}
			require.NoError(t, err)
			require.EqualValues(t, []int64{tc.shares, tc.tokens, tc.unbonding}, []int64{shares.Int64(), tokens.Int64(), unbonding.Int64()})
			require.Equal(t, before.Delegated.Sub(tokens).String(), tc.pool.Delegated.String())
			require.Equal(t, before.Shares.Sub(shares).String(), tc.pool.Shares.String())
			require.Equal(t, before.Unbonding.Add(tokens).String(), tc.pool.Unbonding.String())
			require.Equal(t, before.UnbondingShares.Add(unbonding).String(), tc.pool.UnbondingShares.String())
		})
	}
}

func TestSlashTakesFromBothPartsAndNoShares(t *testing.T) {
	pool := poolOf(1_999_999, 7, 10, 5)
	fromDelegated, fromUnbonding := pool.Slash(250_000)
	require.EqualValues(t, 499_999, fromDelegated.Int64())
	require.EqualValues(t, 2, fromUnbonding.Int64())
	want := poolOf(1_500_000, 7, 8, 5)
	require.Equal(t, want.String(), pool.String())
}

// Slashed again and again, shares become cheap, and so many that the products of a
// pool would leave 256 bits. Then it takes nothing more.
func TestSharesAreBounded(t *testing.T) {
	pool := types.NewPool(account(1))
	amount := math.NewIntFromUint64(types.MaxStake)
	for range 20 {
		if _, err := pool.Delegate(amount); err != nil {
			require.ErrorIs(t, err, types.ErrPoolEmptied)
			break
		}
		for range 200 {
			pool.Slash(250_000)
		}
	}
	require.LessOrEqual(t, pool.Shares.BigInt().BitLen(), 128)
	require.True(t, pool.Worth(pool.Shares).Equal(pool.Delegated))
	_, err := pool.Delegate(amount)
	require.ErrorIs(t, err, types.ErrPoolEmptied)
}

// TestSharesAreExact runs many random operations on a pool. After each the parts are
// what its holders own, nobody can take out more than is there, and no operation of
// one holder takes from another more than a share costs.
func TestSharesAreExact(t *testing.T) {
	for seed := range int64(40) {
		random := rand.New(rand.NewSource(seed))
		pool := types.NewPool(account(1))
		paid, slashed, out := math.ZeroInt(), math.ZeroInt(), math.ZeroInt()
		held := make([]math.Int, 5)
		for i := range held {
			held[i] = math.ZeroInt()
		}
		var waiting []math.Int
		for range 400 {
			who := random.Intn(len(held))
			worth := make([]math.Int, len(held))
			for i := range held {
				worth[i] = pool.Worth(held[i])
			}
			step := random.Intn(8)
			switch {
			case step < 3:
				amount := math.NewInt(1 + random.Int63n(1<<uint(1+random.Intn(40))))
				shares, err := pool.Delegate(amount)
				if err == nil {
					held[who] = held[who].Add(shares)
					paid = paid.Add(amount)
				}
			case step < 6:
				amount := worth[who]
				if amount.IsPositive() && random.Intn(2) == 0 {
					amount = math.NewInt(1 + random.Int63n(amount.Int64()))
				}
				next := pool
				shares, tokens, unbonding, err := next.Undelegate(held[who], amount)
				if err != nil {
					break
				}
				require.False(t, tokens.LT(amount))
				require.False(t, tokens.GT(worth[who]))
				pool = next
				held[who] = held[who].Sub(shares)
				if unbonding.IsPositive() {
					waiting = append(waiting, unbonding)
				}
			case step == 6 && len(waiting) > 0:
				out = out.Add(pool.Release(waiting[0]))
				waiting = waiting[1:]
			default:
				fromDelegated, fromUnbonding := pool.Slash(uint32(random.Intn(250_001)))
				slashed = slashed.Add(fromDelegated).Add(fromUnbonding)
			}
			if step < 6 {
				for i := range held {
					require.True(t, i == who || !pool.Worth(held[i]).LT(worth[i]), "step %d of seed %d took from another", step, seed)
				}
			}
			requireHeld(t, pool, held, waiting)
			require.Equal(t, paid.String(), pool.Delegated.Add(pool.Unbonding).Add(slashed).Add(out).String())
		}
		for i := range held {
			if held[i].IsPositive() {
				shares, _, unbonding, err := pool.Undelegate(held[i], pool.Worth(held[i]))
				require.NoError(t, err)
				held[i] = held[i].Sub(shares)
				waiting = append(waiting, unbonding)
			}
		}
		for _, unbonding := range waiting {
			out = out.Add(pool.Release(unbonding))
		}
		empty := types.NewPool(account(1))
		require.Equal(t, empty.String(), pool.String())
		require.Equal(t, paid.String(), slashed.Add(out).String())
	}
}

func requireHeld(t *testing.T, pool types.Pool, held, waiting []math.Int) {
	t.Helper()
	shares, worth := math.ZeroInt(), math.ZeroInt()
	for _, one := range held {
		shares, worth = shares.Add(one), worth.Add(pool.Worth(one))
	}
	require.Equal(t, shares.String(), pool.Shares.String())
	require.False(t, worth.GT(pool.Delegated))
	shares, worth = math.ZeroInt(), math.ZeroInt()
	for _, one := range waiting {
		shares, worth = shares.Add(one), worth.Add(pool.UnbondingWorth(one))
	}
	require.Equal(t, shares.String(), pool.UnbondingShares.String())
	require.False(t, worth.GT(pool.Unbonding))
	require.False(t, pool.Shares.IsZero() && pool.Delegated.IsPositive())
	require.False(t, pool.UnbondingShares.IsZero() && pool.Unbonding.IsPositive())
}
