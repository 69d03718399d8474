package keeper_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/samples/types"
)

const claimWindow = 600 // blocks, the default parameter

var salt = bytes.Repeat([]byte{0x5a}, types.ClaimSaltBytes)

func claimOn(content string, contributor sdk.AccAddress) []byte {
	return types.ClaimHash(submission(content).Sha256, contributor, salt)
}

func TestClaimIsStoredWithItsHeight(t *testing.T) {
	f := newFixture(t)
	first, second := claimOn("first", contributor), claimOn("second", contributor)
	require.NoError(t, f.claim(contributor, first))
	f.endBlock(4, 4)
	f.freshEvents()
	require.NoError(t, f.claim(contributor, first, second, second))

	height, err := f.keeper.Claims.Get(f.ctx, first)
	require.NoError(t, err)
	require.Equal(t, int64(1), height, "the older claim stays")
	height, err = f.keeper.Claims.Get(f.ctx, second)
	require.NoError(t, err)
	require.Equal(t, int64(5), height)
	require.Equal(t, []*types.EventClaimed{{Claimant: contributor.String(), Claims: 1}}, eventsOf[*types.EventClaimed](f))
}

func TestClaimRefusals(t *testing.T) {
	hash := claimOn("content", contributor)
	for name, test := range map[string]struct {
		claimant string
		hashes   [][]byte
		want     error
		says     string
	}{
		"no claimant":     {claimant: "", hashes: [][]byte{hash}, want: sdkerrors.ErrInvalidAddress, says: "claimant"},
		"no hashes":       {claimant: copier.String(), want: types.ErrCount, says: "hashes: 0, want 1..100"},
		"too many hashes": {claimant: copier.String(), hashes: make([][]byte, 101), want: types.ErrCount, says: "hashes: 101"},
		"short hash":      {claimant: copier.String(), hashes: [][]byte{hash, hash[:5]}, want: types.ErrInvalidHash, says: "hashes[1]: 5 bytes, want 32"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			before := f.export()
			err := f.tx(func(ctx context.Context) error {
				_, err := f.msgs.ClaimSubmissions(ctx, &types.MsgClaimSubmissions{Claimant: test.claimant, Hashes: test.hashes})
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.Equal(t, before, f.export())
		})
	}
}

func TestClaimOpenedByTheFirstSubmission(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.claim(contributor, claimOn("content", contributor)))
	f.endBlock(9, 9)
	f.mustSubmit(gateway, opening(by(submission("content"), contributor), salt))

	sample := f.sample(submission("content").Sha256)
	require.Equal(t, int64(1), sample.PriorityHeight)
	require.Equal(t, int64(10), sample.SubmittedHeight)
}

// A copier sees the submission in the mempool and gets its own in front of it, in the
// same block or an earlier one. The claim that was made before wins.
func TestClaimBeatsAMempoolCopy(t *testing.T) {
	for name, test := range map[string]struct {
		blocksLate int64  // how many blocks after the copy the claimed submission lands
		copyBy     string // how the copier submits
		payer      sdk.AccAddress
	}{
		"same block, copied by an account":  {blocksLate: 0, copyBy: "account", payer: copier},
		"later block, copied by an account": {blocksLate: 5, copyBy: "account", payer: copier},
		"last block of the window":          {blocksLate: claimWindow - 1, copyBy: "account", payer: copier},
		"copied through a gateway":          {blocksLate: 1, copyBy: "gateway", payer: gateway},
		"copier claims in the same block":   {blocksLate: 0, copyBy: "claim", payer: copier},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			content := submission("new malware")
			require.NoError(t, f.claim(contributor, claimOn("new malware", contributor)))
			f.endBlock(1, 1)

			switch test.copyBy {
			case "account":
				f.mustSubmit(copier, content)
			case "gateway":
				f.mustSubmit(gateway, by(content, copier))
			case "claim":
				require.NoError(t, f.claim(copier, claimOn("new malware", copier)))
				f.mustSubmit(copier, opening(content, salt))
			}
			require.Equal(t, copier.String(), f.sample(content.Sha256).Contributor)
			if test.blocksLate > 0 {
				f.endBlock(test.blocksLate, test.blocksLate)
			}
			f.freshEvents()
			response, err := f.submit(contributor, opening(content, salt))
			require.NoError(t, err)
			require.Equal(t, &types.MsgSubmitSamplesResponse{Known: 1}, response)

			sample := f.sample(content.Sha256)
			require.Equal(t, contributor.String(), sample.Contributor)
			require.Equal(t, int64(1), sample.PriorityHeight)
			require.Equal(t, test.payer.String(), sample.Payer(), "the deposit stays that of who paid it")
			require.True(t, f.contributorHas(contributor, content.Sha256))
			require.False(t, f.contributorHas(copier, content.Sha256))
			require.Equal(t, []*types.EventContributorReplaced{
				{Sha256: content.Sha256, Previous: copier.String(), Contributor: contributor.String()},
			}, eventsOf[*types.EventContributorReplaced](f))
			require.Empty(t, eventsOf[*types.EventSubmitted](f))
			require.Len(t, f.queued.initial, 1, "not queued again")

			// A retry finds nothing left to do.
			f.freshEvents()
			before := f.export()
			f.mustSubmit(contributor, opening(content, salt))
			require.Equal(t, before, f.export())
			require.Empty(t, f.ctx.EventManager().Events())

			// Who paid gets the deposit back.
			paid := f.balance(test.payer)
			f.begin(1, content.Sha256)
			f.conclude(true, content.Sha256)
			require.Equal(t, paid+deposit, f.balance(test.payer))
			require.Equal(t, startBalance, f.balance(contributor))
		})
	}
}

