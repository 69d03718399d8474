package indexer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmos/gogoproto/proto"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// changesPerTx bounds the changes of one transaction, so that others need not wait long.
	changesPerTx = 256
	// queriesAtOnce are the records that are asked for at one time.
	queriesAtOnce = 8
	// quietBlocks is after how many blocks without anything the progress is stored. To look
	// at them again is harmless.
	quietBlocks = 100
	hashBytes   = 32
)

// follower is one run over blocks.
type follower struct {
	*Indexer
	stored index.Progress
	// open are the rounds that opened in this run and are not final yet.
	open map[uint64]openRound
	// changes of this block that are not made yet.
	changes []index.SampleChange
	// submitted are samples of this block whose records are not read yet.
	submitted []submission
}

type openRound struct {
	kind    verdictstypes.RoundKind
	members [][]byte
}

type submission struct {
	*samplestypes.EventSubmitted
	entry samplestypes.SampleEntry
}

func (x *Indexer) follow(ctx context.Context, from index.Progress) error {
	x.reach(from.Height)
	f := &follower{Indexer: x, stored: from, open: make(map[uint64]openRound)}
	return x.deps.Chain.Follow(ctx, from.Height+1, f.handle)
}

// handle stores what a block changes, in order, and then that it did. A block that is handed
// over again after a crash in between changes what is missing only.
func (f *follower) handle(ctx context.Context, block chain.Block) error {
	if block.Height <= f.stored.Height {
		return nil
	}
	before := f.stored.Missing
	quiet := true
	err := block.Each(func(event proto.Message) error {
		known, err := f.take(ctx, block, event)
		quiet = quiet && !known
		return err
	})
	if err != nil {
		return err
	}
	next := f.stored
	next.Height = block.Height
	if !quiet || before != next.Missing || block.Height%quietBlocks == 0 {
		if err := f.flush(ctx); err != nil {
			return err
		}
		if err := f.deps.Index.SetProgress(ctx, next); err != nil {
			return err
		}
	}
	f.stored = next
	f.reach(block.Height)
	return nil
}

// take notes what an event changes; known tells that it is about samples or reports.
func (f *follower) take(ctx context.Context, block chain.Block, event proto.Message) (known bool, err error) {
	switch event := event.(type) {
	case *samplestypes.EventSubmitted:
		f.submitted = append(f.submitted, submission{event, samplestypes.SampleEntry{Sha256: event.Sha256, Sample: samplestypes.Sample{
			Kind: event.Kind, Contributor: event.Contributor, Gateway: event.Gateway, Status: samplestypes.STATUS_QUEUED,
			SubmittedHeight: block.Height, SubmittedTime: block.Time.Unix(),
		}}})
		if len(f.submitted) < changesPerTx {
			return true, nil
		}
		return true, f.flush(ctx)
	case *samplestypes.EventContributorReplaced:
		return true, f.change(ctx, index.ContributorReplaced(event.Sha256, event.Contributor))
	case *samplestypes.EventRescanRequested:
		return true, f.change(ctx, index.RescanRequested(event.Sha256))
	case *bountytypes.EventBountyPosted:
		if event.Kind != bountytypes.BOUNTY_KIND_SAMPLE {
			return false, nil
		}
		// x/bounty has a finished sample judged again, without an event of x/samples.
		sha256, err := hex.DecodeString(event.Target)
		if err != nil {
			return false, nil
		}
		return true, f.change(ctx, index.RescanRequested(sha256))
	case *samplestypes.EventBlocked:
		return true, f.change(ctx, index.SampleBlocked(event.Sha256))
	case *samplestypes.EventExpired:
		return true, f.change(ctx, index.SampleExpired(event.Sha256))
	case *verdictstypes.EventRoundOpened:
		return true, f.opened(ctx, event)
	case *verdictstypes.EventRoundVoid:
		return true, f.void(ctx, event.Round)
	case *verdictstypes.EventRoundFinal:
		return true, f.final(ctx, event)
	case *verdictstypes.EventAppealClosed:
		if !event.Overturned {
			return false, nil
		}
		return true, f.appealWon(ctx, event.Sha256)
	}
	return false, nil
}

func (f *follower) change(ctx context.Context, changes ...index.SampleChange) error {
	if err := f.readSubmitted(ctx); err != nil { // what came before them
		return err
	}
	f.changes = append(f.changes, changes...)
	if len(f.changes) < changesPerTx {
		return nil
	}
	return f.flush(ctx)
}

