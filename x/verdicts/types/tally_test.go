package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// ballots makes one column per category, over one sample, at equal weight.
func ballots(categories ...types.Category) []types.WeightedColumn {
	columns := make([]types.WeightedColumn, len(categories))
	for i, category := range categories {
		columns[i] = types.WeightedColumn{Weight: types.FullWeight, Cells: []byte{byte(types.NewCell(category, 8))}}
	}
	return columns
}

func repeat(category types.Category, n int) []types.Category {
	categories := make([]types.Category, n)
	for i := range categories {
		categories[i] = category
	}
	return categories
}

func TestTally(t *testing.T) {
	const (
		undetected  = types.CATEGORY_UNDETECTED
		malicious   = types.CATEGORY_MALICIOUS
		suspicious  = types.CATEGORY_SUSPICIOUS
		unsupported = types.CATEGORY_TYPE_UNSUPPORTED
		failure     = types.CATEGORY_FAILURE
		broken      = types.CATEGORY_UNDECRYPTABLE
	)
	for name, test := range map[string]struct {
		engines int // registered; 0 means as many as voted
		votes   []types.Category
		want    types.Outcome
	}{
		"nobody detects":                    {0, repeat(undetected, 4), types.OUTCOME_CLEAN},
		"all detect":                        {0, repeat(malicious, 4), types.OUTCOME_MALICIOUS},
		"exactly 34 % malicious":            {0, append(repeat(malicious, 17), repeat(undetected, 33)...), types.OUTCOME_MALICIOUS},
		"a third malicious":                 {0, append(repeat(malicious, 1), repeat(undetected, 2)...), types.OUTCOME_SUSPICIOUS},
		"exactly 10 % suspicious":           {0, append(repeat(suspicious, 1), repeat(undetected, 9)...), types.OUTCOME_SUSPICIOUS},
		"below 10 %":                        {0, append(repeat(suspicious, 1), repeat(undetected, 10)...), types.OUTCOME_CLEAN},
		"abstainers do not dilute":          {0, append(repeat(unsupported, 3), malicious), types.OUTCOME_MALICIOUS},
		"half answered is a quorum":         {4, repeat(undetected, 2), types.OUTCOME_CLEAN},
		"less than half is none":            {5, repeat(undetected, 2), types.OUTCOME_UNDETERMINED},
		"failures are no answers":           {0, append(repeat(failure, 3), undetected), types.OUTCOME_UNDETERMINED},
		"nobody handles the type":           {0, repeat(unsupported, 4), types.OUTCOME_UNDETERMINED},
		"most cannot open it":               {0, append(repeat(broken, 3), undetected), types.OUTCOME_INVALID},
		"half cannot open it":               {0, append(repeat(broken, 2), repeat(undetected, 2)...), types.OUTCOME_CLEAN},
		"engines that joined in the middle": {1, repeat(undetected, 3), types.OUTCOME_CLEAN},
		"no engine at all":                  {3, nil, types.OUTCOME_UNDETERMINED},
	} {
		t.Run(name, func(t *testing.T) {
			engines := test.engines
			if engines == 0 {
				engines = len(test.votes)
			}
			expected := uint64(engines) * types.FullWeight
			got := types.Tally(types.DefaultParams().Rules(), expected, ballots(test.votes...), 0, 1)
			require.Equal(t, []types.Outcome{test.want}, got)
		})
	}
}

func TestTallyWeighs(t *testing.T) {
	columns := ballots(types.CATEGORY_MALICIOUS, types.CATEGORY_UNDETECTED)
	columns[0].Weight = 1
	got := types.Tally(types.DefaultParams().Rules(), 0, columns, 0, 1)
	require.Equal(t, []types.Outcome{types.OUTCOME_CLEAN}, got, "a light engine does not decide")
}

func TestTallyInPartsEqualsWhole(t *testing.T) {
	signed := []types.SignedAttestation{{Attestation: example()}}
	columns, err := types.Columns(signed, types.WeightTable{NewcomerWeight: types.FullWeight}, 3)
	require.NoError(t, err)
	rules := types.DefaultParams().Rules()
	whole := types.Tally(rules, 0, columns, 0, 3)
	var parts []types.Outcome
	for i := range 3 {
		parts = append(parts, types.Tally(rules, 0, columns, i, i+1)...)
	}
	require.Equal(t, whole, parts)
	require.Equal(t, []types.Outcome{types.OUTCOME_CLEAN, types.OUTCOME_MALICIOUS, types.OUTCOME_SUSPICIOUS}, whole)
}
