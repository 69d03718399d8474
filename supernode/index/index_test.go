package index

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func submissionOf(content string) Submission {
	return Submission{
		SHA256: sha256.Sum256([]byte(content)),
		SHA1:   sha1.Sum([]byte(content)),
		MD5:    md5.Sum([]byte(content)),
		Size:   int64(len(content)),
		Time:   1_800_000_000,
		State:  StateQueued,
	}
}

func record(t *testing.T, x *Index, s Submission) Analysis {
	t.Helper()
	analysis, err := x.Record(context.Background(), s)
	require.NoError(t, err)
	return analysis
}

func TestFileIsFoundByEachHash(t *testing.T) {
	x := newIndex(t)
	s := submissionOf("content")
	s.Name, s.TypeTag, s.Source = "a.txt", "text", []byte("first")
	record(t, x, s)
	for _, hash := range [][]byte{s.MD5[:], s.SHA1[:], s.SHA256[:]} {
		file, err := x.File(context.Background(), hash)
		require.NoError(t, err)
		require.Equal(t, File{
			SHA256: s.SHA256, SHA1: s.SHA1, MD5: s.MD5, Size: 7, TypeTag: "text", Names: []string{"a.txt"},
			FirstSubmission: s.Time, LastSubmission: s.Time, TimesSubmitted: 1, UniqueSources: 1, State: StateQueued,
		}, file)
	}
	other := sha256.Sum256([]byte("other"))
	_, err := x.File(context.Background(), other[:])
	require.ErrorIs(t, err, ErrNotFound)
	_, err = x.File(context.Background(), other[:31])
	require.ErrorContains(t, err, "31 bytes")
}

func TestSubmissionsAreCounted(t *testing.T) {
	x := newIndex(t)
	for i, source := range []string{"one", "two", "one", ""} {
		s := submissionOf("content")
		s.Time += int64(i)
		s.Source = []byte(source)
		s.Name = fmt.Sprintf("name-%d", i%3)
		record(t, x, s)
	}
	s := submissionOf("content")
	file, err := x.File(context.Background(), s.SHA256[:])
	require.NoError(t, err)
	require.EqualValues(t, 4, file.TimesSubmitted)
	require.EqualValues(t, 2, file.UniqueSources)
	require.Equal(t, s.Time, file.FirstSubmission)
	require.Equal(t, s.Time+3, file.LastSubmission)
	require.Equal(t, []string{"name-0", "name-1", "name-2"}, file.Names)
}

func TestNamesAreBounded(t *testing.T) {
	x := newIndex(t)
	for i := range MaxNames + 5 {
		s := submissionOf("content")
		s.Name = fmt.Sprintf("name-%03d", i)
		record(t, x, s)
	}
	s := submissionOf("content")
	file, err := x.File(context.Background(), s.SHA256[:])
	require.NoError(t, err)
	require.Len(t, file.Names, MaxNames)
	require.EqualValues(t, MaxNames+5, file.TimesSubmitted)
}

func TestRecordRefusesWhatIsOutOfBounds(t *testing.T) {
	x := newIndex(t)
	for name, change := range map[string]func(*Submission){
		"size":     func(s *Submission) { s.Size = -1 },
		"name":     func(s *Submission) { s.Name = strings.Repeat("a", MaxName+1) },
		"UTF-8":    func(s *Submission) { s.Name = "\xff" },
		"NUL":      func(s *Submission) { s.Name = "a\x00b" },
		"type tag": func(s *Submission) { s.TypeTag = strings.Repeat("a", MaxTypeTag+1) },
		"source":   func(s *Submission) { s.Source = make([]byte, MaxSource+1) },
		"state":    func(s *Submission) { s.State = 9 },
	} {
		s := submissionOf("content")
		change(&s)
		_, err := x.Record(context.Background(), s)
		require.ErrorContains(t, err, name)
		_, err = x.File(context.Background(), s.SHA256[:])
		require.ErrorIs(t, err, ErrNotFound, "nothing may be half-written")
	}
}

