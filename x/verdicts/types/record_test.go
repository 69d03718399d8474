package types_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func column(weight uint64, cells ...types.Category) types.EngineColumn {
	column := types.EngineColumn{}
	column.Weight = weight
	for _, category := range cells {
		column.Cells = append(column.Cells, byte(types.NewCell(category, 8)))
	}
	return column
}

func TestPoints(t *testing.T) {
	const malicious, clean, open = types.OUTCOME_MALICIOUS, types.OUTCOME_CLEAN, types.OUTCOME_UNSPECIFIED
	const detects, finds, doubts, waits = types.CATEGORY_MALICIOUS, types.CATEGORY_UNDETECTED, types.CATEGORY_SUSPICIOUS, types.CATEGORY_TIMEOUT
	for name, test := range map[string]struct {
		columns []types.EngineColumn
		truth   types.Outcome
		want    []uint64
	}{
		"alone":                {[]types.EngineColumn{column(5, detects), column(9, finds)}, malicious, []uint64{400_000, 0}},
		"by weight":            {[]types.EngineColumn{column(1, detects), column(3, doubts)}, malicious, []uint64{100_000, 300_000}},
		"the other way":        {[]types.EngineColumn{column(1, detects), column(3, finds)}, clean, []uint64{0, 400_000}},
		"rounded down":         {[]types.EngineColumn{column(1, finds), column(1, finds), column(1, finds)}, clean, []uint64{133_333, 133_333, 133_333}},
		"open":                 {[]types.EngineColumn{column(1, detects)}, open, []uint64{0}},
		"nobody right":         {[]types.EngineColumn{column(1, finds), column(1, waits)}, malicious, []uint64{0, 0}},
		"right without weight": {[]types.EngineColumn{column(0, detects), column(7, finds)}, malicious, []uint64{0, 0}},
		"no engine":            {nil, malicious, []uint64{}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, types.Points(test.columns, []types.Outcome{test.truth}, []uint32{400_000}))
		})
	}
}

// TestPointsAreConserved over random columns: the stages of a sample together never give
// more than the sample, and all but the rounding when somebody was right.
func TestPointsAreConserved(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	for range 300 {
		columns := make([]types.EngineColumn, 1+random.Intn(168))
		somebody := false
		for i := range columns {
			category := types.Category(1 + random.Intn(9))
			columns[i] = column(uint64(random.Intn(1_000_001)), category)
			somebody = somebody || (types.SeesMalice(category) && columns[i].Weight > 0)
		}
		var given uint64
		for _, slice := range []uint32{400_000, 300_000, 300_000} {
			for _, points := range types.Points(columns, []types.Outcome{types.OUTCOME_MALICIOUS}, []uint32{slice}) {
				given += points
			}
		}
		require.LessOrEqual(t, given, uint64(1_000_000))
		if somebody {
			require.Greater(t, given, uint64(1_000_000-3*len(columns)-3))
		} else {
			require.Zero(t, given)
		}
	}
}

func TestCountRecord(t *testing.T) {
	settled := []types.Settled{
		{Truth: types.OUTCOME_MALICIOUS, Type: 1, Early: true, LeadSeconds: 60},
		{Truth: types.OUTCOME_MALICIOUS, Type: 1},
		{Truth: types.OUTCOME_CLEAN, Type: 1},
		{Truth: types.OUTCOME_UNSPECIFIED, Type: 0},
		{Truth: types.OUTCOME_CLEAN, Type: 2},
	}
	fileTypes := []string{"elf", "pdf", "pe"}
	cells := column(1, types.CATEGORY_SUSPICIOUS, types.CATEGORY_HARMLESS, types.CATEGORY_MALICIOUS, types.CATEGORY_MALICIOUS, types.CATEGORY_UNDECRYPTABLE).Cells
	require.Equal(t, []types.TypeRecord{{
		FileType: "pdf", TruePositives: 1, FalseNegatives: 1, FalsePositives: 1, Leads: 1, LeadSeconds: 60,
		BrierMalicious: (128-82)*(128-82) + (128-7)*(128-7), BrierClean: 114 * 114,
	}}, types.CountRecord(cells, settled, fileTypes))
	require.Equal(t, []types.TypeRecord{{FileType: "pdf", Misses: 3}, {FileType: "pe", Misses: 1}}, types.CountRecord(nil, settled, fileTypes))
}

func TestTrackRecordHasABoundedNumberOfTypes(t *testing.T) {
	var record types.TrackRecord
	for i := range 1000 {
		record.Add(1, []types.TypeRecord{{FileType: fmt.Sprintf("type %d", (i*7)%1000), Misses: 1}, {FileType: "zip", Misses: 1}})
	}
	require.EqualValues(t, 1000, record.Points)
	require.Len(t, record.Types, types.MaxFileTypes+1)
	require.Equal(t, types.TypeRecord{Misses: 1000 - types.MaxFileTypes + 1}, record.Types[0])
	require.Equal(t, types.TypeRecord{FileType: "zip", Misses: 1000}, record.Types[types.MaxFileTypes])
	record.Engine = "Engine"
	require.NoError(t, record.Validate())
}

// TestFileTypesAgreeWithTheReport: both take what most supernodes saw.
func TestFileTypesAgreeWithTheReport(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	const n = 40
	for supernodes := range 6 {
		attestations := make([]types.SignedAttestation, supernodes)
		for i := range attestations {
			seen := make([]string, n)
			for s := range seen {
				seen[s] = fmt.Sprintf("type %d", random.Intn(4))
			}
			attestations[i].Attestation = types.NewAttestation(nil, types.NewFeatureVector(seen))
			if random.Intn(4) == 0 {
				attestations[i].Attestation.Features = types.FeatureVector{}
			}
		}
		table, index, err := types.FileTypesOf(attestations, n)
		require.NoError(t, err)
		for s := range n {
			_, want, err := types.VerdictsOf(attestations, types.WeightTable{}, s, n)
			require.NoError(t, err)
			require.Equal(t, want, table[index[s]])
		}
	}
}
