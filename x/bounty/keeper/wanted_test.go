package keeper_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/bounty/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	unknown = verdictstypes.OUTCOME_UNSPECIFIED

	hashKind   = types.BOUNTY_KIND_HASH
	familyKind = types.BOUNTY_KIND_FAMILY
	yaraKind   = types.BOUNTY_KIND_YARA
)

// wantedTarget is a valid target of each wanted kind.
func wantedTarget(kind types.BountyKind) string {
	if kind == hashKind {
		return someMD5
	}
	return "emotet"
}

// untilSettled ends blocks until no claim can replace the contributor of what was submitted
// till now, and then the block in which it is paid.
func (f *bountyFixture) untilSettled() {
	f.t.Helper()
	f.endBlock(f.claimWindow(), time.Second)
	f.freshEvents()
	f.endBlock(1, time.Second)
}

func TestAWantedSamplePaysItsContributor(t *testing.T) {
	for _, kind := range []types.BountyKind{hashKind, familyKind, yaraKind} {
		t.Run(kind.String(), func(t *testing.T) {
			f := newBountyFixture(t)
			id := f.mustPost(kind, wantedTarget(kind), 30*vmt, 0)
			require.NoError(t, f.topUp(sponsor, id, 20*vmt))
			hash := f.submit(finder, "found")
			before, supply := f.balance(finder), f.supply()
			f.judge(0, matching(hash, id))
			require.Equal(t, []*types.EventMatched{{Bounty: id, Sha256: hash}}, bountyEvents[*types.EventMatched](f))
			require.Equal(t, map[string]int64{hex.EncodeToString(hash): 1 + f.claimWindow()}, f.matches(id))

			f.endBlock(f.claimWindow()-1, time.Second)
			f.endBlock(1, time.Second)
			require.True(t, f.runs(id), "an older claim could still replace who found it")
			require.NoError(t, f.topUp(rival, id, 10*vmt)) // in the block in which it is paid
			f.freshEvents()
			f.endBlock(1, time.Second)
			require.False(t, f.runs(id))
			require.Equal(t, before+60*vmt, f.balance(finder))
			require.Equal(t, supply, f.supply())
			require.Equal(t, []*types.EventBountyPaid{{Bounty: id, Sha256: hash, Recipient: finder.String(), Amount: "60000000"}},
				bountyEvents[*types.EventBountyPaid](f))
			require.Empty(t, bountyEvents[*types.EventBountyRefunded](f))
		})
	}
}

func TestAFunderCanFindItself(t *testing.T) {
	f := newBountyFixture(t)
	before := f.balance(analyst)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	hash := f.submit(analyst, "found")
	deposit := before - 31*vmt - f.balance(analyst)
	f.judge(0, matching(hash, id))
	f.untilSettled()
	require.False(t, f.runs(id))
	require.Equal(t, before-vmt-deposit, f.balance(analyst), "it costs the fee")
}

func TestOlderSamplesAreNotPaid(t *testing.T) {
	f := newBountyFixture(t)
	old := f.submit(finder, "old")
	f.endBlock(1, time.Second)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	same := f.submit(finder, "in the block of the posting")
	f.judge(0, matching(old, id), matching(same, id))
	require.Equal(t, []string{hex.EncodeToString(same)}, sortedKeys(f.matches(id)))
}

// Who matches what is agreed by more than half of those who can tell.
func TestAgreement(t *testing.T) {
	for _, test := range []struct {
		kind                    types.BountyKind
		weight, attested, keyed uint64
		agreed                  bool
	}{
		{hashKind, 51, 100, 0, true},
		{hashKind, 50, 100, 10, false},
		{yaraKind, 51, 100, 200, true},
		{yaraKind, 50, 100, 10, false},
		{yaraKind, 0, 0, 0, false},
		{familyKind, 16, 100, 30, true},
		{familyKind, 15, 100, 30, false},
		{familyKind, 16, 100, 0, false},
	} {
		t.Run(fmt.Sprintf("%s %d of %d, %d", test.kind, test.weight, test.attested, test.keyed), func(t *testing.T) {
			f := newBountyFixture(t)
			id := f.mustPost(test.kind, wantedTarget(test.kind), 30*vmt, 0)
			member := matching(f.submit(finder, "found"), id)
			member.features.Matches[0].Weight = test.weight
			member.features.AttestedWeight, member.features.KeyedWeight = test.attested, test.keyed
			f.judge(0, member)
			require.Equal(t, test.agreed, len(f.matches(id)) == 1)
		})
	}
}

