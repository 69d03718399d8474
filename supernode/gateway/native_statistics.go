package gateway

import (
	"context"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/index"
)

const (
	defaultStatisticsDays = 30
	maxStatisticsDays     = 366
)

// Statistics answers what the index counted of the chain.
func (n native) Statistics(ctx context.Context, in *nodev1.StatisticsRequest) (*nodev1.StatisticsResponse, error) {
	days := int(in.Days)
	if in.Days > maxStatisticsDays {
		return nil, invalidArgument("days: %d is not in 1..%d", in.Days, maxStatisticsDays)
	}
	if days == 0 {
		days = defaultStatisticsDays
	}
	found, err := n.deps.Index.Statistics(ctx, days, n.now())
	if err != nil {
		return nil, n.callError(err)
	}
	answer := &nodev1.StatisticsResponse{Totals: totalsOf(found.Total)}
	for _, day := range found.Days {
		date := time.Unix(day.Day*secondsPerDay, 0).UTC().Format(time.DateOnly)
		answer.Days = append(answer.Days, &nodev1.Day{Date: date, Totals: totalsOf(day.Counts)})
	}
	return answer, nil
}

// totalsOf sorts the names of index.Counts into groups.
func totalsOf(counts index.Counts) *nodev1.Totals {
	totals := &nodev1.Totals{
		Samples: map[string]uint64{}, Rounds: map[string]uint64{}, Outcomes: map[string]uint64{},
		Judged: uint64(counts["judged"]), Verdicts: uint64(counts["verdicts"]),
		Detections: uint64(counts["detections"]), Engines: uint64(counts["engines"]),
	}
	groups := map[string]map[string]uint64{"samples": totals.Samples, "rounds": totals.Rounds, "outcomes": totals.Outcomes}
	for name, value := range counts {
		group, of, _ := strings.Cut(name, "_")
		if into := groups[group]; into != nil {
			into[of] = uint64(value)
		}
	}
	return totals
}
