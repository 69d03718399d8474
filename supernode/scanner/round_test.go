package scanner

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestRoundFromSubmissionToReport(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	o := f.operator(0, v, detecting("First"), detecting("Second"))
	var opened atomic.Int64
	o.deps.Opened = func(content *engine.Content) {
		head := make([]byte, content.Size)
		if n, _ := content.File.ReadAt(head, 0); int64(n) == content.Size { // it is still open
			opened.Add(1)
		}
	}
	o.start()
	clean, evil, empty := f.seal(v, "#!/bin/sh\necho hello\n"), f.seal(v, "evil thing"), f.seal(v, "")
	f.submit(clean, evil, empty)

	report := f.report(evil)
	require.Equal(t, verdictstypes.OUTCOME_MALICIOUS, report.Outcome)
	require.Equal(t, "text", report.FileType)
	require.Len(t, report.Verdicts, 2)
	for i, name := range []string{"First", "Second"} {
		verdict := report.Verdicts[i]
		require.Equal(t, name, verdict.Engine)
		require.Equal(t, "1.2.3", verdict.Version)
		require.Equal(t, make([]byte, 32), verdict.SignatureDigest)
		require.Equal(t, verdictstypes.CATEGORY_MALICIOUS, verdict.Category)
		require.EqualValues(t, 15, verdict.Confidence)
		require.Equal(t, "Test."+name, verdict.Label)
	}
	report = f.report(clean)
	require.Equal(t, verdictstypes.OUTCOME_CLEAN, report.Outcome)
	require.Equal(t, "shell", report.FileType)
	require.Empty(t, report.Verdicts[0].Label)
	require.Equal(t, verdictstypes.OUTCOME_CLEAN, f.report(empty).Outcome)
	require.Eventually(t, func() bool { return opened.Load() == 3 }, 10*time.Second, 10*time.Millisecond)
}

// Each holds the ciphertexts of what it was given; the other fetches them.
func TestTwoSupernodesShareARound(t *testing.T) {
	t.Parallel()
	f, swarm := newFixture(t, 2, rules{commit: 100, reveal: 50, grace: 100}), vault.NewSwarmKey()
	first := openVault(t, vault.Config{SwarmKey: swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}})
	second := openVault(t, vault.Config{SwarmKey: swarm, Listen: []string{"/ip4/127.0.0.1/tcp/0"}, Peers: first.Addrs()})
	a, b := f.operator(0, first, detecting("E")), f.operator(1, second, detecting("E"))
	a.start()
	b.start()
	f.engines(a.account, "E")
	f.engines(b.account, "E")
	here, there := f.seal(first, "evil one"), f.seal(second, "evil two")
	f.submit(here, there)

	for _, report := range []verdictstypes.Report{f.report(here), f.report(there)} {
		require.Equal(t, verdictstypes.OUTCOME_MALICIOUS, report.Outcome)
		require.EqualValues(t, 2, report.Round.Attestations)
		require.Len(t, report.Verdicts, 2)
		require.Equal(t, "Test.E", report.Verdicts[0].Label)
		require.Equal(t, "Test.E", report.Verdicts[1].Label)
	}
}

func TestEngineThatGivesNoAnswerDoesNotCostTheRound(t *testing.T) {
	t.Parallel()
	end := make(chan struct{})
	defer close(end)
	slow := scripted{"Slow", func(ctx context.Context, _ *engine.Content) engine.Verdict {
		<-ctx.Done()
		return engine.Verdict{Category: verdictstypes.CATEGORY_TIMEOUT}
	}}
	stuck := scripted{"Stuck", func(context.Context, *engine.Content) engine.Verdict {
		<-end // against the contract
		return engine.Verdict{Category: verdictstypes.CATEGORY_MALICIOUS, Label: "Too.Late"}
	}}
	lying := scripted{"Lying", func(context.Context, *engine.Content) engine.Verdict {
		return engine.Verdict{Category: verdictstypes.CATEGORY_UNDECRYPTABLE}
	}}
	f, v := newFixture(t, 1, rules{commit: 15, reveal: 50}), offline(t)
	f.operator(0, v, detecting("Fast"), slow, stuck, lying).start()
	evil := f.seal(v, "evil thing")
	f.submit(evil)

	report := f.report(evil)
	require.EqualValues(t, 1, report.Round.Number, "the commit came in time")
	verdicts := map[string]verdictstypes.EngineVerdict{}
	for _, verdict := range report.Verdicts {
		verdicts[verdict.Engine] = verdict
	}
	require.Equal(t, "Test.Fast", verdicts["Fast"].Label)
	require.Equal(t, verdictstypes.CATEGORY_TIMEOUT, verdicts["Slow"].Category)
	require.Equal(t, verdictstypes.CATEGORY_TIMEOUT, verdicts["Stuck"].Category)
	require.Empty(t, verdicts["Stuck"].Label)
	require.Equal(t, verdictstypes.CATEGORY_FAILURE, verdicts["Lying"].Category)
}

func TestVaultKeyIsPublishedOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 2, rules{commit: 50, reveal: 50, grace: 5})
	first, second := f.operator(0, offline(t), detecting("E")), f.operator(1, offline(t), detecting("E"))
	first.start()
	second.start()
	require.Equal(t, first.account, f.vaultKey().Maker)
	f.eventually("the second one's turn", func() bool { return f.node.App.LastBlockHeight() > 10 })
	require.Len(t, events[*supernodetypes.EventVaultKeyPublished](f), 1)
}

func TestVaultKeyIsPublishedByTheNextRank(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 2, rules{commit: 15, reveal: 50, grace: 8}), offline(t)
	second := f.operator(1, v, detecting("E"))
	second.start()
	key := f.vaultKey()
	require.Equal(t, second.account, key.Maker)
	require.GreaterOrEqual(t, key.Height, int64(8))
	f.engines(second.account, "E")
	evil := f.seal(v, "evil thing")
	f.submit(evil)
	require.Equal(t, verdictstypes.OUTCOME_MALICIOUS, f.report(evil).Outcome, "its key opens samples")
}
