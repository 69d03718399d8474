package engine

import (
	"os"

	"github.com/virusmap/virusmap/supernode/engine/details"
	"github.com/virusmap/virusmap/supernode/engine/fetch"
	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/heuristics"
	"github.com/virusmap/virusmap/supernode/engine/similarity"
	"github.com/virusmap/virusmap/supernode/engine/urlrules"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	"github.com/virusmap/virusmap/supernode/engine/yararules"
)

// Operations of the parser workers.
const (
	opAnalyse     = "analyse"
	opFingerprint = "fingerprint"
	opDetails     = "details"
	opHeuristics  = "heuristics"
	opYaraLoad    = "yara.load"
	opYaraScan    = "yara.scan"
	opYaraTry     = "yara.try"
	opYaraMatch   = "yara.match"
	opURLRules    = "url.rules"
	opBrandsLoad  = "url.brands"
	opLookalike   = "url.lookalike"
	opFetch       = "url.fetch"
)

// operations is what a worker process can do.
var operations = map[string]worker.Handler{
	opAnalyse:     func(task *worker.Task) (any, error) { return filetype.Describe(task.Content), nil },
	opFingerprint: similarity.Handle,
	opDetails:     details.Handle,
	opHeuristics:  heuristics.Handle,
	opYaraLoad:    yararules.HandleLoad,
	opYaraScan:    yararules.HandleScan,
	opYaraTry:     yararules.HandleTry,
	opYaraMatch:   yararules.HandleMatch,
	opURLRules:    urlrules.HandleLexical,
	opBrandsLoad:  urlrules.HandleLoad,
	opLookalike:   urlrules.HandleLookalike,
	opFetch:       fetch.Handle,
}

// WorkerMain is the sub-command "worker" of every program that opens engines:
// args are those after that word, the result is the exit code.
func WorkerMain(args []string) int { return worker.Main(args, operations) }

// RunIfWorker turns the process into a worker, and never returns, when a pool
// started it as one. Call it first thing in main or TestMain.
func RunIfWorker() {
	if len(os.Args) > 1 && os.Args[1] == "worker" {
		os.Exit(WorkerMain(os.Args[2:]))
	}
}
