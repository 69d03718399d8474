package keeper

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/bounty/types"
	"github.com/virusmap/virusmap/x/internal/endblock"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// wantedSample is a member of a judgement that its supernodes agree to be wanted.
type wantedSample struct {
	sha256 []byte
	sample samplestypes.Sample
	truth  verdictstypes.Outcome
}

// byPriority orders candidates by who found them first.
func byPriority(a, b wantedSample) int {
	return cmp.Or(cmp.Compare(a.sample.PriorityHeight, b.sample.PriorityHeight), bytes.Compare(a.sha256, b.sha256))
}

// matchWanted notes the samples that are attested to be wanted, and puts those in line for
// their payment that are certain enough. A bounty that fails costs the others nothing.
func (k *Keeper) matchWanted(ctx context.Context, j verdictstypes.Judgement) error {
	wanted, err := k.wantedBounties(ctx)
	if err != nil || len(wanted) == 0 {
		return err
	}
	found, err := k.candidates(ctx, j, wanted)
	if err != nil {
		return err
	}
	for _, bounty := range wanted {
		err := endblock.Isolate(ctx, fmt.Sprintf("matches of bounty %x", bounty.Id), func(ctx context.Context) error {
			if err := k.noteMatches(ctx, j, bounty, found[string(bounty.Id)]); err != nil {
				return err
			}
			return k.judgeMatches(ctx, j, bounty)
		})
		if err == nil {
			continue
		}
		if err := emit(ctx, &types.EventItemFailed{Queue: "wanted", Item: fmt.Sprintf("%x", bounty.Id), Error: err.Error()}); err != nil {
			return err
		}
	}
	return nil
}

// wantedBounties returns the running wanted bounties by id; max_wanted bounds them.
func (k *Keeper) wantedBounties(ctx context.Context) ([]types.Bounty, error) {
	iterator, err := k.Wanted.Iterate(ctx, nil)
	if err != nil {
		return nil, err
	}
	ids, err := iterator.Keys()
	if err != nil {
		return nil, err
	}
	bounties := make([]types.Bounty, len(ids))
	for i, id := range ids {
		if bounties[i], err = k.Bounties.Get(ctx, id); err != nil {
			return nil, err
		}
	}
	return bounties, nil
}

