package command

import (
	"context"
	"fmt"
	"time"

	"github.com/virusmap/virusmap/supernode/chain/light"
)

// Chain blocks take about a second; asking faster shows nothing earlier.
const (
	firstPoll = 500 * time.Millisecond
	lastPoll  = 5 * time.Second
)

type outcome struct {
	outcome    string
	detections string
}

// await polls until the file has an outcome.
func (s *submitter) await(ctx context.Context, result *submission) (outcome, error) {
	limited, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	var last string
	for interval := firstPoll; ; interval = min(interval*5/4, lastPoll) {
		now, state, err := s.poll(limited, result)
		switch {
		case limited.Err() != nil && ctx.Err() == nil:
			return outcome{}, fmt.Errorf("no outcome within %s (%s); see it later with 'virusmap report %s'", s.patience, last, result.SHA256)
		case err != nil:
			return outcome{}, err
		case now.outcome != "":
			return now, nil
		}
		last = state
		select {
		case <-limited.Done():
		case <-time.After(interval):
		}
	}
}

// poll asks by analysis for what was sent, and by hash for what was known.
func (s *submitter) poll(ctx context.Context, result *submission) (outcome, string, error) {
	if result.Analysis == "" {
		ask := s.client.File
		if result.isURL {
			ask = s.client.URL
		}
		file, err := ask(ctx, result.SHA256)
		return outcomeOf(file.Attributes.VirusMap, file.Attributes.LastAnalysisStats), stateOf(file.Attributes.VirusMap), err
	}
	analysis, err := s.client.Analysis(ctx, result.Analysis)
	if err != nil {
		return outcome{}, "", err
	}
	if meta := analysis.Meta.VirusMap; meta.Submission == "refused" {
		return outcome{}, "", fmt.Errorf("the chain refused the file: %s", meta.Reason)
	}
	attributes := analysis.Attributes
	now := outcomeOf(attributes.VirusMap, attributes.Stats)
	if attributes.Status == "completed" && now.outcome == "" {
		return outcome{}, "", fmt.Errorf("the analysis ended without an outcome; the file may have been taken down")
	}
	return now, stateOf(attributes.VirusMap), nil
}

func outcomeOf(chain light.Chain, stats light.Stats) outcome {
	return outcome{chain.Outcome, detections(stats)}
}

func stateOf(chain light.Chain) string {
	if chain.Round == 0 {
		return "queued"
	}
	return fmt.Sprintf("round %d, %s", chain.Round, chain.RoundStatus)
}

// detections says how many of the engines that answered found something.
func detections(stats light.Stats) string {
	var all uint32
	for _, category := range light.Categories {
		all += stats[category]
	}
	return fmt.Sprintf("%d of %d engines", stats["malicious"]+stats["suspicious"], all)
}
