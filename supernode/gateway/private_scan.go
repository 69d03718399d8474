package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/private"
	"github.com/virusmap/virusmap/supernode/queue"
	"github.com/virusmap/virusmap/supernode/scanner"
)

// privateName names the queue of this supernode's private scans and its consumer: in a
// queue that several share, no other one has the contents.
func (g *Gateway) privateName() string {
	return "private-" + hex.EncodeToString(g.deps.Private.Tag("supernode", nil)[:8])
}

func (g *Gateway) privateSubject() string { return g.privateName() }

// queuePrivate has an analysis done; of the file the queue holds nothing but its random id.
func (g *Gateway) queuePrivate(ctx context.Context, analysis string) error {
	err := g.deps.Queue.Publish(ctx, g.privateSubject(), analysis, nil)
	if errors.Is(err, queue.ErrFull) {
		return errQueueFull
	}
	return err
}

// ScanPrivate scans what was sent on the private lane until ctx ends.
func (g *Gateway) ScanPrivate(ctx context.Context) error {
	waiting, err := g.deps.Index.WaitingPrivateAnalyses(ctx)
	if err != nil {
		return fmt.Errorf("gateway: private lane: %w", err)
	}
	// A crash may have come between the index and the queue, which knows what it has.
	for _, analysis := range waiting {
		if err := g.queuePrivate(ctx, analysis.ID); err != nil {
			return fmt.Errorf("gateway: private lane: %w", err)
		}
	}
	err = g.deps.Queue.Consume(ctx, g.privateSubject(), g.privateName(), 1, 0, func(ctx context.Context, messages []queue.Message) error {
		return g.scanPrivate(ctx, messages[0].ID)
	})
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("gateway: private lane: %w", err)
}

// scanPrivate does one analysis, unless its file was deleted meanwhile.
func (g *Gateway) scanPrivate(ctx context.Context, id string) error {
	analysis, err := g.deps.Index.PrivateAnalysis(ctx, id)
	if isNotFound(err) || analysis.Done > 0 {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := g.deps.Index.PrivateFileByID(ctx, analysis.File)
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	content, err := g.deps.Private.Open(file.ID)
	if errors.Is(err, private.ErrNotFound) {
		return nil // it is being deleted
	}
	if err != nil {
		return err
	}
	findings, err := g.deps.ScanPrivate(ctx, content, file.Size)
	if err := errors.Join(err, content.Close()); err != nil {
		return err
	}
	sealed, err := g.sealRecord(g.resultsOf(findings))
	if err != nil {
		return err
	}
	return g.deps.Index.FinishPrivateAnalysis(ctx, id, g.now().Unix(), sealed)
}

// resultsOf are findings as VirusTotal has them. Nothing of them is attested.
func (g *Gateway) resultsOf(findings []scanner.Finding) light.Results {
	results := make(light.Results, len(findings))
	for _, f := range findings {
		result := light.EngineResult{
			Category: light.CategoryName(f.Verdict.Category), EngineName: f.Info.Name, EngineVersion: f.Info.Version,
			Method: f.Info.Method, Confidence: uint32(f.Verdict.Confidence), Operator: g.cfg.Operator, Engine: f.Info.Name,
			SignatureDigest: hex.EncodeToString(f.Info.SignatureDigest),
		}
		if !f.Info.SignatureTime.IsZero() {
			result.EngineUpdate = f.Info.SignatureTime.UTC().Format("20060102")
		}
		if f.Verdict.Label != "" {
			result.Label = &f.Verdict.Label
		}
		results[f.Info.Name] = result
	}
	return results
}

func isNotFound(err error) bool { return errors.Is(err, index.ErrNotFound) }
