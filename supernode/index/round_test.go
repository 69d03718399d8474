package index

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const roundTime = int64(1_800_000_000)

func roundOf(number uint64, kind verdictstypes.RoundKind, samples int) verdictstypes.Round {
	return verdictstypes.Round{
		Number: number, Kind: kind, Status: verdictstypes.ROUND_STATUS_FINAL, Seats: 3, Attestations: 2,
		Samples: uint32(samples), FinalTime: roundTime + int64(number), MembersRoot: []byte("root"),
	}
}

func reportOf(word string, outcome verdictstypes.Outcome, labels ...string) verdictstypes.Report {
	hash := hashOf(word)
	report := verdictstypes.Report{Sha256: hash[:], Outcome: outcome, FileType: "peexe"}
	for _, label := range labels {
		report.Verdicts = append(report.Verdicts, verdictstypes.EngineVerdict{
			Operator: "operator", Engine: "engine", Version: "1", Category: verdictstypes.CATEGORY_MALICIOUS, Label: label,
		})
	}
	return report
}

func reportsOf(reports ...verdictstypes.Report) iter.Seq2[verdictstypes.Report, error] {
	return func(yield func(verdictstypes.Report, error) bool) {
		for _, report := range reports {
			if !yield(report, nil) {
				return
			}
		}
	}
}

func judge(t testing.TB, x *Index, round verdictstypes.Round, reports ...verdictstypes.Report) {
	t.Helper()
	require.NoError(t, x.AddJudgement(context.Background(), Judgement{
		Round: round, Reports: reportsOf(reports...),
		Engines: []EngineCount{{Operator: "operator", Engine: "engine", Verdicts: int64(len(reports)), Detections: 1}},
	}))
}

func entryOf(word string, status samplestypes.Status, round uint64) samplestypes.SampleEntry {
	hash := hashOf(word)
	return samplestypes.SampleEntry{Sha256: hash[:], Sample: samplestypes.Sample{
		Kind: samplestypes.KIND_FILE, SizeBytes: 7, Contributor: "contributor", Gateway: "gateway",
		SubmittedHeight: 5, SubmittedTime: roundTime, Status: status, Round: round,
	}}
}

func TestNewestReportThatStandsIsFound(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	_, err := x.Report(ctx, hashOf("a"), 0)
	require.ErrorIs(t, err, ErrNotFound)

	first := reportOf("a", verdictstypes.OUTCOME_CLEAN)
	judge(t, x, roundOf(3, verdictstypes.ROUND_KIND_INITIAL, 1), first)
	second := reportOf("a", verdictstypes.OUTCOME_MALICIOUS, "Win.Trojan.Emotet-1")
	judge(t, x, roundOf(8, verdictstypes.ROUND_KIND_RETROSPECTIVE, 1), second)
	appealed := reportOf("a", verdictstypes.OUTCOME_CLEAN)
	judge(t, x, roundOf(9, verdictstypes.ROUND_KIND_APPEAL, 1), appealed)

	second.Round = roundOf(8, verdictstypes.ROUND_KIND_RETROSPECTIVE, 1)
	newest, err := x.Report(ctx, hashOf("a"), 0)
	require.NoError(t, err)
	require.Equal(t, second, newest)
	of, err := x.Report(ctx, hashOf("a"), 9)
	require.NoError(t, err)
	require.EqualValues(t, 9, of.Round.Number, "what an appeal found is there by its round")
	_, err = x.Report(ctx, hashOf("a"), 4)
	require.ErrorIs(t, err, ErrNotFound)

	require.NoError(t, x.AppealWon(ctx, second.Sha256))
	newest, err = x.Report(ctx, hashOf("a"), 0)
	require.NoError(t, err)
	require.EqualValues(t, 9, newest.Round.Number)
	other := hashOf("b")
	require.ErrorIs(t, x.AppealWon(ctx, other[:]), ErrNotFound)

	var rounds []uint64
	for before := uint64(1 << 62); ; {
		page, err := x.History(ctx, hashOf("a"), before, 2)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, report := range page {
			rounds, before = append(rounds, report.Round.Number), report.Round.Number
		}
	}
	require.Equal(t, []uint64{9, 8, 3}, rounds)
}

