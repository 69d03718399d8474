package wanted

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	"github.com/virusmap/virusmap/supernode/engine/yararules"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

const (
	// memoryBytes of a worker. All rules together may take half of it, by
	// yararules.MaxCompiledBytes.
	memoryBytes = 512 << 20
	// scanSeconds is what all rules together may take for a sample, and scanBytes by how
	// much content that grows by a second.
	scanSeconds = 2
	scanBytes   = 16 << 20
	// rest is how long a rule is left out that was too slow for a sample, or broke the
	// worker: the round and those that follow at once. longRest is the same for one that
	// was, or did, on nothing at all.
	rest     = time.Minute
	longRest = time.Hour
	// judgeTime bounds how long texts are compiled for the first time before a round.
	judgeTime = 2 * time.Second
	// set is the name of the rules in the workers.
	set = "wanted"
)

// rules are the YARA rules of strangers. All are scanned for at one time; when that fails,
// each by itself, which finds the one that is to blame.
type rules struct {
	workers int
	log     *slog.Logger

	// mu is held for reading while samples are scanned with the set, and for writing while
	// the set changes or its rules are tried one by one.
	mu   sync.RWMutex
	pool *worker.Pool // nil until there is a rule
	// judged are the texts that were compiled, with what is wrong with them, or "".
	judged map[string]string
	// resting are the ids of rules that are left out until a time.
	resting map[string]time.Time
	// loaded is what the workers have as the set; ready tells whether they have it.
	loaded yararules.Bundle
	ready  bool
}

func newRules(workers int, log *slog.Logger) rules {
	return rules{workers: max(workers, 1), log: log, judged: make(map[string]string), resting: make(map[string]time.Time)}
}

func (r *rules) close() error {
	if r.pool == nil {
		return nil
	}
	return r.pool.Close()
}

// prepare loads the rules of these bounties that are fit for use.
func (r *rules) prepare(ctx context.Context, bounties []bountytypes.Bounty) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.start(); err != nil {
		r.log.Error("no rules of bounties are scanned for: the workers do not start", "error", err)
		return
	}
	r.judge(ctx, bounties)
	maps.DeleteFunc(r.resting, func(_ string, until time.Time) bool { return time.Now().After(until) })
	fit := yararules.Bundle{}
	for _, bounty := range bounties {
		refused, known := r.judged[bounty.Target]
		_, rests := r.resting[nameOf(bounty)]
		if known && refused == "" && !rests {
			fit[nameOf(bounty)] = bounty.Target
		}
	}
	r.load(ctx, fit)
}

// nameOf is the name of a bounty's rule in the set.
func nameOf(bounty bountytypes.Bounty) string { return hex.EncodeToString(bounty.Id) }

// judge tries the texts that are new on nothing, and forgets those that are gone.
func (r *rules) judge(ctx context.Context, bounties []bountytypes.Bounty) {
	started, judged := time.Now(), make(map[string]string)
	for _, bounty := range bounties {
		refused, known := r.judged[bounty.Target]
		if time.Now().Before(r.resting[nameOf(bounty)]) {
			continue
		}
		if !known && time.Since(started) < judgeTime {
			refused, known = r.judgeOne(ctx, bounty)
		}
		if known {
			judged[bounty.Target] = refused
		}
	}
	r.judged = judged
}

// judgeOne is not known when the text has to be tried again another time.
func (r *rules) judgeOne(ctx context.Context, bounty bountytypes.Bounty) (refused string, known bool) {
	tried, err := engine.TryRule(ctx, r.pool, bounty.Target, nil, 1)
	switch {
	case isOurs(ctx, err):
		return "", false
	case err != nil:
		r.log.Warn("the rule of a bounty fails on nothing and rests", "bounty", nameOf(bounty), "error", err)
		r.resting[nameOf(bounty)] = time.Now().Add(longRest)
		return "", false
	case tried.Refused != "":
		r.log.Warn("the rule of a bounty is of no use", "bounty", nameOf(bounty), "error", tried.Refused)
	}
	return tried.Refused, true
}

func (r *rules) start() (err error) {
	if r.pool == nil {
		r.pool, err = engine.NewPool(engine.Config{Workers: r.workers, MemoryBytes: memoryBytes})
	}
	return err
}

