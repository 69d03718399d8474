package keeper_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

type listener struct {
	earned []types.EnginePoints
	stages []uint32
	fail   error
}

func (l *listener) AfterResolved(_ context.Context, source, judge types.Round, stage uint32, points []types.EnginePoints) error {
	if l.fail == nil && (stage == 0) != (source.Number == judge.Number) {
		return errors.New("the initial round is its own first judge")
	}
	l.stages, l.earned = append(l.stages, stage), append(l.earned, points...)
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
	require.Equal(t, []types.EnginePoints{
		{Operator: f.operators[0].addr, Engine: "Engine00", Points: 800_000},
		{Operator: f.operators[0].addr, Engine: "Engine00", Points: 600_000},
		{Operator: f.operators[0].addr, Engine: "Engine00", Points: 600_000},
	}, hearing.earned)
	require.EqualValues(t, 2_000_000, f.points(f.operators[0]))
}
