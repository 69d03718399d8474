package scanner

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// analyser is shared by all tests: starting its workers takes a while.
var analyser *analysis.Analyser

func TestMain(m *testing.M) {
	engine.RunIfWorker()
	var err error
	if analyser, err = analysis.Open(nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := analyser.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// scripted is an engine that a test writes down as a function.
type scripted struct {
	name string
	scan func(ctx context.Context, content *engine.Content) engine.Verdict
}

func (s scripted) Info(context.Context) (engine.Info, error) {
	return engine.Info{Name: s.name, Version: "1.2.3", Method: "rules", SignatureDigest: make([]byte, 32)}, nil
}

func (s scripted) Scan(ctx context.Context, content *engine.Content) engine.Verdict {
	return s.scan(ctx, content)
}

func (s scripted) Close() error { return nil }

// detecting finds what begins with "evil".
func detecting(name string) engine.Engine {
	return scripted{name, func(_ context.Context, content *engine.Content) engine.Verdict {
		head := make([]byte, 4)
		_, _ = content.File.ReadAt(head, 0)
		if string(head) == "evil" {
			return engine.Verdict{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Test." + name}
		}
		return engine.Verdict{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: 8}
	}}
}

// numbering says something else each time it is asked.
func numbering(name string) engine.Engine {
	var asked atomic.Int64
	return scripted{name, func(context.Context, *engine.Content) engine.Verdict {
		return engine.Verdict{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: fmt.Sprintf("Scan-%d", asked.Add(1))}
	}}
}
