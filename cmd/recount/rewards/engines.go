package rewards

import (
	"github.com/virusmap/virusmap/cmd/recount/rounds"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

// scoreEngines shares the worth of each sample among the engines that were right about
// it, and gives the points to their operators.
func (a *Audit) scoreEngines(j judgement, valuesPpm []uint64) {
	for i, truth := range j.truths {
		slice := share(uint64(j.SlicePpm), valuesPpm[i], ppm)
		if truth == verdicts.OUTCOME_UNSPECIFIED || slice == 0 {
			continue
		}
		var right []rounds.Engine
		var total uint64
		for _, engine := range j.engines {
			if rounds.Right(engine.Cells[i], truth) {
				right = append(right, engine)
				total += engine.Weight
			}
		}
		if total == 0 {
			continue
		}
		for _, engine := range right {
			if points := share(slice, engine.Weight, total); points > 0 {
				a.work(engine.Operator).EnginePoints += points
				a.running().enginePoints += points
			}
		}
	}
}