// candidates returns by bounty the members that match it, in the order in which they were
// found; the map is only looked up.
func (k *Keeper) candidates(ctx context.Context, j verdictstypes.Judgement, wanted []types.Bounty) (map[string][]wantedSample, error) {
	kinds := make(map[string]types.BountyKind, len(wanted))
	for _, bounty := range wanted {
		kinds[string(bounty.Id)] = bounty.Kind
	}
	found := make(map[string][]wantedSample)
	for i, features := range j.Features {
		if len(features.Matches) == 0 {
			continue
		}
		sample, err := k.samples.Get(ctx, j.Members[i])
		if samplestypes.ErrNotFound.Is(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, match := range features.Matches {
			kind, runs := kinds[string(match.Bounty)]
			if runs && agreed(kind, features, match.Weight) && canBePaid(sample) {
				found[string(match.Bounty)] = append(found[string(match.Bounty)], wantedSample{j.Members[i], sample, j.Truths[i]})
			}
		}
	}
	for _, bounty := range wanted {
		slices.SortFunc(found[string(bounty.Id)], byPriority)
	}
	return found, nil
}

// agreed tells that more than half of the weight says that a sample matches: of all who
// attested, or for a family of those who saw malice, as the others have no label to look at.
func agreed(kind types.BountyKind, features verdictstypes.SampleFeatures, weight uint64) bool {
	of := features.AttestedWeight
	if kind == types.BOUNTY_KIND_FAMILY {
		of = features.KeyedWeight
	}
	return of > 0 && 2*weight > of
}

// canBePaid tells that a sample was not taken down, and opens to its hash.
func canBePaid(sample samplestypes.Sample) bool {
	return sample.Status != samplestypes.STATUS_BLOCKED && sample.Status != samplestypes.STATUS_INVALID
}

// pays tells that a bounty of the kind pays for a sample with this truth. Whoever wants a
// hash wants the content, whatever it is; but an open truth is no quorum's word.
func pays(kind types.BountyKind, truth verdictstypes.Outcome) bool {
	if kind == types.BOUNTY_KIND_HASH {
		return truth.IsTruth()
	}
	return truth == verdictstypes.OUTCOME_MALICIOUS
}

// noteMatches remembers candidates that were submitted since the posting, as far as there is
// room. The last judgement has nothing to remember of a sample that it does not let be paid.
func (k *Keeper) noteMatches(ctx context.Context, j verdictstypes.Judgement, bounty types.Bounty, found []wantedSample) error {
	matches, err := k.matchesOf(ctx, bounty.Id)
	if err != nil {
		return err
	}
	noted := len(matches)
	for _, c := range found {
		room := types.MaxMatches
		if !pays(bounty.Kind, c.truth) {
			room = types.MaxDoubtfulMatches
			if j.Last {
				room = 0
			}
		}
		if noted >= room || c.sample.SubmittedHeight < bounty.PostedHeight {
			continue
		}
		key := collections.Join(bounty.Id, c.sha256)
		known, err := k.Matches.Has(ctx, key)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		noted++
		if err := k.Matches.Set(ctx, key, 0); err != nil {
			return err
		}
		if err := emit(ctx, &types.EventMatched{Bounty: bounty.Id, Sha256: c.sha256}); err != nil {
			return err
		}
	}
	return nil
}

// judgeMatches lets a judgement decide on the matches among its members. Until a match is
// paid the newest judgement counts.
func (k *Keeper) judgeMatches(ctx context.Context, j verdictstypes.Judgement, bounty types.Bounty) error {
	matches, err := k.matchesOf(ctx, bounty.Id)
	if err != nil {
		return err
	}
	for _, match := range matches {
		i, member := slices.BinarySearchFunc(j.Members, match.Sha256, bytes.Compare)
		if !member {
			continue
		}
		if err := k.judgeMatch(ctx, j, bounty, match, j.Truths[i]); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) judgeMatch(ctx context.Context, j verdictstypes.Judgement, bounty types.Bounty, match types.Match, truth verdictstypes.Outcome) error {
	queued := match.DueHeight > 0
	switch {
	case !pays(bounty.Kind, truth) && j.Last:
		return k.removeMatch(ctx, match)
	case !pays(bounty.Kind, truth) && queued:
		return k.setDue(ctx, match, 0)
	case pays(bounty.Kind, truth) && !queued && (j.Stage >= bounty.Stage || j.Last):
		return k.queuePayment(ctx, match)
	default:
		return nil
	}
}

// matchesOf returns the matches of a bounty by hash; MaxMatches bounds them.
func (k *Keeper) matchesOf(ctx context.Context, bounty []byte) ([]types.Match, error) {
	var matches []types.Match
	err := k.Matches.Walk(ctx, collections.NewPrefixedPairRange[[]byte, []byte](bounty), func(key hashPair, due int64) (bool, error) {
		matches = append(matches, types.Match{Bounty: key.K1(), Sha256: key.K2(), DueHeight: due})
		return false, nil
	})
	return matches, err
}

// setDue changes when a match is paid; 0 takes it out of the queue.
func (k *Keeper) setDue(ctx context.Context, match types.Match, height int64) error {
	if err := k.unqueueMatch(ctx, match); err != nil {
		return err
	}
	if height > 0 {
		if err := k.BountyPayments.Set(ctx, collections.Join3(height, match.Bounty, match.Sha256)); err != nil {
			return err
		}
	}
	return k.Matches.Set(ctx, collections.Join(match.Bounty, match.Sha256), height)
}

func (k *Keeper) removeMatch(ctx context.Context, match types.Match) error {
	if err := k.unqueueMatch(ctx, match); err != nil {
		return err
	}
	return k.Matches.Remove(ctx, collections.Join(match.Bounty, match.Sha256))
}

func (k *Keeper) unqueueMatch(ctx context.Context, match types.Match) error {
	if match.DueHeight == 0 {
		return nil
	}
	return k.BountyPayments.Remove(ctx, collections.Join3(match.DueHeight, match.Bounty, match.Sha256))
}
