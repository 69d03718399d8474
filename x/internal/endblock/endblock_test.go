package endblock_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/endblock"
)

// newQueue is a queue with the numbers 1 to n.
func newQueue(t *testing.T, n int) (sdk.Context, collections.KeySet[uint64]) {
	t.Helper()
	key := storetypes.NewKVStoreKey("test")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	queue := collections.NewKeySet(collections.NewSchemaBuilder(runtime.NewKVStoreService(key)), collections.NewPrefix(0), "queue", collections.Uint64Key)
	for i := range n {
		require.NoError(t, queue.Set(ctx, uint64(i+1)))
	}
	return ctx, queue
}

func left(t *testing.T, ctx context.Context, queue collections.KeySet[uint64]) []uint64 {
	t.Helper()
	iterator, err := queue.Iterate(ctx, nil)
	require.NoError(t, err)
	keys, err := iterator.Keys()
	require.NoError(t, err)
	return keys
}

func TestTakeIsBoundedAndInOrder(t *testing.T) {
	ctx, queue := newQueue(t, 5)
	taken, err := endblock.Take(ctx, queue, nil, 2)
	require.NoError(t, err)
	require.Equal(t, []uint64{1, 2}, taken)
	require.Equal(t, []uint64{3, 4, 5}, left(t, ctx, queue))

	taken, err = endblock.Take(ctx, queue, nil, 0)
	require.NoError(t, err)
	require.Empty(t, taken)

	taken, err = endblock.Take(ctx, queue, new(collections.Range[uint64]).EndInclusive(4), 9)
	require.NoError(t, err)
	require.Equal(t, []uint64{3, 4}, taken)
}

func TestIsolateKeepsOrDropsAllOfAnItem(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		fail func() error
		want []uint64
	}{
		"success": {func() error { return nil }, []uint64{1}},
		"error":   {func() error { return broken }, nil},
		"panic":   {func() error { panic("bug") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, queue := newQueue(t, 0)
			err := endblock.Isolate(ctx, "item", func(ctx context.Context) error {
				require.NoError(t, queue.Set(ctx, 1))
				return test.fail()
			})
			require.Equal(t, name != "success", err != nil)
			require.Equal(t, test.want, left(t, ctx, queue))
		})
	}
}

func TestIsolateLetsOutOfGasThrough(t *testing.T) {
	ctx, _ := newQueue(t, 0)
	require.Panics(t, func() {
		_ = endblock.Isolate(ctx, "item", func(context.Context) error {
			panic(storetypes.ErrorOutOfGas{Descriptor: "test"})
		})
	})
}
