package types_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

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