// isOurs tells a failure that is not the rule's fault: the time of the round is over, or the
// supernode stops.
func isOurs(ctx context.Context, err error) bool {
	return err != nil && (ctx.Err() != nil || errors.Is(err, worker.ErrClosed))
}

// load gives the workers a set, unless they have it.
func (r *rules) load(ctx context.Context, fit yararules.Bundle) {
	if equal(fit, r.loaded) {
		return
	}
	r.loaded, r.ready = nil, false
	if len(fit) == 0 {
		return
	}
	err := engine.LoadRules(ctx, r.pool, set, fit)
	if isOurs(ctx, err) {
		r.log.Warn("the rules of bounties are not loaded; none is scanned for in this round", "error", err)
		return
	}
	if err != nil {
		r.log.Warn("the rules of bounties do not compile together; each is scanned for by itself", "rules", len(fit), "error", err)
	}
	r.loaded, r.ready = fit, err == nil
}

func equal(a, b yararules.Bundle) bool {
	for name := range a {
		if _, ok := b[name]; !ok {
			return false
		}
	}
	return len(a) == len(b) // an id stands for one text
}

// scan returns the ids of the bounties whose rules match a content.
func (r *rules) scan(ctx context.Context, content *engine.Content) [][]byte {
	seconds := scanSeconds + int(content.Size/scanBytes)
	names, ok := r.scanTogether(ctx, content, seconds)
	if !ok {
		names = r.scanEach(ctx, content, seconds)
	}
	var ids [][]byte
	for _, name := range names {
		if id, err := hex.DecodeString(name); err == nil { // a worker may say anything
			ids = append(ids, id)
		}
	}
	return ids
}

// scanTogether is false when each rule has to be tried by itself.
func (r *rules) scanTogether(ctx context.Context, content *engine.Content, seconds int) (names []string, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	switch {
	case len(r.loaded) == 0 || ctx.Err() != nil:
		return nil, true
	case !r.ready:
		return nil, false
	}
	names, err := engine.MatchRules(ctx, r.pool, set, content, seconds)
	if err != nil && !isOurs(ctx, err) {
		r.log.Warn("the rules of bounties fail together on a sample; each is tried by itself", "sha256", hex.EncodeToString(content.SHA256[:]), "error", err)
		return nil, false
	}
	return names, true
}

// scanEach tries every rule by itself and leaves out those that fail, or that take more
// than their share of the time for all.
func (r *rules) scanEach(ctx context.Context, content *engine.Content, seconds int) (names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	took := make(map[string]time.Duration)
	var guilty []string
	for name, text := range r.loaded {
		tried, err := engine.TryRule(ctx, r.pool, text, content, 1+seconds-scanSeconds)
		if isOurs(ctx, err) {
			break
		}
		if err != nil {
			r.log.Warn("the rule of a bounty fails on a sample and rests", "bounty", name, "sha256", hex.EncodeToString(content.SHA256[:]), "error", err)
			guilty = append(guilty, name)
			continue
		}
		if tried.Matched {
			names = append(names, name)
		}
		took[name] = time.Duration(tried.ScanMillis) * time.Millisecond
	}
	for _, name := range overShare(took, time.Duration(seconds)*time.Second) {
		r.log.Warn("the rule of a bounty takes more than its share of the time and rests", "bounty", name, "took", took[name])
		guilty = append(guilty, name)
	}
	if len(guilty) > 0 {
		r.leaveOut(ctx, guilty)
	}
	return names
}

// overShare returns who took more than an equal share of the limit, when all together took
// more than the limit. What is left then fits into it.
func overShare(took map[string]time.Duration, limit time.Duration) (over []string) {
	total := time.Duration(0)
	for _, d := range took {
		total += d
	}
	for name, d := range took {
		if total > limit && d > limit/time.Duration(len(took)) {
			over = append(over, name)
		}
	}
	return over
}

// leaveOut goes on without some of the rules.
func (r *rules) leaveOut(ctx context.Context, guilty []string) {
	left := yararules.Bundle{}
	for name, text := range r.loaded {
		if slices.Contains(guilty, name) {
			r.resting[name] = time.Now().Add(rest)
		} else {
			left[name] = text
		}
	}
	r.load(ctx, left)
}
