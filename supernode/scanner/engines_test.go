package scanner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func TestEnginesOnChainAreThoseOfTheConfiguration(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 50, reveal: 50}), offline(t)
	o := f.operator(0, v, detecting("A"), detecting("B"))
	first := o.start()
	f.engines(o.account, "A", "B")
	first.stop()
	o.deps.Engines = []engine.Engine{detecting("C"), detecting("B")}
	o.start()
	f.engines(o.account, "B", "C")
}

func TestEngineIsNotRetiredBeforeItsAnswerIsRevealed(t *testing.T) {
	t.Parallel()
	f, v := newFixture(t, 1, rules{commit: 100, reveal: 100}), offline(t)
	o := f.operator(0, v, detecting("Old"))
	first := o.startOn(func(c Chain, kill func()) Chain {
		return &mortal{Chain: c, kill: kill, at: moment{reveal: true, before: true}}
	})
	f.engines(o.account, "Old")
	sample := f.seal(v, "evil thing")
	f.submit(sample)
	first.wait()

	o.deps.Engines = []engine.Engine{detecting("New")}
	o.start()
	require.Equal(t, "Test.Old", f.report(sample).Verdicts[0].Label)
	f.engines(o.account, "New")
	next := f.seal(v, "evil too")
	f.submit(next)
	require.Equal(t, "Test.New", f.report(next).Verdicts[0].Label)
}

// informing is an engine that is only asked for its name.
type informing struct {
	engine.Engine
	name string
	err  error
}

func (i informing) Info(context.Context) (engine.Info, error) {
	return engine.Info{Name: i.name}, i.err
}

func TestEnginesThatCannotBeRegisteredAreRefused(t *testing.T) {
	for want, engines := range map[string][]engine.Engine{
		"engine 0: ":              {informing{}},
		"outside [A-Za-z0-9._-]":  {informing{name: "a b"}},
		"engine 1: does not run":  {informing{name: "a"}, informing{err: errors.New("does not run")}},
		"two engines are named a": {informing{name: "a"}, informing{name: "a"}},
	} {
		s := &Scanner{Deps: Deps{Engines: engines, Log: slog.Default()}}
		require.ErrorContains(t, s.nameEngines(t.Context()), want)
	}
}

func TestLabelsAreCutUntilTheAnswerCanBeRevealed(t *testing.T) {
	const engines, samples = 8, verdictstypes.MaxRoundSamples
	infos := make([]engine.Info, engines)
	for e := range infos {
		infos[e] = engine.Info{Name: fmt.Sprintf("E%d", e), Version: "1", SignatureDigest: []byte("short")}
	}
	findings := make([]finding, samples)
	label := func(i int) string { return fmt.Sprintf("%04d", i) + strings.Repeat("x", verdictstypes.MaxLabelBytes-4) }
	for i := range findings {
		findings[i] = finding{fileType: "elf", answers: make([]verdictstypes.Answer, engines), keys: &verdictstypes.SimilarityKeys{1: {byte(i), 1}}}
		for e := range infos {
			findings[i].answers[e] = verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: label(i)}
		}
	}
	attestation := assemble(infos, findings)
	require.NoError(t, attestation.Validate(samples))
	require.LessOrEqual(t, attestation.Size(), maxAttestationBytes)
	require.Equal(t, label(4095)[:8], attestation.Vectors[7].Label(4095))
	require.Len(t, attestation.Features.Keyed, samples, "labels go before keys")

	for len(infos) < 16 { // as many engines as a supernode may have
		infos = append(infos, engine.Info{Name: fmt.Sprintf("F%d", len(infos)), Version: strings.Repeat("1", verdictstypes.MaxVersionBytes)})
		for i := range findings {
			findings[i].answers = append(findings[i].answers, findings[i].answers[0])
		}
	}
	attestation = assemble(infos, findings)
	require.LessOrEqual(t, attestation.Size(), maxAttestationBytes)
	require.Len(t, attestation.Features.Keyed, samples)
	infos = infos[:8]
	for i := range findings {
		findings[i].answers = findings[i].answers[:8]
	}

	attestation = assemble(infos, findings[:10])
	require.Equal(t, label(9), attestation.Vectors[0].Label(9), "nothing is cut that need not be")
}
