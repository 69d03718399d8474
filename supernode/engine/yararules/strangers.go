package yararules

import (
	"errors"
	"fmt"
	"slices"
	"time"

	yara "github.com/Velocidex/go-yara"

	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// MaxCompiledBytes is how large the rules of one text of a stranger may get when they are
// compiled. A text of 4 KiB that is full of byte strings gives 70 KB.
const MaxCompiledBytes = 1 << 20

// TryArgs are one text of rules, and for how long they may scan the content.
type TryArgs struct {
	Rule    string `json:"rule"`
	Seconds int    `json:"seconds"`
}

// Tried is what became of it.
type Tried struct {
	// Refused tells why a text is of no use, whatever the content; or it is empty.
	Refused string `json:"refused,omitempty"`
	Matched bool   `json:"matched"`
	// ScanMillis is how long the scan took.
	ScanMillis int64 `json:"scan_ms"`
}

// HandleTry compiles a text by itself and matches its rules against the content. It
// refuses a text that does not compile or gets larger than MaxCompiledBytes.
func HandleTry(task *worker.Task) (any, error) {
	var args TryArgs
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	rules, err := compile(Bundle{"rule": args.Rule})
	if err != nil {
		return Tried{Refused: err.Error()}, nil
	}
	defer rules.Destroy()
	if err := rules.Write(&measure{limit: MaxCompiledBytes}); err != nil {
		return Tried{Refused: fmt.Sprintf("compiled rules have more than %d bytes", MaxCompiledBytes)}, nil
	}
	started := time.Now()
	matched, err := matching(rules, task.Content, args.Seconds)
	if err != nil {
		return nil, err
	}
	return Tried{Matched: len(matched) > 0, ScanMillis: time.Since(started).Milliseconds()}, nil
}

// MatchArgs name a loaded rule set, and for how long it may scan the content.
type MatchArgs struct {
	Set     string `json:"set"`
	Seconds int    `json:"seconds"`
}

// HandleMatch returns the names in the bundle of a loaded set whose rules match the
// content, in ascending order.
func HandleMatch(task *worker.Task) (any, error) {
	var args MatchArgs
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	rules, ok := sets[args.Set]
	if !ok {
		return nil, fmt.Errorf("rule set %q is not loaded", args.Set)
	}
	return matching(rules, task.Content, args.Seconds)
}

// matching returns the namespaces with a rule that matches and is not private.
func matching(rules *yara.Rules, content []byte, seconds int) ([]string, error) {
	if seconds <= 0 {
		return nil, errors.New("seconds is not positive, which would be no limit")
	}
	found := namespaces{}
	if err := scan(rules, content, time.Duration(seconds)*time.Second, &found); err != nil {
		return nil, err
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// namespaces collects no matched bytes, of which rules can make any number.
type namespaces []string

// RuleMatching is not called for private rules.
func (n *namespaces) RuleMatching(_ *yara.ScanContext, rule *yara.Rule) (abort bool, err error) {
	*n = append(*n, rule.Namespace())
	return false, nil
}

// measure counts what is written and takes no more than its limit.
type measure struct{ written, limit int }

func (m *measure) Write(p []byte) (int, error) {
	if m.written += len(p); m.written > m.limit {
		return 0, errors.New("too large")
	}
	return len(p), nil
}
