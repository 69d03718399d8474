package types

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRightOperators(t *testing.T) {
	said := func(operator string, category Category, confidence uint32, weight uint64) EngineVerdict {
		return EngineVerdict{Operator: operator, Category: category, Confidence: confidence, Weight: weight}
	}
	report := Report{Verdicts: []EngineVerdict{
		said("a", CATEGORY_MALICIOUS, 10, 3), said("a", CATEGORY_SUSPICIOUS, 10, 4), said("a", CATEGORY_UNDETECTED, 10, 100),
		said("b", CATEGORY_FAILURE, 10, 50),
		said("c", CATEGORY_MALICIOUS, 10, 0),
		said("d", CATEGORY_UNDETECTED, 10, 5), said("d", CATEGORY_MALICIOUS, 10, 6),
	}}
	for name, test := range map[string]struct {
		truth Outcome
		right []OperatorWeight
		total uint64
	}{
		"malicious": {OUTCOME_MALICIOUS, []OperatorWeight{{"a", 7}, {"c", 0}, {"d", 6}}, 13},
		"clean":     {OUTCOME_CLEAN, []OperatorWeight{{"a", 100}, {"d", 5}}, 105},
		"undecided": {OUTCOME_UNDETERMINED, nil, 0},
		"none":      {OUTCOME_UNSPECIFIED, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			right, total := report.RightOperators(test.truth)
			require.Equal(t, test.right, right)
			require.Equal(t, test.total, total)
		})
	}
}
