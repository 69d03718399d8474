package light

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	markettypes "github.com/virusmap/virusmap/x/market/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func feedEntries(count int) (entries []markettypes.FeedEntry) {
	for i := range count {
		hash := [32]byte{byte(i + 1)}
		entries = append(entries, markettypes.FeedEntry{Sha256: hash[:], Round: 7, Outcome: uint32(verdictstypes.OUTCOME_MALICIOUS), Stage: 1})
	}
	return entries
}

func feedLine(position int, e markettypes.FeedEntry) string {
	return fmt.Sprintf(`{"type":"file","id":"%x","attributes":{"virusmap":{"round":%d,"outcome":"malicious"}},`+
		`"context_attributes":{"virusmap":{"position":%d,"sha256":"%x","round":%d,"outcome":%d,"stage":%d}}}`,
		e.Sha256, e.Round, position, e.Sha256, e.Round, e.Outcome, e.Stage)
}

// TestFeedIsCompared changes a package of five lines in the ways that a server could.
func TestFeedIsCompared(t *testing.T) {
	entries := feedEntries(5)
	record, err := markettypes.PackageOf("files", 30_000_000, entries)
	require.NoError(t, err)
	whole := make([]string, len(entries))
	for i, entry := range entries {
		whole[i] = feedLine(i, entry)
	}
	judged := func(hash []byte, round uint64) (verdictstypes.Outcome, bool, error) {
		if hash[0] > 5 || round != 7 {
			return 0, false, nil
		}
		return verdictstypes.OUTCOME_MALICIOUS, true, nil
	}
	other := feedEntries(6)[5]
	stage := entries[2]
	stage.Stage = 2
	renumbered := slices.Clone(whole[:4])
	renumbered[3] = feedLine(3, entries[4])

	for name, c := range map[string]struct {
		lines []string
		want  []FeedDifference // without details
		says  string
	}{
		"whole":              {whole, nil, ""},
		"first withheld":     {whole[1:], []FeedDifference{{Kind: FeedWithheld, First: 0, Last: 0}}, "position 1, 0 was expected"},
		"some withheld":      {slices.Delete(slices.Clone(whole), 1, 3), []FeedDifference{{Kind: FeedWithheld, First: 1, Last: 2}}, "position 3"},
		"last withheld":      {whole[:3], []FeedDifference{{Kind: FeedWithheld, First: 3, Last: 4}}, "ends before 2 of 5"},
		"one and renumbered": {renumbered, []FeedDifference{{Kind: FeedWithheld, First: 4, Last: 4}}, "ends before 1 of 5"},
		"nothing left":       {nil, []FeedDifference{{Kind: FeedWithheld, First: 0, Last: 4}}, "ends before 5 of 5"},
		"added at the end":   {append(slices.Clone(whole), feedLine(5, other)), []FeedDifference{{Kind: FeedAdded, First: 5, Last: 5}}, "recorded 5"},
		"added between":      {slices.Insert(slices.Clone(whole), 2, feedLine(1, other)), []FeedDifference{{Kind: FeedAdded, First: 2, Last: 2}}, "position 1 again"},
		"another sample": {
			slices.Replace(slices.Clone(whole), 3, 4, feedLine(3, other)),
			[]FeedDifference{{Kind: FeedChanged, First: 3, Last: 3}},
			"has no outcome for 06",
		},
		"another outcome": {
			slices.Replace(slices.Clone(whole), 3, 4, strings.NewReplacer(`"outcome":3`, `"outcome":1`, `"malicious"`, `"clean"`).Replace(whole[3])),
			[]FeedDifference{{Kind: FeedChanged, First: 3, Last: 3}},
			"is malicious, the line says clean",
		},
		"shown outcome": {
			slices.Replace(slices.Clone(whole), 3, 4, strings.Replace(whole[3], `"malicious"`, `"clean"`, 1)),
			[]FeedDifference{{Kind: FeedChanged, First: 3, Last: 3}},
			`outcome "clean", its entry is of round 7`,
		},
		"shown sample": {
			slices.Replace(slices.Clone(whole), 3, 4, strings.Replace(whole[3], `"id":"04`, `"id":"05`, 1)),
			[]FeedDifference{{Kind: FeedChanged, First: 3, Last: 3}},
			"is not that of its entry",
		},
		"another stage":  {slices.Replace(slices.Clone(whole), 2, 3, feedLine(2, stage)), []FeedDifference{{Kind: FeedChanged, First: 0, Last: 4}}, "do not tell which"},
		"one line twice": {slices.Replace(slices.Clone(whole), 2, 3, feedLine(2, entries[1])), []FeedDifference{{Kind: FeedChanged, First: 2, Last: 2}}, "position 1 stands here again"},
		"no line":        {slices.Replace(slices.Clone(whole), 2, 3, "{}"), []FeedDifference{{Kind: FeedChanged, First: 2, Last: 2}}, "line 3"},
		"repeated field": {
			slices.Replace(slices.Clone(whole), 2, 3, strings.Replace(whole[2], `"position"`, `"round":1,"position"`, 1)),
			[]FeedDifference{{Kind: FeedChanged, First: 2, Last: 2}},
			"repeated",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Join(c.lines, "\n")
			result, err := CheckFeed(strings.NewReader(text), record, judged)
			require.NoError(t, err)
			require.Equal(t, len(c.want) == 0, result.OK())
			var got []FeedDifference
			var details string
			for _, difference := range result.Differences {
				details += difference.Detail
				difference.Detail = ""
				got = append(got, difference)
			}
			require.Equal(t, c.want, got, details)
			require.Contains(t, details, c.says)
			require.EqualValues(t, len(c.lines), result.Lines)
		})
	}
}

func TestFeedOfNoLinesButNoiseIsBounded(t *testing.T) {
	record, err := markettypes.PackageOf("files", 30_000_000, feedEntries(2))
	require.NoError(t, err)
	result, err := CheckFeed(strings.NewReader(strings.Repeat("x\n", 5000)), record, nil)
	require.NoError(t, err)
	require.Len(t, result.Differences, maxFeedDifferences)
	result, err = CheckFeed(strings.NewReader(strings.Repeat("x", maxFeedLine+1)), record, nil)
	require.NoError(t, err)
	require.Contains(t, result.Differences[0].Detail, "longer than")
}

func TestFeedIsNoVerdictWhenTheChainIsAway(t *testing.T) {
	entries := feedEntries(2)
	record, err := markettypes.PackageOf("files", 30_000_000, entries)
	require.NoError(t, err)
	entries[0].Stage++
	away := errors.New("away")
	_, err = CheckFeed(strings.NewReader(feedLine(0, entries[0])+"\n"+feedLine(1, entries[1])), record,
		func([]byte, uint64) (verdictstypes.Outcome, bool, error) { return 0, false, away })
	require.ErrorIs(t, err, away)
}

func FuzzFeedLine(f *testing.F) {
	f.Add([]byte(feedLine(0, feedEntries(1)[0])))
	f.Add([]byte(`{"id":"","context_attributes":{"virusmap":null}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		entry, _, err := parseFeedLine(raw)
		if err == nil && len(entry.Sha256) != 32 {
			t.Fatalf("hash of %d bytes", len(entry.Sha256))
		}
	})
}
