package gateway

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/queue"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	submitterName = "submitter"
	// submitBatch of two full messages makes up for the block that their claims take.
	submitBatch = 2 * perMessage
	submitWait  = 250 * time.Millisecond
	// perMessage is how many submissions, or claims, the chain takes in one message.
	perMessage = 100
)

// Submit brings queued submissions on chain until ctx ends, those of higher channels first.
// A submission leaves the
// queue when the chain has a record of it or has refused it for good.
func (g *Gateway) Submit(ctx context.Context) error {
	err := g.deps.Queue.ConsumeRanked(ctx, g.cfg.Channels.lanes(), submitBatch, g.submitWait, g.submitMessages)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("gateway: submitter: %w", err)
}

func (g *Gateway) submitMessages(ctx context.Context, messages []queue.Message) error {
	submissions, again := g.readSubmissions(messages)
	err := g.bringOnChain(ctx, submissions, again)
	if err != nil {
		g.metrics.retried.Inc()
		g.log.Warn("submissions stay queued", "count", len(submissions), "error", err)
	}
	return err
}

// readSubmissions decodes messages and tells whether any of them was delivered before.
func (g *Gateway) readSubmissions(messages []queue.Message) (submissions []samplestypes.Submission, again bool) {
	for _, message := range messages {
		var submission samplestypes.Submission
		if err := submission.Unmarshal(message.Data); err != nil || len(submission.Sha256) != 32 {
			g.metrics.refused.Inc()
			g.log.Error("a queued submission cannot be read and is dropped", "id", message.ID, "error", err)
			continue
		}
		submissions = append(submissions, submission)
		again = again || message.Deliveries > 1
	}
	return submissions, again
}

// bringOnChain claims submissions and then submits them.
func (g *Gateway) bringOnChain(ctx context.Context, submissions []samplestypes.Submission, again bool) error {
	if err := g.claim(ctx, submissions, again); err != nil {
		return err
	}
	for len(submissions) > 0 {
		var batch []samplestypes.Submission
		batch, submissions = distinct(submissions)
		if err := g.submitAll(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// distinct takes the first submission of each hash, because the chain takes a hash once per
// message. A later one may open an older claim.
func distinct(submissions []samplestypes.Submission) (batch, rest []samplestypes.Submission) {
	seen := make(map[[32]byte]bool, len(submissions))
	for _, submission := range submissions {
		if hash := [32]byte(submission.Sha256); seen[hash] {
			rest = append(rest, submission)
		} else {
			seen[hash] = true
			batch = append(batch, submission)
		}
	}
	return batch, rest
}

// submitAll submits a batch. A refused one is halved until the bad submission is alone.
func (g *Gateway) submitAll(ctx context.Context, batch []samplestypes.Submission) error {
	var tx chain.Tx
	for some := range slices.Chunk(batch, perMessage) {
		tx.Msgs = append(tx.Msgs, &samplestypes.MsgSubmitSamples{Submitter: g.deps.Chain.Address().String(), Samples: some})
	}
	_, err := g.deps.Chain.Broadcast(ctx, tx)
	switch {
	case err == nil:
		return g.noteOnChain(ctx, batch)
	case !refusedForGood(err):
		return err
	case len(batch) == 1:
		return g.noteRefused(ctx, batch[0], err)
	}
	half := len(batch) / 2
	return errors.Join(g.submitAll(ctx, batch[:half]), g.submitAll(ctx, batch[half:]))
}

func (g *Gateway) noteOnChain(ctx context.Context, batch []samplestypes.Submission) error {
	hashes := make([][32]byte, len(batch))
	for i, submission := range batch {
		hashes[i] = [32]byte(submission.Sha256)
	}
	g.intake.results.Lock()
	defer g.intake.results.Unlock()
	if err := g.deps.Index.MarkOnChain(ctx, hashes); err != nil {
		return err
	}
	g.metrics.submitted.Add(float64(len(batch)))
	return nil
}

// noteRefused sets a submission aside, with the reason, where its uploader sees it.
func (g *Gateway) noteRefused(ctx context.Context, submission samplestypes.Submission, reason error) error {
	data, err := submission.Marshal()
	if err != nil {
		return err
	}
	g.intake.results.Lock()
	defer g.intake.results.Unlock()
	hash := [32]byte(submission.Sha256)
	g.log.Error("the chain refused a submission", "sha256", fmt.Sprintf("%x", hash), "reason", reason)
	if err := g.deps.Index.Refuse(ctx, index.Refusal{
		SHA256: hash, Reason: reason.Error(), Submission: data, Refused: time.Now().Unix(),
	}); err != nil {
		return err
	}
	g.metrics.refused.Inc()
	return nil
}
