package keeper_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// claim lets an account note that it has content, to open the note later.
func (f *bountyFixture) claim(claimant sdk.AccAddress, content string) samplestypes.Submission {
	f.t.Helper()
	described := submission(content)
	described.ClaimSalt = bytes.Repeat([]byte{5}, samplestypes.ClaimSaltBytes)
	_, err := f.submits.ClaimSubmissions(f.ctx, &samplestypes.MsgClaimSubmissions{
		Claimant: claimant.String(), Hashes: [][]byte{samplestypes.ClaimHash(described.Sha256, claimant, described.ClaimSalt)},
	})
	require.NoError(f.t, err)
	return described
}

func (f *bountyFixture) open(claimant sdk.AccAddress, opened samplestypes.Submission) {
	f.t.Helper()
	_, err := f.submits.SubmitSamples(f.ctx, &samplestypes.MsgSubmitSamples{
		Submitter: claimant.String(), Samples: []samplestypes.Submission{opened},
	})
	require.NoError(f.t, err)
}

// Whoever copies a submission out of a block is not paid when the finder opens its claim.
func TestAnOlderClaimIsPaid(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	f.endBlock(3, time.Second)
	claimed := f.claim(finder, "found")
	f.endBlock(1, time.Second)
	hash := f.submit(rival, "found")
	copied, found := f.balance(rival), f.balance(finder)
	f.judge(0, matching(hash, id))
	f.endBlock(f.claimWindow()-1, time.Second) // the last block in which the claim can be opened
	f.open(finder, claimed)
	f.endBlock(1, time.Second)
	require.True(t, f.runs(id))
	f.endBlock(1, time.Second)
	require.False(t, f.runs(id))
	require.Equal(t, found+30*vmt, f.balance(finder))
	require.Equal(t, copied, f.balance(rival))
}

// Two that are due in one block: who found it first wins, else the smaller hash.
func TestTheFirstFinderWins(t *testing.T) {
	f := newBountyFixture(t)
	byClaim, byHash := f.mustPost(familyKind, "by-claim", 30*vmt, 0), f.mustPost(familyKind, "by-hash", 30*vmt, 0)
	claimed := f.claim(finder, "claimed")
	f.endBlock(1, time.Second)
	var hashes [][]byte
	for _, content := range contents("submitted", 4) {
		hashes = append(hashes, f.submit(rival, content))
	}
	f.open(finder, claimed)
	members := []judged{matching(claimed.Sha256, byClaim)}
	for _, hash := range hashes {
		members = append(members, matching(hash, byClaim, byHash))
	}
	f.judge(0, members...)
	require.Len(t, f.matches(byClaim), 5)
	f.untilSettled()
	require.False(t, f.runs(byClaim))
	require.False(t, f.runs(byHash))
	winners := make(map[string][]byte)
	for _, paid := range bountyEvents[*types.EventBountyPaid](f) {
		winners[hex.EncodeToString(paid.Bounty)] = paid.Sha256
	}
	slices.SortFunc(hashes, bytes.Compare)
	require.Equal(t, map[string][]byte{hex.EncodeToString(byClaim): claimed.Sha256, hex.EncodeToString(byHash): hashes[0]}, winners)
}

func TestASampleTakenDownMeanwhileIsPassedOver(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	first := f.submit(rival, "first")
	f.endBlock(1, time.Second)
	second := f.submit(finder, "second")
	f.judge(0, matching(first, id), matching(second, id))
	f.block(first)
	before := f.balance(finder)
	f.endBlock(f.claimWindow()-1, time.Second)
	f.endBlock(1, time.Second)
	require.Equal(t, []string{hex.EncodeToString(second)}, sortedKeys(f.matches(id)), "the other was due and is dropped")
	f.endBlock(1, time.Second)
	require.False(t, f.runs(id))
	require.Equal(t, before+30*vmt, f.balance(finder))
}

func TestASampleThatIsGoneIsPassedOver(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	gone, stays := f.submit(rival, "gone"), f.submit(finder, "stays")
	f.judge(0, matching(gone, id), matching(stays, id))
	require.NoError(t, f.samples.Samples.Remove(f.ctx, gone))
	before := f.balance(finder)
	f.untilSettled()
	require.False(t, f.runs(id))
	require.Equal(t, before+30*vmt, f.balance(finder))
}

// A sample that is invalid gives way to another ciphertext, which can be claimed anew.
func TestASampleSubmittedAnewWaitsAnew(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "emotet", 30*vmt, 0)
	hash := f.submit(rival, "found")
	f.judge(0, matching(hash, id))
	f.conclude(false, hash)
	f.endBlock(10, time.Second)
	again := submission("found")
	again.Sealing.KeyCommitment = bytes.Repeat([]byte{1}, 32)
	f.open(finder, again)
	before := f.balance(finder)
	f.endBlock(f.claimWindow()-10, time.Second)
	f.endBlock(10, time.Second)
	require.Equal(t, map[string]int64{hex.EncodeToString(hash): 11 + f.claimWindow()}, f.matches(id))
	f.endBlock(1, time.Second)
	require.False(t, f.runs(id))
	require.Equal(t, before+30*vmt, f.balance(finder))
}

// Payments go before expiries, and both are bounded together.
func TestFewPaymentsInABlock(t *testing.T) {
	f := newBountyFixture(t)
	f.setParams(func(p *types.Params) { p.MaxBountiesPerBlock = 2 })
	var ids [][]byte
	for i := range 3 {
		ids = append(ids, f.mustPost(familyKind, fmt.Sprint("family-", i), 10*vmt, 0))
	}
	expires := f.mustPost(familyKind, "expires", 10*vmt, 0)
	members := make([]judged, 0, 3)
	for _, content := range contents("found", 3) {
		members = append(members, matching(f.submit(finder, content), ids...))
	}
	f.judge(0, members...)
	before := f.balance(finder)
	f.endBlock(f.claimWindow(), runsFor) // all are due, and their time is over
	for _, want := range []int64{20, 30, 30} {
		f.endBlock(1, time.Second)
		require.Equal(t, before+want*vmt, f.balance(finder))
	}
	require.False(t, f.runs(expires))
}

func TestAPaymentThatFailsIsPutOff(t *testing.T) {
	f := newBountyFixture(t)
	id := f.mustPost(familyKind, "broken", 10*vmt, 0)
	hash := f.submit(finder, "found")
	f.judge(0, matching(hash, id))
	f.endBlock(f.claimWindow(), time.Second)
	stolen := sdk.NewCoins(uvmt(1))
	require.NoError(t, f.bank.SendCoins(f.ctx, types.EscrowAddress(id), rival, stolen))
	require.NoError(t, f.keeper.EndBlock(f.ctx))
	require.True(t, f.runs(id))
	require.Equal(t, 10*vmt-1, f.escrow(id))
	require.Equal(t, map[string]int64{hex.EncodeToString(hash): f.ctx.BlockHeight() + 3600}, f.matches(id))
	failed := bountyEvents[*types.EventItemFailed](f)
	require.Len(t, failed, 1)
	require.Equal(t, "bounty_payments", failed[0].Queue)

	require.NoError(t, f.bank.SendCoins(f.ctx, rival, types.EscrowAddress(id), stolen))
	before := f.balance(finder)
	f.endBlock(3600, time.Hour)
	f.endBlock(1, time.Second)
	require.False(t, f.runs(id))
	require.Equal(t, before+10*vmt, f.balance(finder))
}
