package keeper_test

import (
	"context"
	"strings"
	"testing"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/samples/types"
)

func TestBlockFromEveryStatus(t *testing.T) {
	for status, heldAfter := range map[types.Status]int64{
		types.STATUS_QUEUED:   0,       // returned at once
		types.STATUS_SCANNING: deposit, // returned when the round ends
		types.STATUS_FINAL:    0,
		types.STATUS_INVALID:  0,
		types.STATUS_BLOCKED:  0,
	} {
		t.Run(status.String(), func(t *testing.T) {
			f := newFixture(t)
			hash := f.reach(status, "content")
			f.endBlock(1, 60)
			f.freshEvents()
			require.NoError(t, f.takeDown(hash))

			sample := f.sample(hash)
			require.Equal(t, types.STATUS_BLOCKED, sample.Status)
			require.Equal(t, f.ctx.BlockTime().Unix()+365*24*3600, sample.ExpiryTime)
			require.Equal(t, heldAfter, sample.Deposit.Int64())
			require.Equal(t, heldAfter, f.held(contributor))
			require.Equal(t, []*types.EventBlocked{{Sha256: hash, Reason: "court order"}}, eventsOf[*types.EventBlocked](f))
			require.Len(t, f.queued.initial, 1)
		})
	}
}

func TestBlockedDuringItsRound(t *testing.T) {
	for name, end := range map[string]func(f *fixture, hash []byte){
		"round finds it valid":   func(f *fixture, hash []byte) { f.conclude(true, hash) },
		"round finds it invalid": func(f *fixture, hash []byte) { f.conclude(false, hash) },
		"round is aborted":       func(f *fixture, hash []byte) { require.NoError(f.t, f.keeper.AbortScan(f.ctx, hash)) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			hash := f.reach(types.STATUS_SCANNING, "content")
			require.NoError(t, f.takeDown(hash))
			require.NoError(t, f.takeDown(hash), "again, with a reason that was forgotten")
			require.Equal(t, deposit, f.held(contributor))
			end(f, hash)

			require.Equal(t, types.STATUS_BLOCKED, f.sample(hash).Status)
			require.Zero(t, f.held(contributor))
			require.Equal(t, startBalance, f.balance(contributor))
		})
	}
}

func TestBlockRefusals(t *testing.T) {
	hash := submission("content").Sha256
	for name, test := range map[string]struct {
		msg  types.MsgBlockSample
		want error
		says string
	}{
		"not the authority": {types.MsgBlockSample{Authority: copier.String(), Sha256: hash, Reason: "spite"}, sdkerrors.ErrUnauthorized, "invalid authority"},
		"short hash":        {types.MsgBlockSample{Authority: authority.String(), Sha256: hash[:3], Reason: "x"}, types.ErrInvalidHash, "sha256: 3 bytes"},
		"no reason":         {types.MsgBlockSample{Authority: authority.String(), Sha256: hash}, types.ErrInvalidReason, "reason: 0 bytes, want 1..256"},
		"long reason":       {types.MsgBlockSample{Authority: authority.String(), Sha256: hash, Reason: strings.Repeat("x", 257)}, types.ErrInvalidReason, "reason: 257 bytes"},
		"reason not text":   {types.MsgBlockSample{Authority: authority.String(), Sha256: hash, Reason: "\xff"}, types.ErrInvalidReason, "not UTF-8"},
		"unknown":           {types.MsgBlockSample{Authority: authority.String(), Sha256: submission("other").Sha256, Reason: "x"}, types.ErrNotFound, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.mustSubmit(contributor, submission("content"))
			before := f.export()
			err := f.tx(func(ctx context.Context) error {
				_, err := f.msgs.BlockSample(ctx, &test.msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.Equal(t, before, f.export())
		})
	}
}

// The consensus parameters can name one authority for all modules.
func TestAuthorityOfTheConsensusParameters(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(contributor, submission("content"))
	council := account("council")
	ctx := f.ctx.WithConsensusParams(cmtproto.ConsensusParams{Authority: &cmtproto.AuthorityParams{Authority: council.String()}})

	msg := &types.MsgBlockSample{Authority: authority.String(), Sha256: submission("content").Sha256, Reason: "x"}
	_, err := f.msgs.BlockSample(ctx, msg)
	require.ErrorIs(t, err, sdkerrors.ErrUnauthorized)
	msg.Authority = council.String()
	_, err = f.msgs.BlockSample(ctx, msg)
	require.NoError(t, err)
	_, err = f.msgs.UpdateParams(ctx, &types.MsgUpdateParams{Authority: council.String(), Params: types.DefaultParams()})
	require.NoError(t, err)
}

func TestUpdateParams(t *testing.T) {
	f := newFixture(t)
	params := types.DefaultParams()
	params.Deposit = sdk.NewInt64Coin(types.Denom, 5)

	_, err := f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: copier.String(), Params: params})
	require.ErrorIs(t, err, sdkerrors.ErrUnauthorized)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String()})
	require.ErrorIs(t, err, types.ErrInvalidParams)
	stored, err := f.keeper.Params.Get(f.ctx)
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), stored)

	f.mustSubmit(contributor, submission("at the old price"))
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority.String(), Params: params})
	require.NoError(t, err)
	f.mustSubmit(contributor, submission("at the new price"))
	require.Equal(t, deposit+5, f.held(contributor))
	// What was paid is what returns.
	f.begin(1, submission("at the old price").Sha256)
	f.conclude(true, submission("at the old price").Sha256)
	require.Equal(t, int64(5), f.held(contributor))
}
