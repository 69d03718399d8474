package index

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// searchable is an index with six judged samples, the last one the newest.
func searchable(t *testing.T) *Index {
	x := newIndex(t)
	for i, word := range []string{"a", "b", "c", "d", "e", "f"} {
		require.NoError(t, x.Change(context.Background(), SampleSubmitted(entryOf(word, samplestypes.STATUS_QUEUED, 0))))
		report := reportOf(word, verdictstypes.OUTCOME_CLEAN)
		if i%2 == 0 {
			report = reportOf(word, verdictstypes.OUTCOME_MALICIOUS, "Win.Trojan.Emotet-"+fmt.Sprint(i), "Héur/Agent")
		}
		judge(t, x, roundOf(uint64(i+1), verdictstypes.ROUND_KIND_INITIAL, 1), report)
		s := submissionOf(word)
		s.Name = "Setup-" + strings.ToUpper(word) + ".exe"
		record(t, x, s)
	}
	return x
}

// searchAll follows the cursors.
func searchAll(t *testing.T, x *Index, q Query) (words []string) {
	t.Helper()
	byHash := make(map[[32]byte]string)
	for _, word := range []string{"a", "b", "c", "d", "e", "f"} {
		byHash[hashOf(word)] = word
	}
	for {
		found, err := x.Search(context.Background(), q)
		require.NoError(t, err)
		require.LessOrEqual(t, len(found.SHA256), q.Limit)
		for _, hash := range found.SHA256 {
			words = append(words, byHash[hash])
		}
		if found.Cursor == "" {
			return words
		}
		q.Cursor = found.Cursor
	}
}

func TestSearch(t *testing.T) {
	x := searchable(t)
	s := submissionOf("c")
	for name, c := range map[string]struct {
		query Query
		want  []string
	}{
		"MD5":              {Query{Hash: s.MD5[:]}, []string{"c"}},
		"SHA-1":            {Query{Hash: s.SHA1[:]}, []string{"c"}},
		"SHA-256":          {Query{Hash: s.SHA256[:]}, []string{"c"}},
		"unknown hash":     {Query{Hash: make([]byte, 32)}, nil},
		"type":             {Query{Terms: []Term{{TermType, "PEEXE"}}}, []string{"f", "e", "d", "c", "b", "a"}},
		"family":           {Query{Terms: []Term{{TermLabel, "emotet"}}}, []string{"e", "c", "a"}},
		"whole label":      {Query{Terms: []Term{{TermLabel, "win.trojan.emotet-2"}}}, []string{"c"}},
		"not ASCII":        {Query{Terms: []Term{{TermLabel, "Héur/Agent"}}}, []string{"e", "c", "a"}},
		"outcome":          {Query{Terms: []Term{{TermOutcome, "clean"}}}, []string{"f", "d", "b"}},
		"two terms":        {Query{Terms: []Term{{TermType, "peexe"}, {TermLabel, "emotet"}}}, []string{"e", "c", "a"}},
		"nothing has both": {Query{Terms: []Term{{TermOutcome, "clean"}, {TermLabel, "emotet"}}}, nil},
		"kind":             {Query{Terms: []Term{{TermKind, "url"}}}, nil},
		"name":             {Query{Name: "sETUP-"}, []string{"a", "b", "c", "d", "e", "f"}},
		"part of a name":   {Query{Name: "etup"}, nil},
		"name and term":    {Query{Name: "setup", Terms: []Term{{TermOutcome, "clean"}}}, []string{"b", "d", "f"}},
	} {
		for _, limit := range []int{1, 2, 6, 100} {
			c.query.Limit = limit
			require.Equal(t, c.want, searchAll(t, x, c.query), "%s, %d a page", name, limit)
		}
	}
}

func TestSearchRefusesWhatIsOutOfBounds(t *testing.T) {
	x := newIndex(t)
	term := []Term{{TermType, "elf"}}
	for name, q := range map[string]Query{
		"asks for nothing": {Limit: 1},
		"limit 0":          {Terms: term},
		"limit 301":        {Terms: term, Limit: MaxSearchPage + 1},
		"9 terms":          {Terms: make([]Term, 9), Limit: 1},
		"type of":          {Terms: []Term{{TermType, strings.Repeat("a", 1000)}}, Limit: 1},
		"name of":          {Name: "a\x00", Limit: 1},
		"cursor":           {Terms: term, Limit: 1, Cursor: "abcd"},
	} {
		_, err := x.Search(context.Background(), q)
		require.ErrorIs(t, err, ErrBadQuery, name)
		require.ErrorContains(t, err, name)
	}
}

func FuzzTermsOf(f *testing.F) {
	f.Add("Win.Trojan.Emotet-1")
	f.Add("\x00\xff:İK")
	f.Fuzz(func(t *testing.T, label string) {
		for _, term := range termsOf(verdictstypes.Report{Verdicts: []verdictstypes.EngineVerdict{{Label: label}}}) {
			require.True(t, isText(term))
		}
	})
}
