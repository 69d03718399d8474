package index

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func charge(t testing.TB, x *Index, account string, quotas ...Quota) Charged {
	t.Helper()
	charged, err := x.Charge(context.Background(), Charge{
		Account: account, Quotas: quotas, Exceeded: AuditEntry{Time: quotas[0].Period + 5, Actor: account, Action: "quota_exceeded"},
	})
	require.NoError(t, err)
	return charged
}

func TestQuotaIsCountedToTheLimit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	x := open(t, path)
	day := func(n int64, limit uint64) Quota {
		return Quota{Name: "daily", Period: n * secondsPerDay, Limit: limit}
	}
	require.Equal(t, Charged{true, []uint64{1}}, charge(t, x, "alpha", day(10, 3)))
	require.Equal(t, Charged{true, []uint64{2}}, charge(t, x, "alpha", day(10, 3)))
	require.NoError(t, x.Close())
	x = open(t, path)
	require.Equal(t, Charged{true, []uint64{3}}, charge(t, x, "alpha", day(10, 3)), "remembered")
	require.Equal(t, Charged{false, []uint64{3}}, charge(t, x, "alpha", day(10, 3)))
	require.Equal(t, Charged{true, []uint64{1}}, charge(t, x, "beta", day(10, 3)))
	require.Equal(t, Charged{true, []uint64{4}}, charge(t, x, "alpha", day(10, 5)), "a larger plan")
	require.Equal(t, Charged{false, []uint64{4}}, charge(t, x, "alpha", day(10, 2)), "a smaller one")
	require.Equal(t, Charged{true, []uint64{1}}, charge(t, x, "alpha", day(11, 3)))
	require.Equal(t, Charged{false, []uint64{0}}, charge(t, x, "gamma", day(11, 0)))
}

// A request is taken from all of its quotas or from none.
func TestRefusedChargeTakesNothing(t *testing.T) {
	x := newIndex(t)
	quotas := []Quota{{"daily", 0, 10}, {"monthly", 0, 2}, {"yearly", 0, 10}}
	for range 2 {
		require.True(t, charge(t, x, "alpha", quotas...).OK)
	}
	for range 3 {
		require.Equal(t, Charged{false, []uint64{2, 2, 2}}, charge(t, x, "alpha", quotas...))
	}
	used, err := x.Usage(context.Background(), "alpha", 0)
	require.NoError(t, err)
	require.Equal(t, []Usage{{"daily", 0, 2}, {"monthly", 0, 2}, {"yearly", 0, 2}}, used)
}

// Two gateways share one database: no request too many gets through.
func TestQuotaIsExactForTwoGateways(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	gateways := []*Index{open(t, path), open(t, path)}
	const limit, tries = 100, 250
	var wait sync.WaitGroup
	var admitted atomic.Int64
	var seen sync.Map
	for i := range tries {
		wait.Go(func() {
			charged, err := gateways[i%2].Charge(context.Background(), Charge{
				Account: "alpha", Quotas: []Quota{{"daily", 0, limit}, {"monthly", 0, 2 * limit}},
				Exceeded: AuditEntry{Time: secondsPerDay + 1, Action: "quota_exceeded"},
			})
			require.NoError(t, err)
			if charged.OK {
				admitted.Add(1)
				_, twice := seen.LoadOrStore(charged.Used[0], true)
				require.False(t, twice, "each is counted once")
			}
		})
	}
	wait.Wait()
	require.EqualValues(t, limit, admitted.Load())
	log, err := gateways[0].AuditLog(context.Background(), AuditQuery{Limit: 10})
	require.NoError(t, err)
	require.Len(t, log, 1, "the first time a day only")
	require.Equal(t, "daily", log[0].Object)
}

func TestExceededMonthIsToldOnceADay(t *testing.T) {
	x := newIndex(t)
	exceed := func(now int64) {
		_, err := x.Charge(context.Background(), Charge{
			Account: "alpha", Quotas: []Quota{{"monthly", 0, 1}}, Exceeded: AuditEntry{Time: now, Action: "quota_exceeded"},
		})
		require.NoError(t, err)
	}
	for _, now := range []int64{1, 100_000, 100_001, 200_000} {
		exceed(now)
	}
	log, err := x.AuditLog(context.Background(), AuditQuery{Action: "quota_exceeded", Limit: 10})
	require.NoError(t, err)
	require.Len(t, log, 2)
}

func TestOldUsageIsForgotten(t *testing.T) {
	x := newIndex(t)
	for day := range int64(3) {
		charge(t, x, "alpha", Quota{"daily", day * secondsPerDay, 5})
	}
	require.NoError(t, x.PruneUsage(context.Background(), 2*secondsPerDay))
	used, err := x.Usage(context.Background(), "alpha", 0)
	require.NoError(t, err)
	require.Equal(t, []Usage{{"daily", 2 * secondsPerDay, 1}}, used)
}