// A bounty is paid at the judgement it asks for, by what is true then.
func TestStages(t *testing.T) {
	for name, test := range map[string]struct {
		kind   types.BountyKind
		stage  uint32
		truths []verdictstypes.Outcome // of the judgements 0, 1 and 2
		paidAt int                     // the judgement that pays; -1 for none
	}{
		"first":                    {familyKind, 0, []verdictstypes.Outcome{malicious}, 0},
		"second":                   {familyKind, 1, []verdictstypes.Outcome{malicious, malicious}, 1},
		"last":                     {yaraKind, 2, []verdictstypes.Outcome{malicious, malicious, malicious}, 2},
		"beyond the last":          {yaraKind, 77, []verdictstypes.Outcome{malicious, malicious, malicious}, 2},
		"true only later":          {familyKind, 0, []verdictstypes.Outcome{harmless, malicious}, 1},
		"open at first":            {familyKind, 0, []verdictstypes.Outcome{unknown, malicious}, 1},
		"true too early":           {familyKind, 1, []verdictstypes.Outcome{malicious, harmless, harmless}, -1},
		"never true":               {familyKind, 0, []verdictstypes.Outcome{harmless, harmless, harmless}, -1},
		"never decided":            {hashKind, 0, []verdictstypes.Outcome{unknown, unknown, unknown}, -1},
		"a clean hash":             {hashKind, 0, []verdictstypes.Outcome{harmless}, 0},
		"a hash that turns":        {hashKind, 2, []verdictstypes.Outcome{malicious, unknown, harmless}, 2},
		"a hash decided late":      {hashKind, 0, []verdictstypes.Outcome{unknown, harmless}, 1},
		"a rule that clean passes": {yaraKind, 0, []verdictstypes.Outcome{harmless, harmless, harmless}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			f := newBountyFixture(t)
			id := f.mustPost(test.kind, wantedTarget(test.kind), 30*vmt, test.stage)
			hash := f.submit(finder, "found")
			f.endBlock(2*f.claimWindow(), time.Second)
			for stage, truth := range test.truths {
				// Only the first judgement attests the match: it is remembered.
				member := judged{hash: hash, truth: truth}
				if stage == 0 {
					member = matching(hash, id).with(truth)
				}
				require.True(t, f.runs(id))
				f.judge(uint32(stage), member)
				f.endBlock(1, time.Second)
				require.Equal(t, stage != test.paidAt, f.runs(id), "judgement %d", stage)
			}
			if len(test.truths) == 3 && test.paidAt < 0 {
				require.Empty(t, f.matches(id), "the last word is spoken")
			}
		})
	}
}

// Until it is paid, a match follows the newest judgement.
func TestATruthThatTurnsBeforeThePayment(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	hash := f.submit(finder, "found")
	f.judge(0, matching(hash, id))
	f.judge(1, matching(hash, id).with(harmless))
	f.untilSettled()
	require.True(t, f.runs(id))
	require.Equal(t, map[string]int64{hex.EncodeToString(hash): 0}, f.matches(id))
	f.judge(2, matching(hash, id))
	f.endBlock(1, time.Second)
	require.False(t, f.runs(id))
}

func TestExpiryGoesBeforeAMatchThatWaits(t *testing.T) {
	f := newBountyFixture(t)
	before := f.balance(analyst)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 2)
	hash := f.submit(finder, "found")
	f.judge(0, matching(hash, id))
	f.expire()
	require.False(t, f.runs(id))
	require.Empty(t, f.matches(id))
	require.Equal(t, before-vmt, f.balance(analyst))
	f.judge(2, matching(hash, id))
	require.Empty(t, f.matches(id), "an ended bounty wants nothing")
}

func TestOneSampleCanEarnSeveralBounties(t *testing.T) {
	f := newBountyFixture(t)
	ids := [][]byte{
		f.mustPost(hashKind, someMD5, 10*vmt, 0), f.mustPost(familyKind, "emotet", 20*vmt, 0), f.mustPost(yaraKind, "rule a", 40*vmt, 2),
	}
	hash := f.submit(finder, "found")
	before := f.balance(finder)
	f.judge(0, matching(hash, ids...))
	f.untilSettled()
	require.Equal(t, before+30*vmt, f.balance(finder))
	f.judge(2, judged{hash: hash, truth: malicious})
	f.endBlock(1, time.Second)
	require.Equal(t, before+70*vmt, f.balance(finder))
	for _, id := range ids {
		require.False(t, f.runs(id))
	}
}

// What somebody sends in to match everything does not keep a bounty from what it wants.
func TestMatchesAreBounded(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(yaraKind, "rule a", 10*vmt, 1)
	var junk, found []judged
	for _, content := range contents("junk", 20) {
		junk = append(junk, matching(f.submit(rival, content), id).with(harmless))
	}
	for _, content := range contents("found", 20) {
		found = append(found, matching(f.submit(finder, content), id))
	}
	f.judge(0, junk...)
	require.Len(t, f.matches(id), types.MaxDoubtfulMatches)
	f.judge(0, found...)
	require.Len(t, f.matches(id), types.MaxMatches)
	f.judge(2, junk...)
	require.Len(t, f.matches(id), types.MaxMatches-types.MaxDoubtfulMatches)
	f.judge(2, found...)
	before := f.balance(finder)
	f.untilSettled()
	require.Equal(t, before+10*vmt, f.balance(finder))
}

func TestSamplesThatAreGoneOrTakenDownMatchNothing(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "emotet", 10*vmt, 0)
	blocked, invalid := f.submit(finder, "blocked"), f.submit(finder, "invalid")
	f.block(blocked)
	f.conclude(false, invalid)
	f.judge(0, matching(blocked, id), matching(invalid, id), matching(bytes.Repeat([]byte{9}, 32), id))
	require.Empty(t, f.matches(id))
}

func sortedKeys(all map[string]int64) []string {
	var keys []string
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
