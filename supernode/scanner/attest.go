package scanner

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxAttestationBytes leaves room for the rest of a reveal, which as a transaction
// without fee may have 1 MiB.
const maxAttestationBytes = 1<<20 - 16<<10

// attest runs every engine over every member of a round and returns the canonical
// attestation. Whatever is not answered by the deadline is a timeout.
func (s *Scanner) attest(ctx context.Context, round verdictstypes.Round, deadline time.Time) (verdictstypes.Attestation, error) {
	urgent := urgencyOf(round)
	members, err := s.members(ctx, round)
	if err != nil {
		return verdictstypes.Attestation{}, err
	}
	timed, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	infos, hunt := s.engineInfos(timed), s.beginHunt(timed, round)
	findings := make([]finding, len(members))
	for i := range findings {
		findings[i] = s.unanswered(verdictstypes.CATEGORY_TIMEOUT)
	}
	var running sync.WaitGroup
	for m := range s.fetched(timed, urgent, members) {
		if s.gates.slots.acquire(timed, urgent, 1) != nil {
			break // out of time
		}
		running.Go(func() { findings[m.index] = s.scan(timed, urgent, m) })
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return verdictstypes.Attestation{}, err // stopped, which is nobody's timeout
	}
	for _, f := range findings {
		s.metrics.count(f)
	}
	attestation := assemble(infos, findings)
	s.match(timed, urgent, hunt, members, findings, &attestation.Features)
	return attestation, ctx.Err()
}

// finding is everything said of one sample.
type finding struct {
	answers  []verdictstypes.Answer // one per engine
	fileType string
	opened   bool
	keys     *verdictstypes.SimilarityKeys // of what an engine saw malice in, else nil
}

// unanswered gives all engines the same category.
func (s *Scanner) unanswered(category verdictstypes.Category) finding {
	f := finding{answers: make([]verdictstypes.Answer, len(s.Engines))}
	for i := range f.answers {
		f.answers[i].Category = category
	}
	return f
}

// scan opens a sample and lets every engine judge it. It returns when ctx ends even if
// an engine does not, and gives the slot back when the last engine is done.
func (s *Scanner) scan(ctx context.Context, urgent urgency, m *member) finding {
	started := time.Now()
	content, err := s.open(ctx, urgent, m)
	if err != nil {
		s.gates.slots.release(1)
		return s.unanswered(s.blame(ctx, m, err))
	}
	said := make(chan func(*finding), len(s.Engines)+2) // holds all, so that nobody waits to be heard
	var running sync.WaitGroup
	var malice sync.Once
	fingerprint := func() {
		if keys := s.fingerprint(ctx, content); keys != nil {
			said <- func(f *finding) { f.keys = keys }
		}
	}
	for i, e := range s.Engines {
		running.Go(func() {
			answer := s.judge(ctx, i, e, content)
			said <- func(f *finding) { f.answers[i] = answer }
			if verdictstypes.SeesMalice(answer.Category) {
				malice.Do(fingerprint)
			}
		})
	}
	running.Go(func() {
		// Without facts the type is unknown, which is not worth more than that.
		facts, _ := s.Analyser.Analyse(ctx, content)
		said <- func(f *finding) { f.fileType = facts.TypeTag }
	})
	go func() {
		running.Wait()
		close(said)
		if s.Opened != nil {
			s.Opened(content)
		}
		s.release(content)
		s.gates.slots.release(1)
	}()
	f := s.unanswered(verdictstypes.CATEGORY_TIMEOUT)
	f.opened = true
	listen(ctx, said, &f)
	s.metrics.scan.Observe(time.Since(started).Seconds())
	return f
}

// fingerprint computes the keys of a sample. Where that fails there are none, which is
// all that others could learn from it.
func (s *Scanner) fingerprint(ctx context.Context, content *engine.Content) *verdictstypes.SimilarityKeys {
	features, err := s.Analyser.Fingerprint(ctx, content)
	if err != nil {
		s.Log.Warn("a sample has no similarity keys", "sha256", hex.EncodeToString(content.SHA256[:]), "error", err)
		return nil
	}
	return &features.Keys
}

// listen applies what is said until everybody has spoken or ctx ends.
func listen(ctx context.Context, said <-chan func(*finding), f *finding) {
	for {
		select {
		case apply, more := <-said:
			if !more {
				return
			}
			apply(f)
		case <-ctx.Done():
			for len(said) > 0 {
				(<-said)(f)
			}
			return
		}
	}
}

// judge asks one engine. Only opening the sample can find it undecryptable, so no
// engine may say that, nor anything else a vector cannot hold.
func (s *Scanner) judge(ctx context.Context, i int, e engine.Engine, content *engine.Content) verdictstypes.Answer {
	verdict := e.Scan(ctx, content)
	if verdict.Category < verdictstypes.CATEGORY_HARMLESS || verdict.Category > verdictstypes.CATEGORY_FAILURE {
		verdict = engine.Verdict{Category: verdictstypes.CATEGORY_FAILURE, Detail: "category " + verdict.Category.String()}
	}
	if verdict.Category == verdictstypes.CATEGORY_FAILURE {
		s.Log.Warn("an engine failed", "engine", s.names[i], "sha256", hex.EncodeToString(content.SHA256[:]), "detail", verdict.Detail)
	}
	return verdictstypes.Answer{Category: verdict.Category, Confidence: verdict.Confidence, Label: verdict.Label}
}

// assemble turns rows into columns. Labels are cut as far as it takes to reveal them;
// without any, the keys of a full round fit beside the columns of all engines.
func assemble(infos []engine.Info, findings []finding) verdictstypes.Attestation {
	for labelBytes := verdictstypes.MaxLabelBytes; ; labelBytes /= 2 {
		attestation := columns(infos, findings, labelBytes)
		if labelBytes == 0 || attestation.Size()+maxMatchBytes <= maxAttestationBytes {
			return attestation
		}
	}
}

func columns(infos []engine.Info, findings []finding, labelBytes int) verdictstypes.Attestation {
	fileTypes := make([]string, len(findings))
	for i, f := range findings {
		fileTypes[i] = f.fileType
	}
	vectors := make([]verdictstypes.VerdictVector, len(infos))
	for e, info := range infos {
		answers := make([]verdictstypes.Answer, len(findings))
		for i, f := range findings {
			answers[i] = f.answers[e]
			answers[i].Label = verdictstypes.CleanText(answers[i].Label, labelBytes)
		}
		digest, date := info.SignatureDigest, int64(0)
		if len(digest) != 32 {
			digest = nil
		}
		if !info.SignatureTime.IsZero() {
			date = max(info.SignatureTime.Unix(), 0)
		}
		vectors[e] = verdictstypes.NewVerdictVector(info.Name, info.Version, digest, date, answers)
	}
	features := verdictstypes.NewFeatureVector(fileTypes)
	for i, f := range findings {
		if f.keys != nil {
			features.KeySample(uint32(i), *f.keys)
		}
	}
	return verdictstypes.NewAttestation(vectors, features)
}
