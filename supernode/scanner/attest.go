package scanner

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/virusmap/virusmap/supernode/engine"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// unknown stands where an engine did not tell its version.
const unknown = "unknown"

// attest runs every engine over every member of a round and returns the canonical
// attestation. Whatever is not answered by the deadline is a timeout or failure.
func (s *Scanner) attest(ctx context.Context, round verdictstypes.Round, deadline time.Time) (verdictstypes.Attestation, error) {
	samples, err := s.members(ctx, round.Number)
	if err != nil {
		return verdictstypes.Attestation{}, err
	}
	infos := s.engineInfos(ctx)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	s.prefetch(ctx, samples)

	findings := make([]finding, len(samples))
	var running sync.WaitGroup
	for i, sample := range samples {
		findings[i] = s.unanswered(verdictstypes.CATEGORY_TIMEOUT)
		if s.slots.Acquire(ctx, 1) != nil {
			continue // out of time: the rest stays unanswered
		}
		running.Go(func() {
			defer s.slots.Release(1)
			findings[i] = s.scan(ctx, sample)
		})
	}
	running.Wait()
	return s.assemble(infos, findings), nil
}

// member is a sample of a round with its record.
type member struct {
	sha256 []byte
	record samplestypes.Sample
}

// members reads the members of a round in the order of their hashes.
func (s *Scanner) members(ctx context.Context, round uint64) ([]member, error) {
	response, err := s.Chain.Verdicts().Members(ctx, &verdictstypes.QueryMembersRequest{Round: round})
	if err != nil {
		return nil, err
	}
	if len(response.Hashes)%32 != 0 || len(response.Hashes) > 32*verdictstypes.MaxRoundSamples {
		return nil, fmt.Errorf("round %d: members have %d bytes", round, len(response.Hashes))
	}
	var members []member
	for rest := response.Hashes; len(rest) > 0; rest = rest[32:] {
		hash := rest[:32:32]
		sample, err := s.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(hash)})
		if err != nil {
			return nil, fmt.Errorf("member %x: %w", hash, err)
		}
		members = append(members, member{sha256: hash, record: sample.Entry.Sample})
	}
	return members, nil
}

// engineInfos asks every engine what judges in this round.
func (s *Scanner) engineInfos(ctx context.Context) []engine.Info {
	infos := make([]engine.Info, len(s.Engines))
	for i, e := range s.Engines {
		info, err := e.Info(ctx)
		if err != nil {
			s.Log.Warn("an engine does not tell its version", "engine", info.Name, "error", err)
		}
		if info.Version = verdictstypes.CleanText(info.Version, verdictstypes.MaxVersionBytes); info.Version == "" {
			info.Version = unknown
		}
		info.Name = s.names[i]
		infos[i] = info
	}
	return infos
}

// finding is everything said of one sample.
type finding struct {
	answers  []verdictstypes.Answer // one per engine
	fileType string
}

// unanswered gives all engines the same category.
func (s *Scanner) unanswered(category verdictstypes.Category) finding {
	f := finding{answers: make([]verdictstypes.Answer, len(s.Engines))}
	for i := range f.answers {
		f.answers[i].Category = category
	}
	return f
}

// scan opens a sample and lets every engine judge it.
func (s *Scanner) scan(ctx context.Context, sample member) finding {
	started := time.Now()
	content, category := s.open(ctx, sample)
	if content == nil {
		s.metrics.count(category, len(s.Engines))
		return s.unanswered(category)
	}
	defer s.release(content)
	s.progress.start(sample.sha256, len(s.Engines))
	defer s.progress.end(sample.sha256)

	f := s.unanswered(verdictstypes.CATEGORY_FAILURE)
	var running sync.WaitGroup
	for i, e := range s.Engines {
		running.Go(func() {
			verdict := e.Scan(ctx, content)
			f.answers[i] = verdictstypes.Answer{Category: verdict.Category, Confidence: verdict.Confidence, Label: verdict.Label}
			s.progress.done(sample.sha256)
			s.metrics.count(verdict.Category, 1)
			if verdict.Category == verdictstypes.CATEGORY_FAILURE {
				s.Log.Warn("an engine failed", "engine", s.names[i], "sha256", hex.EncodeToString(sample.sha256), "detail", verdict.Detail)
			}
		})
	}
	running.Go(func() {
		if facts, err := s.Analyser.Analyse(ctx, content); err == nil {
			f.fileType = facts.TypeTag
		}
	})
	running.Wait()
	s.metrics.scan.Observe(time.Since(started).Seconds())
	return f
}

// assemble turns rows into columns.
func (s *Scanner) assemble(infos []engine.Info, findings []finding) verdictstypes.Attestation {
	fileTypes := make([]string, len(findings))
	for i, f := range findings {
		fileTypes[i] = f.fileType
	}
	vectors := make([]verdictstypes.VerdictVector, len(infos))
	for e, info := range infos {
		answers := make([]verdictstypes.Answer, len(findings))
		for i, f := range findings {
			answers[i] = f.answers[e]
		}
		date := int64(0)
		if !info.SignatureTime.IsZero() {
			date = max(info.SignatureTime.Unix(), 0)
		}
		vectors[e] = verdictstypes.NewVerdictVector(info.Name, info.Version, info.SignatureDigest, date, answers)
	}
	return verdictstypes.NewAttestation(vectors, verdictstypes.NewFeatureVector(fileTypes))
}
