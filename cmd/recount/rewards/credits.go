package rewards

import (
	"fmt"
	"slices"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
)

// giveCredits gives the points of samples whose contributor cannot be replaced any more.
func (a *Audit) giveCredits() {
	for _, next := range a.credits.take(a.height, int(a.params.MaxCreditsPerBlock)) {
		score, scored := a.scores[next.hash]
		if !scored {
			continue
		}
		for i := range score.Stages {
			if !score.Stages[i].Credited {
				a.credit(score, i)
			}
		}
	}
}

// waits tells whether a stage is not credited yet.
func waits(score *bounty.Score) bool {
	return slices.ContainsFunc(score.Stages, func(stage bounty.StageScore) bool { return !stage.Credited })
}

// credit gives the points that one stage adds to those of the stages before.
func (a *Audit) credit(score *bounty.Score, at int) {
	stage := &score.Stages[at]
	stage.Credited, stage.Epoch = true, a.epoch
	if cluster, remembered := a.clusters[string(score.Cluster)]; remembered {
		stage.Sightings = uint32(len(cluster.Sighters))
	}
	if stage.Malicious {
		stage.Score = worth(score, stage.Sightings)
	}
	s, known := a.register.samples[string(score.Sha256)]
	if !known || s.blocked {
		return
	}
	stage.Contributor = s.contributor
	due, before := share(decided(score, stage.Stage), stage.Score, ppm), uint64(0)
	for _, earlier := range score.Stages[:at] {
		before += earlier.Points + earlier.Capped
	}
	if due <= before {
		return
	}
	add := due - before
	stage.Points = min(add, a.room(s.contributor))
	stage.Capped = add - stage.Points
	a.give(s.contributor, stage.Points)
	a.told.want("stages", fmt.Sprintf("%x/%d", score.Sha256, stage.Stage), &bounty.EventCredited{
		Sha256: score.Sha256, Stage: stage.Stage, Contributor: stage.Contributor, Epoch: stage.Epoch,
		Points: stage.Points, Capped: stage.Capped, Sightings: stage.Sightings,
	})
}

// worth of a malicious sample is the product of its terms.
func worth(score *bounty.Score, sightings uint32) uint64 {
	rules := score.Rules
	floor := uint64(rules.RarityFloorPpm)
	sighted := uint64(ppm)
	if full := rules.SightingsFull; full > 0 {
		sighted = share(ppm, uint64(min(sightings, full)), uint64(full))
	}
	product := uint64(ppm)
	for _, term := range []uint64{
		floor + share(ppm-floor, uint64(score.MissedPpm), ppm), novelty(score), sighted,
		uint64(rules.KindPpm), uint64(rules.ChannelPpm),
	} {
		product = share(product, term, ppm)
	}
	return product
}

// decided is the part of a sample's points that is decided with a stage.
func decided(score *bounty.Score, stage uint32) (sum uint64) {
	for i, slice := range score.Rules.SlicesPpm {
		if uint32(i) <= stage {
			sum += uint64(slice)
		}
	}
	return sum
}

// room is how many points a contributor may still get in the running epoch.
func (a *Audit) room(contributor string) uint64 {
	if a.standings[contributor] >= a.params.EstablishedPoints {
		return ^uint64(0)
	}
	var earned uint64
	if p, known := a.points[contributor][a.epoch]; known {
		earned = p.points
	}
	return a.params.NewcomerPoints - min(earned, a.params.NewcomerPoints)
}

// give enters points in the running epoch.
func (a *Audit) give(contributor string, given uint64) {
	if given == 0 {
		return
	}
	if a.points[contributor] == nil {
		a.points[contributor] = make(map[uint64]*points)
	}
	if a.points[contributor][a.epoch] == nil {
		a.points[contributor][a.epoch] = newPoints()
	}
	a.points[contributor][a.epoch].points += given
	a.standings[contributor] += given
	a.running().contributorPoints += given
}
