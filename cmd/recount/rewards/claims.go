package rewards

import (
	"maps"
	"math/big"
	"slices"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// points is what a contributor earned in an epoch, and what of it it has claimed, in uvmt.
type points struct {
	points  uint64
	claimed *big.Int
}

func newPoints() *points { return &points{claimed: new(big.Int)} }

// claim repeats a claim: what is left of the oldest settled epochs.
func (a *Audit) claim(event *bounty.EventClaimed) {
	earned := a.points[event.Contributor]
	count, sum := uint32(0), new(big.Int)
	for _, number := range slices.Sorted(maps.Keys(earned)) {
		e := a.at(number)
		if count == a.params.MaxEpochsPerClaim {
			break
		}
		if !e.open() || earned[number].claimed.Sign() > 0 {
			continue
		}
		amount := a.reward(e, earned[number].points)
		if amount.Sign() == 0 {
			continue
		}
		earned[number].claimed = amount
		e.claimed.Add(e.claimed, amount)
		e.balance.Sub(e.balance, amount)
		sum.Add(sum, amount)
		count++
	}
	a.Report.Rewards.claimed(sum)
	a.told.want("claims", event.Contributor, &bounty.EventClaimed{Contributor: event.Contributor, Epochs: count, Amount: sum.String()})
}

// reward of points in an epoch.
func (a *Audit) reward(e *epoch, earned uint64) *big.Int {
	return part(e.contributors, number(earned), number(e.contributorPoints))
}
