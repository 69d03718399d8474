package keeper_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// BenchmarkFreezeWeights measures the seating of an epoch whose engines have full windows
// and a record of every trailing epoch: those of 21 seats, and the most that are weighed.
func BenchmarkFreezeWeights(b *testing.B) {
	for _, size := range []struct{ seats, engines int }{{21, 8}, {32, 16}} {
		b.Run(fmt.Sprint(size.seats*size.engines), func(b *testing.B) {
			engines := make([]int, size.seats)
			for i := range engines {
				engines[i] = size.engines
			}
			f := newWideFixture(b, engines...)
			for i, o := range f.operators {
				for e, engine := range o.engines {
					for epoch := uint64(1); epoch <= 30; epoch++ {
						f.setRecord(o, engine, epoch, 1000, 100)
					}
					f.setErrors(o, engine, uint64(i*size.engines+e))
				}
			}
			f.ctx.MultiStore().(storetypes.CommitMultiStore).Commit()
			f.seatAll(31)
			for b.Loop() {
				ctx, _ := f.ctx.CacheContext()
				require.NoError(b, f.keeper.SupernodeHooks().AfterSeated(ctx, 31))
			}
		})
	}
}

// setErrors gives an engine a window with labels and errors all its own.
func (f *fixture) setErrors(o operator, engine string, seed uint64) {
	window := types.ErrorWindow{Operator: o.addr.String(), Engine: engine, Epoch: 30}
	for position := range uint64(types.WindowSize) {
		mixed := (position + 1) * (seed*2 + 12_345) * 0x9e3779b97f4a7c15 >> 40
		o := types.Observation{Answered: true, Wrong: mixed%20 == 0}
		if mixed%3 == 0 {
			o.Label = fmt.Sprint("Family", mixed)
		}
		window.Observe(position, o)
	}
	require.NoError(f.t, f.keeper.Windows.Set(f.ctx, collections.Join(o.addr, engine), window))
}
