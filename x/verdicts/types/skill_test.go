package types_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// recordOf is what an engine earns that says malicious of malicious samples, and clean of
// clean ones.
func recordOf(malicious int, ofMalicious types.Cell, clean int, ofClean types.Cell) types.TrackRecord {
	var t types.TypeRecord
	add := func(n int, cell types.Cell, truth bool) {
		units, decisive := types.Brier(cell, truth)
		if !decisive {
			t.Misses += uint64(n)
			return
		}
		says := types.SeesMalice(cell.Category())
		switch {
		case truth && says:
			t.TruePositives += uint64(n)
		case truth:
			t.FalseNegatives += uint64(n)
		case says:
			t.FalsePositives += uint64(n)
		default:
			t.TrueNegatives += uint64(n)
		}
		if truth {
			t.BrierMalicious += uint64(n) * units
		} else {
			t.BrierClean += uint64(n) * units
		}
	}
	add(malicious, ofMalicious, true)
	add(clean, ofClean, false)
	return types.TrackRecord{Types: []types.TypeRecord{t}}
}

func cell(category types.Category, confidence uint8) types.Cell {
	return types.NewCell(category, confidence)
}

func TestSkill(t *testing.T) {
	var (
		yes  = cell(types.CATEGORY_MALICIOUS, 15)
		no   = cell(types.CATEGORY_HARMLESS, 15)
		flip = cell(types.CATEGORY_SUSPICIOUS, 0)
		none = cell(types.CATEGORY_TIMEOUT, 0)
	)
	for name, test := range map[string]struct {
		records   []types.TrackRecord
		low, high uint32
	}{
		"newcomer":                         {nil, 200_000, 200_000},
		"always right":                     {[]types.TrackRecord{recordOf(10_000, yes, 10_000, no)}, 995_000, 999_999},
		"always wrong":                     {[]types.TrackRecord{recordOf(1000, no, 1000, yes)}, 0, 0},
		"coin flip":                        {[]types.TrackRecord{recordOf(10_000, flip, 10_000, flip)}, 0, 100},
		"always clean, 99 % are":           {[]types.TrackRecord{recordOf(100, no, 9_900, no)}, 0, 0},
		"always malicious, 99 % are":       {[]types.TrackRecord{recordOf(9_900, yes, 100, yes)}, 0, 0},
		"never an answer":                  {[]types.TrackRecord{recordOf(10_000, none, 10_000, none)}, 0, 1500},
		"right, but silent on half":        {[]types.TrackRecord{recordOf(1000, yes, 1000, no), recordOf(1000, none, 1000, none)}, 480_000, 500_000},
		"little is known":                  {[]types.TrackRecord{recordOf(5, yes, 5, no)}, 260_000, 290_000},
		"little is known, all of it wrong": {[]types.TrackRecord{recordOf(5, no, 5, yes)}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := types.Skill(types.DefaultParams(), test.records)
			require.GreaterOrEqual(t, got, test.low)
			require.LessOrEqual(t, got, test.high)
		})
	}
}

// What counts is the sum over all epochs and file types.
func TestSkillSums(t *testing.T) {
	yes, no := cell(types.CATEGORY_MALICIOUS, 9), cell(types.CATEGORY_UNDETECTED, 3)
	whole := recordOf(60, yes, 300, no)
	part := recordOf(20, yes, 100, no)
	split := []types.TrackRecord{part, {Types: append(part.Types, part.Types...)}}
	params := types.DefaultParams()
	require.Equal(t, types.Skill(params, []types.TrackRecord{whole}), types.Skill(params, split))
}

func TestSkillAtTheExtremes(t *testing.T) {
	huge := types.TypeRecord{
		TruePositives: math.MaxUint64, FalsePositives: math.MaxUint64, TrueNegatives: math.MaxUint64,
		FalseNegatives: math.MaxUint64, Misses: math.MaxUint64, BrierMalicious: math.MaxUint64, BrierClean: math.MaxUint64,
	}
	records := make([]types.TrackRecord, 90)
	for i := range records {
		records[i].Types = []types.TypeRecord{huge, huge}
	}
	params := types.DefaultParams()
	require.LessOrEqual(t, types.Skill(params, records), uint32(1_000_000))
	for i := range records {
		records[i].Types[0] = types.TypeRecord{BrierMalicious: math.MaxUint64}
		records[i].Types[1] = types.TypeRecord{}
	}
	require.Zero(t, types.Skill(params, records))
}
