package types_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

type listener struct {
	name  string
	calls *[]string
	err   error
}

func (l listener) AfterSampleQueued(context.Context, []byte, bool) error {
	*l.calls = append(*l.calls, l.name)
	return l.err
}

func TestMultiSamplesHooks(t *testing.T) {
	var calls []string
	failure := errors.New("failure")
	hooks := types.MultiSamplesHooks{
		listener{"first", &calls, nil}, listener{"second", &calls, failure}, listener{"third", &calls, nil},
	}
	require.ErrorIs(t, hooks.AfterSampleQueued(context.Background(), nil, false), failure)
	require.Equal(t, []string{"first", "second"}, calls)

	require.NoError(t, types.MultiSamplesHooks{}.AfterSampleQueued(context.Background(), nil, true))
}

// challenged is a listener that counts the challenges it hears of in a store.
type challenged struct {
	heard collections.Item[uint64]
	fail  func() error
}

func (c challenged) AfterStorageChallenge(ctx context.Context, epoch uint64, _ sdk.AccAddress, _ bool, _ int64) error {
	if err := c.heard.Set(ctx, epoch); err != nil {
		return err
	}
	return c.fail()
}

// A listener that fails, or panics, loses what it wrote and costs the others nothing.
func TestMultiStorageHooksIsolateEachListener(t *testing.T) {
	key := storetypes.NewKVStoreKey("test")
	ctx := testutil.DefaultContext(key, storetypes.NewTransientStoreKey("transient"))
	schema := collections.NewSchemaBuilder(runtime.NewKVStoreService(key))
	listener := func(prefix int, fail func() error) challenged {
		name := fmt.Sprint("listener_", prefix)
		return challenged{collections.NewItem(schema, collections.NewPrefix(prefix), name, collections.Uint64Value), fail}
	}
	failing := listener(0, func() error { return errors.New("failure") })
	panicking := listener(1, func() error { panic("out of order") })
	hearing := listener(2, func() error { return nil })
	hooks := types.MultiStorageHooks{failing, panicking, hearing}
	require.NoError(t, hooks.AfterStorageChallenge(ctx, 7, account("operator"), true, 0))
	for _, lost := range []challenged{failing, panicking} {
		_, err := lost.heard.Get(ctx)
		require.ErrorIs(t, err, collections.ErrNotFound)
	}
	epoch, err := hearing.heard.Get(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 7, epoch)
}
