// Package wanted finds the samples of a round that bounties of x/bounty are out for: by
// hash, by the family in a label, or by a YARA rule. Rules are the texts of strangers and
// run in isolated workers of their own.
package wanted

import (
	"bytes"
	"context"
	"log/slog"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/threat"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// Chain is what is asked of the chain client.
type Chain interface {
	Bounties() bountytypes.QueryClient
}

// Hunter hunts in one round after the other. Its methods may be called from many
// goroutines.
type Hunter struct {
	board board
	rules rules
	log   *slog.Logger
}

// New starts nothing: workers are started when there is a rule. So many of them run.
func New(chain Chain, workers int, log *slog.Logger) *Hunter {
	return &Hunter{board: board{chain: chain}, rules: newRules(workers, log), log: log}
}

// Close ends the workers. No hunt may go on.
func (h *Hunter) Close() error { return h.rules.close() }

// Hunt is what is wanted in one round.
type Hunt struct {
	rules    *rules
	hashes   map[string][]bountytypes.Bounty // by their targets
	families []family
	yara     []bountytypes.Bounty
	// digests tells whether a hash is wanted for which the content must be read.
	digests bool
}

// Begin reads what is wanted. When the chain does not tell, nothing is.
func (h *Hunter) Begin(ctx context.Context) *Hunt {
	bounties, err := h.board.read(ctx)
	if err != nil {
		h.log.Warn("the wanted bounties are not known; nothing is hunted in this round", "error", err)
	}
	hunt := &Hunt{rules: &h.rules, hashes: make(map[string][]bountytypes.Bounty)}
	for _, bounty := range bounties {
		switch bounty.Kind {
		case bountytypes.BOUNTY_KIND_HASH:
			hunt.hashes[bounty.Target] = append(hunt.hashes[bounty.Target], bounty)
			hunt.digests = hunt.digests || len(bounty.Target) != sha256Digits
		case bountytypes.BOUNTY_KIND_FAMILY:
			hunt.families = append(hunt.families, family{bounty, threat.Tokens(bounty.Target)})
		case bountytypes.BOUNTY_KIND_YARA:
			hunt.yara = append(hunt.yara, bounty)
		}
	}
	return hunt
}

// Sample is what is known of a sample that was opened.
type Sample struct {
	SHA256 []byte
	// SubmittedHeight is when; bounties that were posted later do not want it.
	SubmittedHeight int64
	// Labels that engines gave it as they saw malice.
	Labels []string
}

func (s Sample) concerns(bounty bountytypes.Bounty) bool {
	return s.SubmittedHeight >= bounty.PostedHeight
}

// Known returns the ids of the bounties that a sample matches by what is known of it, in
// no order.
func (h *Hunt) Known(sample Sample) (matched [][]byte) {
	matched = h.hashed(sample, sha256Of(sample.SHA256))
	for _, family := range h.families {
		if sample.concerns(family.bounty) && family.in(sample.Labels) {
			matched = append(matched, family.bounty.Id)
		}
	}
	return matched
}

// Wants tells whether the content of a sample has to be looked into.
func (h *Hunt) Wants(sample Sample) bool {
	for _, bounty := range h.yara {
		if sample.concerns(bounty) {
			return true
		}
	}
	return h.digests
}

// Prepare compiles the rules. It has to be called before Inside; one hunt at a time.
func (h *Hunt) Prepare(ctx context.Context) {
	if len(h.yara) > 0 {
		h.rules.prepare(ctx, h.yara)
	}
}

// Inside returns the ids of the bounties that the content of a sample matches, in no
// order. When ctx ends it returns what was found until then.
func (h *Hunt) Inside(ctx context.Context, sample Sample, content *engine.Content) (matched [][]byte) {
	if h.digests {
		if digests, err := digestsOf(content); err == nil {
			matched = h.hashed(sample, digests...)
		}
	}
	if len(h.yara) == 0 {
		return matched
	}
	for _, id := range h.rules.scan(ctx, content) {
		for _, bounty := range h.yara {
			if bytes.Equal(bounty.Id, id) && sample.concerns(bounty) {
				matched = append(matched, id)
			}
		}
	}
	return matched
}

// hashed returns the bounties that want one of the hashes.
func (h *Hunt) hashed(sample Sample, hashes ...string) (matched [][]byte) {
	for _, hash := range hashes {
		for _, bounty := range h.hashes[hash] {
			if sample.concerns(bounty) {
				matched = append(matched, bounty.Id)
			}
		}
	}
	return matched
}
