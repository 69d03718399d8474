package types

import "cosmossdk.io/math"

// coinFlip is the squared error of an answer of ½, in 1/16384.
const coinFlip = BrierUnits / 4

// Skill is how much better than a coin flip an engine's answers were, in ppm: for each
// truth c, malicious and clean, with k = newcomer_samples and s = newcomer_skill,
//
//	brier_c  = (errors_c + k · ¼ · (1 − s)) / (samples_c + k)
//	skill    = max(0, 1 − (brier_malicious + brier_clean) / 2 / ¼)
//
// Both truths weigh the same, whatever their number: an engine that says "clean" of
// everything is right for 99 % of an ordinary corpus, and still has a skill of 0. Half of
// the misses count as coin flips for each truth. Without records the skill is s.
func Skill(params Params, records []TrackRecord) uint32 {
	malicious, clean := newTruthClass(params), newTruthClass(params)
	misses := math.ZeroInt()
	for _, record := range records {
		for _, t := range record.Types {
			malicious.add(count(t.TruePositives).Add(count(t.FalseNegatives)), count(t.BrierMalicious))
			clean.add(count(t.TrueNegatives).Add(count(t.FalsePositives)), count(t.BrierClean))
			misses = misses.Add(count(t.Misses))
		}
	}
	half := misses.QuoRaw(2)
	malicious.add(half, half.MulRaw(coinFlip))
	clean.add(half, half.MulRaw(coinFlip))
	balanced := malicious.mean().Add(clean.mean()).QuoRaw(2)
	worst := math.NewInt(coinFlip * int64(ppm))
	return uint32(worst.Sub(math.MinInt(balanced, worst)).QuoRaw(coinFlip).Int64())
}

// truthClass sums over the samples of one truth. Errors are in ppm of 1/16384.
type truthClass struct{ samples, errors math.Int }

// newTruthClass starts with the samples and errors of a newcomer.
func newTruthClass(params Params) *truthClass {
	each := int64(ppm-uint64(params.NewcomerSkillPpm)) * coinFlip
	samples := math.NewInt(int64(params.NewcomerSamples))
	return &truthClass{samples: samples, errors: samples.MulRaw(each)}
}

// add takes samples with the sum of their errors in 1/16384.
func (c *truthClass) add(samples, errors math.Int) {
	c.samples = c.samples.Add(samples)
	c.errors = c.errors.Add(errors.MulRaw(int64(ppm)))
}

func (c *truthClass) mean() math.Int { return c.errors.Quo(c.samples) }

func count(n uint64) math.Int { return math.NewIntFromUint64(n) }
