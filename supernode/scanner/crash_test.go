package scanner

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

var errKilled = errors.New("the process is dead")

// mortal is the chain as a process sees it that dies around its first message of a kind.
type mortal struct {
	Chain
	kill func()
	at   moment
	once sync.Once
}

// moment is when to die: around a commit or a reveal, before it is sent, when it is on
// its way, or when it is in a block and nobody here knows.
type moment struct {
	reveal       bool
	before, sent bool
}

func (m *mortal) Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	_, commit := tx.Msgs[0].(*verdictstypes.MsgCommitAttestation)
	_, reveal := tx.Msgs[0].(*verdictstypes.MsgRevealAttestation)
	if (m.at.reveal && !reveal) || (!m.at.reveal && !commit) {
		return m.Chain.Broadcast(ctx, tx)
	}
	m.once.Do(func() {
		switch {
		case m.at.before:
		case m.at.sent:
			go func() { _, _ = m.Chain.Broadcast(context.WithoutCancel(ctx), tx) }()
		default:
			_, _ = m.Chain.Broadcast(ctx, tx)
		}
		m.kill()
	})
	return nil, errKilled
}

func TestCrashAtAnyStepGivesOneAnswer(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]moment{
		"before the commit is sent":      {before: true},
		"while the commit is on its way": {sent: true},
		"when the commit is in a block":  {},
		"before the reveal is sent":      {reveal: true, before: true},
		"while the reveal is on its way": {reveal: true, sent: true},
		"when the reveal is in a block":  {reveal: true},
	} {
		t.Run(name, func(t *testing.T) {
			f, v := newFixture(t, 1, rules{commit: 100, reveal: 100}), offline(t)
			o := f.operator(0, v, numbering("E"))
			first := o.startOn(func(c Chain, kill func()) Chain { return &mortal{Chain: c, kill: kill, at: at} })
			f.engines(o.account, "E")
			sample := f.seal(v, "sample")
			f.submit(sample)
			first.wait()

			o.start()
			report := f.report(sample)
			require.EqualValues(t, 1, report.Round.Number)
			require.Equal(t, "Scan-1", report.Verdicts[0].Label, "what was journalled, not another scan")
			committed, revealed := f.attested(o.account)
			require.Equal(t, []uint64{1}, committed)
			require.Equal(t, []uint64{1}, revealed)
		})
	}
}

func TestCrashWhileScanningLeavesNoAnswer(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 100}), offline(t)
	var kill func()
	var once sync.Once
	o := f.operator(0, v, numbering("E"), scripted{"Killer", func(context.Context, *engine.Content) engine.Verdict {
		once.Do(func() { kill() })
		return engine.Verdict{Category: verdictstypes.CATEGORY_UNDETECTED}
	}})
	first := o.startOn(func(c Chain, k func()) Chain {
		kill = k
		return c
	})
	f.engines(o.account, "E", "Killer")
	sample := f.seal(v, "sample")
	f.submit(sample)
	first.wait()
	committed, _ := f.attested(o.account)
	require.Empty(t, committed)

	o.start()
	report := f.report(sample)
	require.EqualValues(t, 1, report.Round.Number)
	require.Equal(t, "Scan-2", report.Verdicts[0].Label)
}

// The second seat is empty, so that the round still takes commits when the journal is gone.
func TestLostJournalGivesNoSecondAnswer(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 2, rules{commit: 20, reveal: 5}), offline(t)
	o := f.operator(0, v, numbering("E"))
	first := o.startOn(func(c Chain, kill func()) Chain { return &mortal{Chain: c, kill: kill} })
	f.engines(o.account, "E")
	sample := f.seal(v, "sample")
	f.submit(sample)
	first.wait()
	require.NoError(t, os.RemoveAll(o.cfg.Dir))

	o.start()
	report := f.report(sample)
	require.EqualValues(t, 2, report.Round.Number, "the first round is void")
	require.Equal(t, "Scan-2", report.Verdicts[0].Label, "the first round was not scanned again")
	committed, revealed := f.attested(o.account)
	require.Equal(t, []uint64{1, 2}, committed)
	require.Equal(t, []uint64{2}, revealed)
}

// distracted takes the node away when a message is due.
type distracted struct {
	Chain
	away func()
	once sync.Once
}

func (d *distracted) Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	if tx.Free {
		d.once.Do(d.away)
	}
	return d.Chain.Broadcast(ctx, tx)
}

func TestNodeThatIsAwayIsWaitedFor(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 100}), offline(t)
	o := f.operator(0, v, numbering("E"))
	gone := make(chan struct{})
	o.startOn(func(c Chain, _ func()) Chain {
		return &distracted{Chain: c, away: func() {
			f.node.Stop()
			close(gone)
		}}
	})
	f.engines(o.account, "E")
	back := make(chan struct{})
	go func() {
		defer close(back)
		<-gone
		f.node.Start()
	}()
	sample := f.seal(v, "sample")
	f.submit(sample) // may have to wait for the node as well
	<-back

	report := f.report(sample)
	require.EqualValues(t, 1, report.Round.Number)
	require.Equal(t, "Scan-1", report.Verdicts[0].Label)
	committed, _ := f.attested(o.account)
	require.Equal(t, []uint64{1}, committed)
}

// Nothing tells of the round when the blocks with its events are gone, but its state.
func TestRoundIsTakenUpAgainWhenItsBlocksArePruned(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 500, keep: 20}), offline(t)
	o := f.operator(0, v, numbering("E"))
	first := o.startOn(func(c Chain, kill func()) Chain { return &mortal{Chain: c, kill: kill} })
	f.engines(o.account, "E")
	sample := f.seal(v, "sample")
	f.submit(sample)
	first.wait()
	died := f.node.App.LastBlockHeight()
	f.eventually("pruning", func() bool {
		head, err := f.gateway.Status(t.Context())
		return err == nil && head.EarliestHeight > died+1
	})

	p := o.start()
	report := f.report(sample)
	require.EqualValues(t, 1, report.Round.Number)
	require.Equal(t, "Scan-1", report.Verdicts[0].Label)
	waitArchived(f, p, 1)
	next := f.seal(v, "next sample")
	f.submit(next)
	require.Equal(t, "Scan-2", f.report(next).Verdicts[0].Label, "and blocks are followed again")
}

// An answer to a round that ended unseen would keep its engines from being retired.
func TestRoundThatEndedUnseenIsForgotten(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 5, keep: 20}), offline(t)
	o := f.operator(0, v, detecting("Old"))
	first := o.startOn(func(c Chain, kill func()) Chain { return &mortal{Chain: c, kill: kill} })
	f.engines(o.account, "Old")
	f.submit(f.seal(v, "sample"))
	first.wait()
	f.eventually("the end of the round and of its blocks", func() bool {
		round, err := f.gateway.Verdicts().Round(t.Context(), &verdictstypes.QueryRoundRequest{Number: 1})
		if err != nil || round.Round.Status != verdictstypes.ROUND_STATUS_VOID {
			return false
		}
		head, err := f.gateway.Status(t.Context())
		return err == nil && head.EarliestHeight > round.Round.FinalHeight
	})

	o.deps.Engines = []engine.Engine{detecting("New")}
	o.start()
	f.engines(o.account, "New")
}