func TestAnalysisIDHasVirusTotalsForm(t *testing.T) {
	x := newIndex(t)
	s := submissionOf("content")
	analysis := record(t, x, s)
	decoded, err := base64.StdEncoding.DecodeString(analysis.ID)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%x:%d", s.MD5, s.Time), string(decoded))

	found, err := x.Analysis(context.Background(), analysis.ID)
	require.NoError(t, err)
	require.Equal(t, analysis, found)
	_, err = x.Analysis(context.Background(), "no such id")
	require.ErrorIs(t, err, ErrNotFound)
}

func TestReuseAnswersTheNewestAnalysis(t *testing.T) {
	x := newIndex(t)
	s := submissionOf("content")
	first := record(t, x, s)
	s.Time += 10
	s.Reuse = true
	require.Equal(t, first, record(t, x, s))
	s.Reuse = false
	second := record(t, x, s)
	require.NotEqual(t, first.ID, second.ID)
	newest, err := x.LatestAnalysis(context.Background(), s.SHA256)
	require.NoError(t, err)
	require.Equal(t, second, newest)
}

func TestCollidingMD5SharesNoAnalysis(t *testing.T) {
	x := newIndex(t)
	one, two := submissionOf("one"), submissionOf("two")
	two.MD5 = one.MD5
	first, second := record(t, x, one), record(t, x, two)
	require.NotEqual(t, first.ID, second.ID)
	found, err := x.Analysis(context.Background(), second.ID)
	require.NoError(t, err)
	require.Equal(t, two.SHA256, found.SHA256)

	file, err := x.File(context.Background(), one.MD5[:])
	require.NoError(t, err)
	require.Contains(t, [][32]byte{one.SHA256, two.SHA256}, file.SHA256)
}

func TestStatesAndRefusals(t *testing.T) {
	ctx := context.Background()
	x := newIndex(t)
	s := submissionOf("content")
	record(t, x, s)
	state := func() State {
		file, err := x.File(ctx, s.SHA256[:])
		require.NoError(t, err)
		return file.State
	}
	require.NoError(t, x.Refuse(ctx, Refusal{SHA256: s.SHA256, Reason: strings.Repeat("é", MaxReason), Submission: []byte("p"), Refused: 5}))
	require.Equal(t, StateRefused, state())
	refusal, err := x.Refusal(ctx, s.SHA256)
	require.NoError(t, err)
	require.LessOrEqual(t, len(refusal.Reason), MaxReason)
	require.Equal(t, []byte("p"), refusal.Submission)

	s.State = 0
	record(t, x, s)
	require.Equal(t, StateRefused, state(), "state 0 keeps the state")

	s.State = StateQueued
	record(t, x, s)
	require.Equal(t, StateQueued, state())
	_, err = x.Refusal(ctx, s.SHA256)
	require.ErrorIs(t, err, ErrNotFound)

	require.NoError(t, x.MarkOnChain(ctx, [][32]byte{s.SHA256, {1}}))
	require.Equal(t, StateOnChain, state())
}

func TestConcurrentWritersAndReaders(t *testing.T) {
	x := newIndex(t)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 20 {
				s := submissionOf(fmt.Sprint(j))
				s.Source = []byte{byte(i)}
				if _, err := x.Record(context.Background(), s); err != nil {
					t.Error(err)
				}
				if _, err := x.File(context.Background(), s.MD5[:]); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	s := submissionOf("7")
	file, err := x.File(context.Background(), s.SHA256[:])
	require.NoError(t, err)
	require.EqualValues(t, 8, file.TimesSubmitted)
	require.EqualValues(t, 8, file.UniqueSources)
}

func TestContentsSurviveReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "with space & 100%?.db")
	x := open(t, path)
	analysis := record(t, x, submissionOf("content"))
	require.NoError(t, x.Close())
	found, err := open(t, path).Analysis(context.Background(), analysis.ID)
	require.NoError(t, err)
	require.Equal(t, analysis, found)
}
