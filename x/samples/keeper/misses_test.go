package keeper_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

// passDeadline goes to the first block that closes the challenges, and ends it.
func (f *fixture) passDeadline() {
	f.t.Helper()
	before := len(f.storage.outcomes)
	f.endBlock(f.challengesOf(operator(0))[0].DeadlineHeight-f.ctx.BlockHeight(), 1)
	f.endBlock(1, 1)
	require.Len(f.t, f.storage.outcomes, before, "the block of the deadline still takes proofs")
	f.freshEvents()
	f.endBlock(1, 1)
}

// Answers and misses are told at the deadline, each with its epoch and operator.
func TestChallengesEndAtTheDeadline(t *testing.T) {
	f := challenged(t, 2)
	first, second := f.challengesOf(operator(0)), f.challengesOf(operator(1))
	for _, challenge := range first {
		require.NoError(t, f.prove(proof(0, challenge, file)))
	}
	require.NoError(t, f.prove(proof(1, second[0], file)))
	f.passDeadline()

	var want []outcome
	for range first {
		want = append(want, outcome{1, operator(0).String(), true})
	}
	want = append(want, outcome{1, operator(1).String(), true})
	var missed []*types.EventStorageMissed
	for _, challenge := range second[1:] {
		want = append(want, outcome{1, operator(1).String(), false})
		missed = append(missed, types.NewEventStorageMissed(challenge))
	}
	require.ElementsMatch(t, want, f.storage.outcomes)
	require.ElementsMatch(t, missed, eventsOf[*types.EventStorageMissed](f))
	require.Empty(t, f.challengesOf(operator(0)))
	require.Empty(t, f.challengesOf(operator(1)))
	require.ErrorIs(t, f.prove(proof(0, first[0], file)), types.ErrNotChallenged)
}

func TestFailingListenerStopsNobody(t *testing.T) {
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("failure") },
		"panic": func() error { panic("bug") },
	} {
		t.Run(name, func(t *testing.T) {
			f := challenged(t, 3)
			total := 0
			for i := range 3 {
				total += len(f.challengesOf(operator(i)))
			}
			f.storage.fail = func(who sdk.AccAddress) error {
				if who.Equals(operator(1)) {
					return fail()
				}
				return nil
			}
			f.passDeadline()
			require.Len(t, f.storage.outcomes, total, "all are told")
			require.Len(t, eventsOf[*types.EventStorageMissed](f), total)
			for i := range 3 {
				require.Empty(t, f.challengesOf(operator(i)), "and closed")
			}
		})
	}
}

// A sample that is not there any more blames nobody; who answered before has answered.
func TestNobodyIsBlamedForWhatIsGone(t *testing.T) {
	hash := submission(file).Sha256
	again := func(f *fixture) {
		s := submission(file)
		s.Sealing = sealing(file, "another file key")
		f.mustSubmit(contributor, s)
	}
	for name, change := range map[string]func(f *fixture){
		"taken down": func(f *fixture) { require.NoError(f.t, f.takeDown(hash)) },
		"expired": func(f *fixture) {
			f.endBlock(1, ttl)
			f.endBlock(1, 1)
			require.True(f.t, f.gone(hash))
		},
		"expired and submitted again": func(f *fixture) {
			f.endBlock(1, ttl)
			f.endBlock(1, 1)
			again(f)
			f.begin(2, hash)
			f.conclude(true, hash)
		},
		"junk after all": func(f *fixture) {
			require.NoError(f.t, f.rescan(contributor, hash))
			f.begin(2, hash)
			f.conclude(false, hash)
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := challenged(t, 2)
			answered := f.challengesOf(operator(0))[0]
			require.NoError(t, f.prove(proof(0, answered, file)))
			f.endBlock(1, 1)
			change(f)
			f.passDeadline()
			f.endBlock(1, 1)
			require.Equal(t, []outcome{{1, operator(0).String(), true}}, f.storage.outcomes)
			require.Empty(t, eventsOf[*types.EventStorageMissed](f))
			require.Empty(t, f.challengesOf(operator(0)))
			require.Empty(t, f.challengesOf(operator(1)))
		})
	}
}

// A rescan leaves the ciphertext where it is, and its holders bound to it.
func TestRescannedSamplesMustStillBeStored(t *testing.T) {
	f := challenged(t, 1)
	total := len(f.challengesOf(operator(0)))
	require.NoError(t, f.rescan(contributor, submission(file).Sha256))
	f.passDeadline()
	require.Len(t, eventsOf[*types.EventStorageMissed](f), total)
}

func TestClosingIsBounded(t *testing.T) {
	f := challenged(t, 2)
	total := len(f.challengesOf(operator(0))) + len(f.challengesOf(operator(1)))
	f.setParams(func(p *types.Params) { p.MaxExpiriesPerBlock = 2 })
	f.passDeadline()
	require.Len(t, f.storage.outcomes, 2)
	for range total {
		f.endBlock(1, 1)
	}
	require.Len(t, f.storage.outcomes, total)
}
