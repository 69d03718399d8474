package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/chain/light"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// GetReport answers the newest report of a sample, or that of one round.
func (n native) GetReport(ctx context.Context, in *nodev1.GetReportRequest) (*nodev1.Report, error) {
	sha256, local, err := n.resolve(ctx, in.Id)
	if err != nil {
		return nil, err
	}
	v, err := n.look(ctx, sha256)
	if err != nil {
		return nil, n.callError(err)
	}
	if in.Round != 0 {
		if v, err = n.viewOfRound(ctx, sha256, v, in.Round); err != nil {
			return nil, n.callError(err)
		}
	} else if local == nil && v.sample == nil && v.report == nil {
		return nil, notFound("sample %.64q not found", in.Id)
	}
	report := &nodev1.Report{
		Sample:     n.nativeSample(sha256, v, local),
		Provenance: &nodev1.Provenance{ChainId: n.cfg.ChainID},
	}
	if v.report != nil {
		if err := fillReport(report, v.report); err != nil {
			return nil, n.callError(err)
		}
	}
	return report, nil
}

// viewOfRound replaces the report of a view by that of another round.
func (g *Gateway) viewOfRound(ctx context.Context, sha256 [32]byte, v *view, round uint64) (*view, error) {
	report, known := g.reports.finished.Get(finishedKey{sha256, round})
	if !known {
		ctx, cancel := context.WithTimeout(ctx, queryTimeout)
		defer cancel()
		var err error
		if report, err = g.readReport(ctx, sha256, round); err != nil {
			return nil, err
		}
	}
	if report == nil {
		return nil, notFound("round %d has not judged sample %x", round, sha256)
	}
	return &view{sample: v.sample, report: report, read: v.read}, nil
}

// resolve finds the SHA-256 that a hash stands for, and what this node saw of the sample,
// which may be nothing.
func (g *Gateway) resolve(ctx context.Context, id string) (sha256 [32]byte, local *index.File, err error) {
	hash, err := parseHash(strings.ToLower(id))
	if err != nil {
		return sha256, nil, invalidArgument("id: %.80q is not an MD5, SHA-1 or SHA-256 in hex", id)
	}
	file, err := g.deps.Index.File(ctx, hash)
	switch {
	case err == nil:
		return file.SHA256, &file, nil
	case !errors.Is(err, index.ErrNotFound):
		return sha256, nil, g.callError(err)
	case len(hash) != len(sha256):
		return sha256, nil, notFound("sample %q not found", id)
	}
	return [32]byte(hash), nil, nil
}

func fillReport(report *nodev1.Report, r *report) error {
	report.Round = nativeRound(r)
	report.Outcome = outcomeOf(r)
	verdicts, err := nativeVerdicts(r.results)
	if err != nil {
		return err
	}
	report.Verdicts, report.Stats = verdicts, r.stats
	p := report.Provenance
	if r.height != 0 {
		p.Height = &r.height
	}
	p.MembersRoot, p.AttestationsRoot = hexOrNil(r.round.MembersRoot), hexOrNil(r.round.AttestationsRoot)
	return nil
}

func nativeRound(r *report) *nodev1.Round {
	round := &nodev1.Round{
		Number:       r.round.Number,
		Kind:         lowerName(r.round.Kind, "ROUND_KIND_"),
		Status:       light.RoundStatusName(r.round.Status),
		Epoch:        r.round.Epoch,
		Seats:        r.round.Seats,
		Attestations: r.round.Attestations,
		OpenedHeight: r.round.OpenedHeight,
	}
	if r.final() {
		round.FinalHeight, round.FinalTime = &r.round.FinalHeight, &r.round.FinalTime
	}
	return round
}

// outcomeOf is nil before the end of the round.
func outcomeOf(r *report) *string {
	if r == nil || !r.final() {
		return nil
	}
	outcome := light.OutcomeName(r.outcome)
	return &outcome
}

// nativeVerdicts gives the entries of a report in the order of their names.
func nativeVerdicts(encoded json.RawMessage) ([]*nodev1.Verdict, error) {
	if encoded == nil {
		return nil, nil
	}
	var results light.Results
	if err := json.Unmarshal(encoded, &results); err != nil {
		return nil, fmt.Errorf("read results: %w", err)
	}
	verdicts := make([]*nodev1.Verdict, 0, len(results))
	for name, r := range results {
		verdicts = append(verdicts, &nodev1.Verdict{
			Name: name, Category: r.Category, Label: r.Label, Confidence: r.Confidence,
			Operator: r.Operator, Engine: r.Engine, Version: r.EngineVersion,
			SignatureDate: textOrNil(r.EngineUpdate), SignatureDigest: textOrNil(r.SignatureDigest),
		})
	}
	slices.SortFunc(verdicts, func(a, b *nodev1.Verdict) int { return strings.Compare(a.Name, b.Name) })
	return verdicts, nil
}

// nativeSample joins what the chain and this node know of a sample.
func (g *Gateway) nativeSample(sha256 [32]byte, v *view, local *index.File) *nodev1.Sample {
	attributes := g.attributesOf(sha256, v, local)
	sample := &nodev1.Sample{
		Sha256: attributes.SHA256, Sha1: textOrNil(attributes.SHA1), Md5: textOrNil(attributes.MD5),
		Size: numberOrNil(attributes.Size), FileType: textOrNil(attributes.TypeTag), Names: attributes.Names,
		FirstSubmitted: numberOrNil(attributes.FirstSubmissionDate), LastSubmitted: numberOrNil(attributes.LastSubmissionDate),
		TimesSubmitted: numberOrNil(attributes.TimesSubmitted), Sources: numberOrNil(attributes.UniqueSources),
	}
	if s := v.sample; s != nil {
		sample.Kind = textOrNil(lowerName(s.Kind, "KIND_"))
		sample.Status = textOrNil(lowerName(s.Status, "STATUS_"))
		sample.Contributor, sample.Gateway = textOrNil(s.Contributor), textOrNil(s.Gateway)
		if s.Kind == samplestypes.KIND_URL {
			sample.FileType = nil
		}
	}
	return sample
}

// lowerName is the name of an enum's value in lower case without its prefix.
func lowerName(value fmt.Stringer, prefix string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(value.String(), prefix)), "_", "-")
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func numberOrNil(number int64) *int64 {
	if number == 0 {
		return nil
	}
	return &number
}

func hexOrNil(data []byte) *string { return textOrNil(hex.EncodeToString(data)) }

// callError hides what is not meant for clients.
func (g *Gateway) callError(err error) error {
	var shown *apiError
	if errors.As(err, &shown) || errors.Is(err, context.Canceled) {
		return err
	}
	g.log.Error("a call failed", "error", err)
	return transient("the request could not be served; try again later")
}

func hexText(sha256 [32]byte) string { return hex.EncodeToString(sha256[:]) }
