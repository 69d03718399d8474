package keeper_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/x/samples/types"
)

const rescanFee = int64(100_000) // the default parameter

func TestRescan(t *testing.T) {
	f := newFixture(t)
	hash := f.reach(types.STATUS_FINAL, "content")
	f.endBlock(10, 3600)
	f.freshEvents()
	require.NoError(t, f.rescan(copier, hash))

	sample := f.sample(hash)
	require.Equal(t, types.STATUS_QUEUED, sample.Status)
	require.Equal(t, f.ctx.BlockTime().Unix()+365*24*3600, sample.ExpiryTime, "a new time to live")
	require.Equal(t, uint64(1), sample.Round, "still that of the last round")
	require.True(t, sample.Deposit.IsZero())
	require.Equal(t, contributor.String(), sample.Contributor)

	require.Equal(t, startBalance-rescanFee, f.balance(copier))
	pool, err := f.distribution.FeePool.Get(f.ctx)
	require.NoError(t, err)
	require.Equal(t, rescanFee, pool.CommunityPool.AmountOf(types.Denom).TruncateInt64())

	require.Equal(t, [][]byte{hash}, f.queued.rescans)
	require.Equal(t, []*types.EventRescanRequested{{Sha256: hash, Requester: copier.String()}},
		eventsOf[*types.EventRescanRequested](f))

	f.begin(2, hash)
	f.conclude(true, hash)
	require.NoError(t, f.rescan(copier, hash), "as often as somebody pays")
}

// A rescan that another module asks for costs nothing, and is refused like one that is paid.
func TestRescanByAModule(t *testing.T) {
	f := newFixture(t)
	hash := f.reach(types.STATUS_FINAL, "content")
	f.endBlock(10, 3600)
	f.freshEvents()
	require.NoError(t, f.keeper.Rescan(f.ctx, hash))
	require.Equal(t, types.STATUS_QUEUED, f.sample(hash).Status)
	require.Equal(t, f.ctx.BlockTime().Unix()+ttl, f.sample(hash).ExpiryTime)
	require.Equal(t, [][]byte{hash}, f.queued.rescans)
	require.Empty(t, eventsOf[*types.EventRescanRequested](f), "nobody requested it")

	require.ErrorIs(t, f.keeper.Rescan(f.ctx, hash), types.ErrStatus)
	require.ErrorIs(t, f.keeper.Rescan(f.ctx, submission("never seen").Sha256), types.ErrNotFound)
	f.begin(2, hash)
	f.conclude(true, hash)
	f.queued.err = errFull
	require.ErrorIs(t, f.tx(func(ctx context.Context) error { return f.keeper.Rescan(ctx, hash) }), errFull)
	require.Equal(t, types.STATUS_FINAL, f.sample(hash).Status)
}

func TestRescanForFree(t *testing.T) {
	f := newFixture(t)
	hash := f.reach(types.STATUS_FINAL, "content")
	f.setParams(func(p *types.Params) { p.RescanFee = sdk.NewInt64Coin(types.Denom, 0) })
	require.NoError(t, f.rescan(account("owns nothing"), hash))
	require.Equal(t, types.STATUS_QUEUED, f.sample(hash).Status)
}

func TestRescanRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		status    types.Status
		requester string
		sha256    []byte // default: the sample in the status
		hook      error
		want      error
		says      string
	}{
		"queued":       {status: types.STATUS_QUEUED, want: types.ErrStatus, says: "it is STATUS_QUEUED, not STATUS_FINAL"},
		"scanning":     {status: types.STATUS_SCANNING, want: types.ErrStatus, says: "it is STATUS_SCANNING"},
		"invalid":      {status: types.STATUS_INVALID, want: types.ErrStatus, says: "it is STATUS_INVALID"},
		"blocked":      {status: types.STATUS_BLOCKED, want: types.ErrStatus, says: "it is STATUS_BLOCKED"},
		"unknown":      {status: types.STATUS_FINAL, sha256: submission("never seen").Sha256, want: types.ErrNotFound, says: "sha256"},
		"short hash":   {status: types.STATUS_FINAL, sha256: []byte{1}, want: types.ErrInvalidHash, says: "sha256: 1 bytes, want 32"},
		"no requester": {status: types.STATUS_FINAL, requester: "x", want: sdkerrors.ErrInvalidAddress, says: "requester"},
		"no money": {
			status: types.STATUS_FINAL, requester: account("owns nothing").String(),
			want: sdkerrors.ErrInsufficientFunds, says: "rescan_fee",
		},
		"hook": {status: types.STATUS_FINAL, hook: errFull, want: errFull},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			msg := &types.MsgRequestRescan{Requester: copier.String(), Sha256: f.reach(test.status, "content")}
			if test.requester != "" {
				msg.Requester = test.requester
			}
			if test.sha256 != nil {
				msg.Sha256 = test.sha256
			}
			f.queued.err = test.hook
			before := f.export()
			err := f.tx(func(ctx context.Context) error {
				_, err := f.msgs.RequestRescan(ctx, msg)
				return err
			})
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.says)
			require.Equal(t, before, f.export())
			require.Equal(t, startBalance, f.balance(copier))
		})
	}
}

var errFull = errors.New("the queue is full")
