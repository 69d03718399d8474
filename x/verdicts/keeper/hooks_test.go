package keeper_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

type listener struct {
	stages []uint32
	truths [][]types.Outcome
	said   []string
	fail   error
}

func (l *listener) AfterResolved(_ context.Context, r types.Judgement) error {
	if l.fail == nil && (r.Stage == 0) != (r.Source.Number == r.Judge.Number) {
		return errors.New("the initial round is its own first judge")
	}
	l.stages, l.truths = append(l.stages, r.Stage), append(l.truths, r.Truths)
	for _, column := range r.Columns {
		l.said = append(l.said, column.Operator+"/"+column.Vector.Engine)
	}
	return l.fail
}

func TestListenersHearOfEachStage(t *testing.T) {
	f := newFixture(t, 1, 1)
	failing, hearing := &listener{fail: errors.New("broken")}, &listener{}
	f.keeper.SetHooks(types.NewMultiVerdictsHooks(failing, hearing))
	require.Panics(t, func() { f.keeper.SetHooks(types.MultiVerdictsHooks{}) })
	f.addSamples("first", 2)
	undetected := allOf(types.CATEGORY_UNDETECTED)
	f.run(f.untilOpen(), undetected, allOf(types.CATEGORY_FAILURE))
	f.judgeAgain(week, undetected, undetected)
	f.judgeAgain(month, undetected, undetected)
	require.Equal(t, []uint32{0, 1, 2}, hearing.stages)
	clean := []types.Outcome{types.OUTCOME_CLEAN, types.OUTCOME_CLEAN}
	require.Equal(t, [][]types.Outcome{clean, clean, clean}, hearing.truths)
	require.Len(t, hearing.said, 3*2)
	require.Equal(t, f.operators[0].addr.String()+"/Engine00", hearing.said[0])
	require.EqualValues(t, 2_000_000, f.points(f.operators[0]))
}
