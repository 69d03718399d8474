package yararules

import (
	"errors"
	"fmt"
	"strings"
	"time"

	yara "github.com/Velocidex/go-yara"

	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// Version of the library inside the module.
const Version = "4.5.4"

// Args name the rule set, as one worker may hold several.
type Args struct {
	Set string `json:"set"`
}

// Loaded describes a compiled rule set.
type Loaded struct {
	Rules int `json:"rules"`
	// Date is the newest "date" of the rules' metadata (2006-01-02), or empty.
	Date string `json:"date"`
}

// sets are the compiled rules of this worker.
var sets = map[string]*yara.Rules{}

// HandleLoad compiles the bundle in the content and keeps it under Args.Set.
func HandleLoad(task *worker.Task) (any, error) {
	var args Args
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	bundle, err := decodeBundle(task.Content)
	if err != nil {
		return nil, err
	}
	rules, err := compile(bundle)
	if err != nil {
		return nil, err
	}
	if old := sets[args.Set]; old != nil {
		old.Destroy()
	}
	sets[args.Set] = rules

	loaded := Loaded{}
	for _, rule := range rules.GetRules() {
		loaded.Rules++
		loaded.Date = max(loaded.Date, text(rule.Metas(), "date"))
	}
	return loaded, nil
}

// compile gives each file a namespace of its own, so that names may repeat.
func compile(bundle Bundle) (*yara.Rules, error) {
	compiler, err := yara.NewCompiler()
	if err != nil {
		return nil, err
	}
	defer compiler.Destroy()
	compiler.DisableIncludes()
	for _, name := range bundle.names() {
		if err := compiler.AddString(bundle[name], name); err != nil {
			return nil, fmt.Errorf("%s: %w%s", name, err, messages(compiler.Errors))
		}
	}
	return compiler.GetRules()
}

func messages(all []yara.CompilerMessage) string {
	var b strings.Builder
	for _, m := range all[:min(len(all), 5)] {
		fmt.Fprintf(&b, "; line %d: %s", m.Line, m.Text)
	}
	return b.String()
}

// HandleScan matches the rules of Args.Set against the content.
func HandleScan(task *worker.Task) (any, error) {
	var args Args
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	rules, ok := sets[args.Set]
	if !ok {
		return nil, fmt.Errorf("rule set %q is not loaded", args.Set)
	}
	var matches yara.MatchRules
	// libyara counts whole seconds and takes 0 for no limit; below one second the
	// parent's deadline has to do.
	timeout := time.Until(task.Deadline).Truncate(time.Second)
	if err := scan(rules, task.Content, timeout, &matches); err != nil {
		return nil, err
	}
	return judge(matches), nil
}

// scan returns worker.ErrTimeout when libyara noticed that the time is over.
func scan(rules *yara.Rules, content []byte, timeout time.Duration, found yara.ScanCallback) error {
	err := rules.ScanMem(content, yara.ScanFlagsFastMode|noTryCatch, timeout, found)
	var code yara.Error
	if errors.As(err, &code) && int(code) == scanTimeout {
		return worker.ErrTimeout
	}
	if err != nil {
		return fmt.Errorf("libyara: %w", err)
	}
	return nil
}

const (
	// scanTimeout is ERROR_SCAN_TIMEOUT of yara/error.h.
	scanTimeout = 26
	// noTryCatch is SCAN_FLAGS_NO_TRYCATCH of yara/types.h: a crash should end the
	// worker, not be survived with damaged memory.
	noTryCatch = 4
)
