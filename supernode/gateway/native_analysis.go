package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/index"
)

const (
	// watchInterval is how often a watched analysis is looked at; the views behind it are
	// shared by all who look.
	watchInterval = time.Second
	// watchTime is how long one call watches. Rounds take minutes; who waits for longer
	// calls again.
	watchTime = 15 * time.Minute
)

// GetAnalysis answers how far an analysis is.
func (n native) GetAnalysis(ctx context.Context, in *nodev1.GetAnalysisRequest) (*nodev1.Analysis, error) {
	if _, err := shortID(in.Id, maxAnalysisID); err != nil {
		return nil, notFound("Analysis not found")
	}
	analysis, err := n.deps.Index.Analysis(ctx, in.Id)
	if errors.Is(err, index.ErrNotFound) {
		return nil, notFound("Analysis %q not found", in.Id)
	}
	if err != nil {
		return nil, n.callError(err)
	}
	file, err := n.deps.Index.File(ctx, analysis.SHA256[:])
	if err != nil {
		return nil, n.callError(err)
	}
	v, err := n.look(ctx, analysis.SHA256)
	if err != nil {
		n.log.Warn("an analysis is answered without the chain", "id", in.Id, "error", err)
		v = &view{}
	}
	submission, err := n.submissionOf(ctx, file, v)
	if err != nil {
		return nil, n.callError(err)
	}
	answer, err := n.nativeAnalysis(analysis, v)
	if err != nil {
		return nil, n.callError(err)
	}
	answer.Submission, answer.Reason = submission.VirusMap.Submission, textOrNil(submission.VirusMap.Reason)
	return answer, nil
}

func (g *Gateway) nativeAnalysis(analysis index.Analysis, v *view) (*nodev1.Analysis, error) {
	progress := g.progressOf(analysis, v)
	answer := &nodev1.Analysis{
		Id: analysis.ID, Sha256: hex.EncodeToString(analysis.SHA256[:]),
		Status: progress.Status, Created: analysis.Created,
	}
	if v.report == nil || progress.VirusMap.Round == 0 { // there is none yet, or it is of an earlier submission
		return answer, nil
	}
	answer.Round, answer.Outcome = nativeRound(v.report), outcomeOf(v.report)
	if progress.Status != statusCompleted {
		return answer, nil
	}
	var err error
	answer.Verdicts, err = nativeVerdicts(v.report.results)
	answer.Stats = v.report.stats
	return answer, err
}

// WatchAnalysis sends an analysis whenever it has changed, until it is completed.
func (n native) WatchAnalysis(in *nodev1.WatchAnalysisRequest, stream grpc.ServerStreamingServer[nodev1.Analysis]) error {
	leave, err := n.watchers.enter(string(clientOfCall(stream.Context()).source))
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(stream.Context(), watchTime)
	defer cancel()
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	var last *nodev1.Analysis
	for {
		now, err := n.GetAnalysis(ctx, &nodev1.GetAnalysisRequest{Id: in.Id})
		if err != nil {
			return err
		}
		if !proto.Equal(now, last) {
			if err := stream.Send(now); err != nil {
				return err
			}
			last = now
		}
		if now.Status == statusCompleted || now.Submission == submissionRefused {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // the client has left, or has watched for long enough
		case <-tick.C:
		}
	}
}
