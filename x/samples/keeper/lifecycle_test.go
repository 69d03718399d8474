package keeper_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/samples/types"
)

// Every operation of a round, from every status.
func TestLifecycleTransitions(t *testing.T) {
	const none = types.STATUS_UNSPECIFIED // refused
	operations := []struct {
		name string
		run  func(f *fixture, hash []byte) error
		to   map[types.Status]types.Status
	}{
		{
			"begin",
			func(f *fixture, hash []byte) error { return f.keeper.BeginScan(f.ctx, hash, 42) },
			map[types.Status]types.Status{types.STATUS_QUEUED: types.STATUS_SCANNING},
		},
		{
			"abort",
			func(f *fixture, hash []byte) error { return f.keeper.AbortScan(f.ctx, hash) },
			map[types.Status]types.Status{types.STATUS_SCANNING: types.STATUS_QUEUED, types.STATUS_BLOCKED: types.STATUS_BLOCKED},
		},
		{
			"conclude valid",
			func(f *fixture, hash []byte) error {
				return f.keeper.Conclude(f.ctx, []types.Conclusion{{SHA256: hash, Valid: true}})
			},
			map[types.Status]types.Status{types.STATUS_SCANNING: types.STATUS_FINAL, types.STATUS_BLOCKED: types.STATUS_BLOCKED},
		},
		{
			"conclude invalid",
			func(f *fixture, hash []byte) error {
				return f.keeper.Conclude(f.ctx, []types.Conclusion{{SHA256: hash}})
			},
			map[types.Status]types.Status{types.STATUS_SCANNING: types.STATUS_INVALID, types.STATUS_BLOCKED: types.STATUS_BLOCKED},
		},
	}
	for _, operation := range operations {
		for _, from := range []types.Status{
			types.STATUS_QUEUED, types.STATUS_SCANNING, types.STATUS_FINAL, types.STATUS_INVALID, types.STATUS_BLOCKED,
		} {
			t.Run(fmt.Sprintf("%s from %s", operation.name, from), func(t *testing.T) {
				f := newFixture(t)
				hash := f.reach(from, "content")
				hooks := len(f.queued.initial)
				err := operation.run(f, hash)
				want := operation.to[from]
				if want == none {
					require.ErrorIs(t, err, types.ErrStatus)
					require.ErrorContains(t, err, from.String())
					want = from
				} else {
					require.NoError(t, err)
				}
				sample := f.sample(hash)
				require.Equal(t, want, sample.Status)
				require.Len(t, f.queued.initial, hooks, "no operation of a round queues by the hook")
				if operation.name == "begin" && err == nil {
					require.Equal(t, uint64(42), sample.Round)
				}
				if want == types.STATUS_QUEUED || want == types.STATUS_SCANNING {
					require.Equal(t, deposit, f.held(contributor))
				} else {
					require.Zero(t, f.held(contributor))
				}
			})
		}
	}
}

func TestLifecycleOfUnknownSamples(t *testing.T) {
	f := newFixture(t)
	unknown := submission("never seen").Sha256
	require.ErrorIs(t, f.keeper.BeginScan(f.ctx, unknown, 1), types.ErrNotFound)
	require.ErrorIs(t, f.keeper.AbortScan(f.ctx, unknown), types.ErrNotFound)
	_, err := f.keeper.Get(f.ctx, unknown)
	require.ErrorIs(t, err, types.ErrNotFound)

	// A member that was taken down and expired does not cost the round.
	known := f.reach(types.STATUS_SCANNING, "content")
	f.conclude(true, unknown, known)
	require.Equal(t, types.STATUS_FINAL, f.sample(known).Status)
}

func TestConcludeIsAllOrNothing(t *testing.T) {
	f := newFixture(t)
	member := f.reach(types.STATUS_SCANNING, "member")
	stranger := f.reach(types.STATUS_QUEUED, "not a member")
	before := f.export()
	for _, conclusions := range [][]types.Conclusion{
		{{SHA256: member, Valid: true}, {SHA256: stranger, Valid: true}},
		{{SHA256: member, Valid: true}, {SHA256: member, Valid: true}}, // twice
	} {
		err := f.tx(func(ctx context.Context) error { return f.keeper.Conclude(ctx, conclusions) })
		require.ErrorIs(t, err, types.ErrStatus)
		require.Equal(t, before, f.export())
	}
}

func TestSetHooksOnce(t *testing.T) {
	f := newFixture(t)
	require.Panics(t, func() { f.keeper.SetHooks(types.MultiSamplesHooks{f.queued}) })
}
