package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/queue"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	submitterName = "submitter"
	submitBatch   = 100
	submitWait    = 250 * time.Millisecond
)

// Submit brings queued submissions on chain until ctx ends. A submission leaves the
// queue when the chain has a record of it or has refused it for good.
func (g *Gateway) Submit(ctx context.Context) error {
	err := g.deps.Queue.Consume(ctx, SubmissionsSubject, submitterName, submitBatch, submitWait, g.submitMessages)
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("gateway: submitter: %w", err)
}

func (g *Gateway) submitMessages(ctx context.Context, messages []queue.Message) error {
	batch := make([]samplestypes.Submission, 0, len(messages))
	seen := make(map[[32]byte]bool, len(messages))
	for _, message := range messages {
		var submission samplestypes.Submission
		if err := submission.Unmarshal(message.Data); err != nil || len(submission.Sha256) != 32 {
			g.metrics.refused.Inc()
			g.log.Error("a queued submission cannot be read and is dropped", "id", message.ID, "error", err)
			continue
		}
		// The chain takes a hash once per message; of two, the first counts.
		if hash := [32]byte(submission.Sha256); !seen[hash] {
			seen[hash] = true
			batch = append(batch, submission)
		}
	}
	if len(batch) == 0 {
		return nil
	}
	err := g.submitAll(ctx, batch)
	if err != nil {
		g.metrics.retried.Inc()
		g.log.Warn("submissions stay queued", "count", len(batch), "error", err)
	}
	return err
}

// submitAll submits a batch. A refused one is halved until the bad submission is alone.
func (g *Gateway) submitAll(ctx context.Context, batch []samplestypes.Submission) error {
	message := &samplestypes.MsgSubmitSamples{Submitter: g.deps.Chain.Address().String(), Samples: batch}
	_, err := g.deps.Chain.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{message}})
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