func TestSamplesFollowTheirRounds(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	a, b := hashOf("a"), hashOf("b")
	status := func(word string) samplestypes.Status {
		sample, err := x.Sample(ctx, hashOf(word))
		if errors.Is(err, ErrNotFound) {
			return dropped
		}
		require.NoError(t, err)
		return sample.Status
	}
	history := []struct {
		change func()
		a, b   samplestypes.Status
	}{
		{func() {
			require.NoError(t, x.Change(ctx, SampleSubmitted(entryOf("a", samplestypes.STATUS_QUEUED, 0)), SampleSubmitted(entryOf("b", samplestypes.STATUS_QUEUED, 0))))
		}, samplestypes.STATUS_QUEUED, samplestypes.STATUS_QUEUED},
		{func() { require.NoError(t, x.Change(ctx, ScanBegan([][]byte{a[:], b[:]}, 4))) }, samplestypes.STATUS_SCANNING, samplestypes.STATUS_SCANNING},
		{func() { require.NoError(t, x.Change(ctx, ScanAborted(4, [][]byte{a[:], b[:]}))) }, samplestypes.STATUS_QUEUED, samplestypes.STATUS_QUEUED},
		{func() {
			require.NoError(t, x.Change(ctx, ScanBegan([][]byte{a[:], b[:]}, 5), SampleBlocked(b[:])))
		}, samplestypes.STATUS_SCANNING, samplestypes.STATUS_BLOCKED},
		{func() {
			judge(t, x, roundOf(5, verdictstypes.ROUND_KIND_INITIAL, 2), reportOf("a", verdictstypes.OUTCOME_INVALID), reportOf("b", verdictstypes.OUTCOME_CLEAN))
		}, samplestypes.STATUS_INVALID, samplestypes.STATUS_BLOCKED},
		{func() {
			again := entryOf("a", samplestypes.STATUS_QUEUED, 0)
			again.Sample.SubmittedHeight, again.Sample.SizeBytes = 50, 9
			require.NoError(t, x.Change(ctx, SampleSubmitted(again), SampleExpired(b[:])))
		}, samplestypes.STATUS_QUEUED, dropped},
		{func() { require.NoError(t, x.Change(ctx, ScanBegan([][]byte{a[:]}, 6))) }, samplestypes.STATUS_SCANNING, dropped},
		{func() {
			judge(t, x, roundOf(6, verdictstypes.ROUND_KIND_INITIAL, 1), reportOf("a", verdictstypes.OUTCOME_CLEAN))
		}, samplestypes.STATUS_FINAL, dropped},
		{func() { require.NoError(t, x.Change(ctx, RescanRequested(a[:]), ContributorReplaced(a[:], "other"))) }, samplestypes.STATUS_QUEUED, dropped},
	}
	for i, step := range history {
		for range 2 { // what is done again changes nothing
			step.change()
			require.Equal(t, step.a, status("a"), i)
			require.Equal(t, step.b, status("b"), i)
		}
	}
	sample, err := x.Sample(ctx, a)
	require.NoError(t, err)
	want := entryOf("a", samplestypes.STATUS_QUEUED, 6).Sample
	want.SubmittedHeight, want.SizeBytes, want.Contributor = 50, 9, "other"
	require.Equal(t, want, sample)
}