// flush makes the changes that are noted.
func (f *follower) flush(ctx context.Context) error {
	if err := f.readSubmitted(ctx); err != nil {
		return err
	}
	for changes := range slices.Chunk(f.changes, changesPerTx) {
		if err := f.deps.Index.Change(ctx, changes...); err != nil {
			return err
		}
	}
	f.changes = f.changes[:0]
	return nil
}

// readSubmitted turns submissions into changes. The event does not tell the size, which is
// in the record, unless that has expired since.
func (f *follower) readSubmitted(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(queriesAtOnce)
	for i := range f.submitted {
		s := &f.submitted[i]
		group.Go(func() error {
			found, err := f.deps.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(s.Sha256)})
			if status.Code(err) == codes.NotFound {
				return nil
			}
			if err == nil {
				s.entry.Sample.SizeBytes = found.Entry.Sample.SizeBytes
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, s := range f.submitted {
		f.changes = append(f.changes, index.SampleSubmitted(s.entry))
	}
	f.submitted = f.submitted[:0]
	return nil
}

// takesSamples tells whether the members of a round wait for it.
func takesSamples(kind verdictstypes.RoundKind) bool {
	return kind == verdictstypes.ROUND_KIND_INITIAL || kind == verdictstypes.ROUND_KIND_RESCAN
}

func (f *follower) opened(ctx context.Context, event *verdictstypes.EventRoundOpened) error {
	members := slices.Collect(slices.Chunk(event.Members, hashBytes))
	f.open[event.Round] = openRound{event.Kind, members}
	if !takesSamples(event.Kind) {
		return nil
	}
	return f.eachMember(ctx, members, func(some [][]byte) index.SampleChange { return index.ScanBegan(some, event.Round) })
}

func (f *follower) void(ctx context.Context, round uint64) error {
	members := f.open[round].members
	delete(f.open, round)
	if members == nil {
		answer, err := f.deps.Chain.Verdicts().Members(ctx, &verdictstypes.QueryMembersRequest{Round: round})
		if err != nil && status.Code(err) != codes.NotFound {
			return err
		}
		if err == nil {
			members = slices.Collect(slices.Chunk(answer.Hashes, hashBytes))
		}
	}
	return f.eachMember(ctx, members, func(some [][]byte) index.SampleChange { return index.ScanAborted(round, some) })
}

// eachMember makes a change about members in transactions of some.
func (f *follower) eachMember(ctx context.Context, members [][]byte, change func([][]byte) index.SampleChange) error {
	for some := range slices.Chunk(members, changesPerTx) {
		if err := f.flush(ctx); err != nil {
			return err
		}
		f.changes = append(f.changes, change(some))
	}
	return nil
}

// final stores a round with the outcomes that the chain told.
func (f *follower) final(ctx context.Context, event *verdictstypes.EventRoundFinal) error {
	open := f.open[event.Round]
	delete(f.open, event.Round)
	if err := f.flush(ctx); err != nil {
		return err
	}
	outcomes, err := verdictstypes.UnpackColumn(event.Outcomes, int(event.Samples))
	if err != nil {
		return err
	}
	stored, err := f.deps.Index.HasRound(ctx, event.Round)
	if err != nil {
		return err
	}
	if stored { // when the state was read, which was ahead of this block
		if takesSamples(open.kind) && len(open.members) == len(outcomes) {
			f.changes = append(f.changes, index.ScanConcluded(event.Round, open.members, outcomes))
		}
		return nil
	}
	judgement, err := f.read(ctx, event.Round, outcomes, open.members)
	if errors.Is(err, errGone) {
		if open.members == nil {
			return fmt.Errorf("%w: members of round %d", errStateNeeded, event.Round)
		}
		f.log.Warn("the verdicts of a round are gone", "round", event.Round, "error", err)
		f.stored.Missing++
	} else if err != nil {
		return err
	}
	return f.deps.Index.AddJudgement(ctx, judgement)
}

// appealWon lets an outcome stand, which may have been found out before the index began.
func (f *follower) appealWon(ctx context.Context, sha256 []byte) error {
	if err := f.flush(ctx); err != nil {
		return err
	}
	err := f.deps.Index.AppealWon(ctx, sha256)
	if errors.Is(err, index.ErrNotFound) {
		f.log.Warn("an appeal was won whose round is not in the index", "sha256", hex.EncodeToString(sha256))
		return nil
	}
	return err
}