func TestClaimDoesNotBeat(t *testing.T) {
	content := submission("content")
	for name, run := range map[string]func(f *fixture){
		"a submission of the same block": func(f *fixture) {
			f.mustSubmit(copier, content)
			require.NoError(f.t, f.claim(contributor, claimOn("content", contributor)))
			f.mustSubmit(contributor, opening(content, salt))
		},
		"an older claim": func(f *fixture) {
			require.NoError(f.t, f.claim(copier, claimOn("content", copier)))
			f.endBlock(1, 1)
			require.NoError(f.t, f.claim(contributor, claimOn("content", contributor)))
			f.endBlock(1, 1)
			f.mustSubmit(copier, opening(content, salt))
			f.mustSubmit(contributor, opening(content, salt))
		},
		"with another salt": func(f *fixture) {
			require.NoError(f.t, f.claim(contributor, claimOn("content", contributor)))
			f.endBlock(1, 1)
			f.mustSubmit(copier, content)
			f.mustSubmit(contributor, opening(content, make([]byte, types.ClaimSaltBytes)))
		},
		"with somebody else's claim": func(f *fixture) {
			require.NoError(f.t, f.claim(gateway, claimOn("content", gateway)))
			f.endBlock(1, 1)
			f.mustSubmit(copier, content)
			f.mustSubmit(contributor, opening(content, salt))
		},
		"after its window, though it is not pruned yet": func(f *fixture) {
			require.NoError(f.t, f.claim(contributor, claimOn("content", contributor)))
			f.ctx = f.ctx.WithBlockHeight(1 + claimWindow)
			f.mustSubmit(copier, content)
			f.ctx = f.ctx.WithBlockHeight(1 + claimWindow + 1)
			f.mustSubmit(contributor, opening(content, salt))
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			run(f)
			require.Equal(t, copier.String(), f.sample(content.Sha256).Contributor)
			require.Empty(t, eventsOf[*types.EventContributorReplaced](f))
		})
	}
}

func TestClaimMayBeMadeAgainAfterItsWindow(t *testing.T) {
	f := newFixture(t)
	hash := claimOn("content", contributor)
	require.NoError(t, f.claim(contributor, hash))
	f.ctx = f.ctx.WithBlockHeight(1 + claimWindow + 1) // expired, not pruned
	require.NoError(t, f.claim(contributor, hash))
	height, err := f.keeper.Claims.Get(f.ctx, hash)
	require.NoError(t, err)
	require.Equal(t, int64(1+claimWindow+1), height)
}

func TestClaimsExpireInBoundedSteps(t *testing.T) {
	f := newFixture(t)
	f.setParams(func(p *types.Params) { p.MaxExpiriesPerBlock = 3 })
	for i := range 8 {
		require.NoError(t, f.claim(contributor, claimOn(fmt.Sprint(i), contributor)))
	}
	f.endBlock(claimWindow, 1)
	f.endBlock(0, 0)
	require.Equal(t, 8, f.claims(), "the last block of the window")
	f.ctx = f.ctx.WithBlockHeight(1 + claimWindow + 1)
	for _, left := range []int{5, 2, 0, 0} {
		f.endBlock(1, 1)
		require.Equal(t, left, f.claims())
	}
}

func (f *fixture) claims() int {
	f.t.Helper()
	gs, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(f.t, err)
	return len(gs.Claims)
}
