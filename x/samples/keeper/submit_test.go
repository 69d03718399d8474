package keeper_test

import (
	"fmt"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

const deposit = int64(1_000_000) // the default parameter

func TestSubmitThroughGateway(t *testing.T) {
	f := newFixture(t)
	first, second := by(submission("first"), contributor), by(submission("second"), contributor)

	response, err := f.submit(gateway, first, second)
	require.NoError(t, err)
	require.Equal(t, &types.MsgSubmitSamplesResponse{Accepted: 2}, response)

	now := f.ctx.BlockTime().Unix()
	sample := f.sample(first.Sha256)
	require.Equal(t, types.Sample{
		Kind:            types.KIND_FILE,
		SizeBytes:       5,
		Sealing:         first.Sealing,
		Contributor:     contributor.String(),
		Gateway:         gateway.String(),
		Deposit:         sample.Deposit,
		SubmittedHeight: 1,
		SubmittedTime:   now,
		PriorityHeight:  1,
		Status:          types.STATUS_QUEUED,
		ExpiryTime:      now + 365*24*3600,
	}, sample)
	require.Equal(t, deposit, sample.Deposit.Int64())
	require.True(t, f.contributorHas(contributor, first.Sha256))

	require.Equal(t, startBalance-2*deposit, f.balance(gateway), "the gateway pays")
	require.Equal(t, 2*deposit, f.held(gateway))
	require.Equal(t, startBalance, f.balance(contributor))

	require.Equal(t, [][]byte{first.Sha256, second.Sha256}, f.queued.initial)
	require.Empty(t, f.queued.rescans)
	require.Equal(t, []*types.EventSubmitted{
		{Sha256: first.Sha256, Kind: types.KIND_FILE, Contributor: contributor.String(), Gateway: gateway.String()},
		{Sha256: second.Sha256, Kind: types.KIND_FILE, Contributor: contributor.String(), Gateway: gateway.String()},
	}, eventsOf[*types.EventSubmitted](f))
}

func TestSubmitByContributor(t *testing.T) {
	f := newFixture(t)
	unnamed, named := submission("unnamed"), by(submission("named"), contributor)
	f.mustSubmit(contributor, unnamed, named)

	for _, s := range []types.Submission{unnamed, named} {
		sample := f.sample(s.Sha256)
		require.Equal(t, contributor.String(), sample.Contributor)
		require.Empty(t, sample.Gateway)
		require.Equal(t, contributor.String(), sample.Payer())
	}
	require.Equal(t, 2*deposit, f.held(contributor))
}

func TestSubmitOneSendPerMessage(t *testing.T) {
	f := newFixture(t)
	f.freshEvents()
	f.mustSubmit(gateway, by(submission("a"), contributor), by(submission("b"), copier), submission("c"))
	transfers := 0
	for _, event := range f.ctx.EventManager().Events() {
		if event.Type == "transfer" {
			transfers++
		}
	}
	require.Equal(t, 1, transfers)
	require.Equal(t, 3*deposit, f.held(gateway))
}

func TestSubmitEdges(t *testing.T) {
	t.Run("empty file", func(t *testing.T) {
		f := newFixture(t)
		f.mustSubmit(contributor, submission(""))
	})
	t.Run("every kind", func(t *testing.T) {
		f := newFixture(t)
		for _, kind := range []types.Kind{types.KIND_FILE, types.KIND_URL, types.KIND_INTEL} {
			s := submission(kind.String())
			s.Kind = kind
			f.mustSubmit(contributor, s)
			require.Equal(t, kind, f.sample(s.Sha256).Kind)
		}
	})
	t.Run("largest file and message", func(t *testing.T) {
		f := newFixture(t)
		params, err := f.keeper.Params.Get(f.ctx)
		require.NoError(t, err)
		all := make([]types.Submission, 100)
		for i := range all {
			all[i] = submission(fmt.Sprint(i))
		}
		all[0].SizeBytes = params.MaxSizeBytes
		all[0].Sealing.SizeBytes = params.MaxSizeBytes + params.MaxSizeBytes/(64<<10)*16 + 2300
		response, err := f.submit(contributor, all...)
		require.NoError(t, err)
		require.Equal(t, uint32(100), response.Accepted)
		require.Equal(t, 100*deposit, f.held(contributor))
	})
	t.Run("no deposit", func(t *testing.T) {
		f := newFixture(t)
		f.setParams(func(p *types.Params) { p.Deposit = sdk.NewInt64Coin(types.Denom, 0) })
		poor := account("owns nothing")
		f.mustSubmit(poor, submission("free"))
		require.True(t, f.sample(submission("free").Sha256).Deposit.IsZero())
	})
	t.Run("UnixFS directory codec", func(t *testing.T) {
		f := newFixture(t)
		s := submission("chunked")
		s.Sealing.Cid = recoded(t, s.Sealing.Cid, cid.DagProtobuf)
		f.mustSubmit(contributor, s)
	})
}

func TestSubmitKnownHashIsHarmless(t *testing.T) {
	f := newFixture(t)
	known := by(submission("known"), contributor)
	f.mustSubmit(gateway, known)
	for _, status := range []types.Status{
		types.STATUS_QUEUED, types.STATUS_SCANNING, types.STATUS_FINAL, types.STATUS_INVALID, types.STATUS_BLOCKED,
	} {
		f.reach(status, status.String())
	}
	before := f.export()
	f.freshEvents()
	f.queued.initial = nil
	paid := f.balance(gateway)

	for _, status := range types.Status_name {
		if status == types.STATUS_UNSPECIFIED.String() {
			continue
		}
		response, err := f.submit(gateway, submission(status))
		require.NoError(t, err, status)
		require.Equal(t, &types.MsgSubmitSamplesResponse{Known: 1}, response, status)
	}
	// From somebody else, in another sealing.
	other := by(known, copier)
	other.Sealing = sealing("known", "another file key")
	response, err := f.submit(copier, other)
	require.NoError(t, err)
	require.Equal(t, uint32(1), response.Known)

	require.Equal(t, before, f.export())
	require.Equal(t, paid, f.balance(gateway))
	require.Equal(t, startBalance, f.balance(copier))
	require.Empty(t, f.queued.initial)
	require.Empty(t, f.ctx.EventManager().Events())

	response, err = f.submit(gateway, known, submission("fresh"))
	require.NoError(t, err)
	require.Equal(t, &types.MsgSubmitSamplesResponse{Accepted: 1, Known: 1}, response)
	require.Equal(t, paid-deposit, f.balance(gateway), "only what is new costs a deposit")
}

// Somebody may submit the hash of a content over junk before its owner does. That costs
// a deposit and must not keep the content out.
func TestSubmitReplacesAnInvalidRecord(t *testing.T) {
	f := newFixture(t)
	junk := submission("content")
	junk.Sealing = sealing("content", "junk in its place")
	f.mustSubmit(copier, junk)
	f.begin(1, junk.Sha256)
	f.conclude(false, junk.Sha256)
	require.Equal(t, startBalance-deposit, f.balance(copier), "burned")
	f.endBlock(1, 1)

	good := submission("content")
	response, err := f.submit(contributor, good)
	require.NoError(t, err)
	require.Equal(t, uint32(1), response.Accepted)

	sample := f.sample(good.Sha256)
	require.Equal(t, types.STATUS_QUEUED, sample.Status)
	require.Equal(t, contributor.String(), sample.Contributor)
	require.Equal(t, good.Sealing, sample.Sealing)
	require.Equal(t, int64(2), sample.SubmittedHeight)
	require.Zero(t, sample.Round)
	require.False(t, f.contributorHas(copier, good.Sha256))
	require.Equal(t, [][]byte{good.Sha256, good.Sha256}, f.queued.initial)
	_, err = f.keeper.ByCID.Get(f.ctx, junk.Sealing.Cid)
	require.Error(t, err, "the junk's CID is free again")
	require.Equal(t, deposit, f.held(contributor))
}