func TestBrokenJudgementIsNotCounted(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	broken := errors.New("broken")
	reports := func(yield func(verdictstypes.Report, error) bool) {
		for i := range reportsPerTx + 3 {
			if !yield(reportOf(string(rune('a'+i)), verdictstypes.OUTCOME_CLEAN), nil) {
				return
			}
		}
		yield(verdictstypes.Report{}, broken)
	}
	round := roundOf(3, verdictstypes.ROUND_KIND_INITIAL, reportsPerTx+3)
	require.ErrorIs(t, x.AddJudgement(ctx, Judgement{Round: round, Reports: reports}), broken)
	has, err := x.HasRound(ctx, 3)
	require.NoError(t, err)
	require.False(t, has)
	_, err = x.Report(ctx, hashOf("a"), 0)
	require.ErrorIs(t, err, ErrNotFound, "a round is seen whole or not at all")
	statistics, err := x.Statistics(ctx, 7, time.Unix(roundTime, 0))
	require.NoError(t, err)
	require.Zero(t, statistics.Total["judged"])
}

func TestStatisticsAreSumsByDay(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	require.NoError(t, x.Change(ctx, SampleSubmitted(entryOf("a", samplestypes.STATUS_QUEUED, 0)), SampleSubmitted(entryOf("b", samplestypes.STATUS_QUEUED, 0))))
	late := roundOf(7, verdictstypes.ROUND_KIND_RETROSPECTIVE, 1)
	late.FinalTime += 3 * secondsPerDay
	for range 2 {
		judge(t, x, roundOf(5, verdictstypes.ROUND_KIND_INITIAL, 2), reportOf("a", verdictstypes.OUTCOME_MALICIOUS, "X"), reportOf("b", verdictstypes.OUTCOME_CLEAN))
		judge(t, x, late, reportOf("a", verdictstypes.OUTCOME_MALICIOUS, "X"))
	}
	first := Counts{
		"samples_file": 2, "rounds_initial": 1, "judged": 2, "outcomes_malicious": 1, "outcomes_clean": 1,
		"verdicts": 2, "detections": 1, "engines": 1,
	}
	second := Counts{"rounds_retrospective": 1, "judged": 1, "verdicts": 1, "detections": 1, "engines": 1}
	day := roundTime / secondsPerDay
	statistics, err := x.Statistics(ctx, 7, time.Unix(late.FinalTime, 0))
	require.NoError(t, err)
	require.Equal(t, []DayCounts{{day, first}, {day + 3, second}}, statistics.Days)
	require.Equal(t, Counts{
		"samples_file": 2, "rounds_initial": 1, "rounds_retrospective": 1, "judged": 3, "outcomes_malicious": 1, "outcomes_clean": 1,
		"verdicts": 3, "detections": 2, "engines": 1,
	}, statistics.Total)
	statistics, err = x.Statistics(ctx, 1, time.Unix(late.FinalTime, 0))
	require.NoError(t, err)
	require.Equal(t, []DayCounts{{day + 3, second}}, statistics.Days)
}

func TestForgetKeepsWhatOnlyThisNodeKnows(t *testing.T) {
	x := newIndex(t)
	ctx := context.Background()
	s := submissionOf("a")
	s.Name = "a.exe"
	record(t, x, s)
	key := keyOf("a", "alpha")
	require.NoError(t, x.AddAPIKey(ctx, key, 150, AuditEntry{}))
	require.NoError(t, x.Change(ctx, SampleSubmitted(entryOf("a", samplestypes.STATUS_QUEUED, 0))))
	judge(t, x, roundOf(5, verdictstypes.ROUND_KIND_INITIAL, 1), reportOf("a", verdictstypes.OUTCOME_CLEAN))

	want := Progress{Chain: "chain-1", Height: 70, Phase: "rounds", Cursor: []byte{1, 2}, Missing: 3}
	require.NoError(t, x.Forget(ctx, want))
	progress, err := x.Progress(ctx)
	require.NoError(t, err)
	require.Equal(t, want, progress)
	_, err = x.Report(ctx, hashOf("a"), 0)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = x.Sample(ctx, hashOf("a"))
	require.ErrorIs(t, err, ErrNotFound)
	file, err := x.File(ctx, s.MD5[:])
	require.NoError(t, err)
	require.Equal(t, []string{"a.exe"}, file.Names)
	_, err = x.APIKey(ctx, key.Hash)
	require.NoError(t, err)
}
