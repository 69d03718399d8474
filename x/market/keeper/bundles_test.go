package keeper_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

func sortedHashes(hashes [][]byte) [][]byte {
	slices.SortFunc(hashes, bytes.Compare)
	return hashes
}

// createBundle makes a bundle of the buyer, as a transaction would.
func (f *pricesFixture) createBundle(title string, samples [][]byte) ([]byte, error) {
	ctx, write := f.ctx.CacheContext()
	response, err := f.msgs.CreateBundle(ctx, &types.MsgCreateBundle{Creator: f.buyer.String(), Title: title, Samples: samples})
	if err != nil {
		return nil, err
	}
	write()
	return response.Id, nil
}

func (f *pricesFixture) bundle(id []byte) (*types.QueryBundleResponse, error) {
	return f.queries.Bundle(f.ctx, &types.QueryBundleRequest{Id: hex.EncodeToString(id)})
}

func TestCreateBundleBurnsItsFee(t *testing.T) {
	f := newPricesFixture(t)
	samples := f.publish(3)
	bank, reserve := f.chain.App.BankKeeper, authtypes.NewModuleAddress(types.ModuleName)
	supply, held, unsold := bank.GetSupply(f.ctx, types.Denom), f.balance(f.buyer), f.balance(reserve)
	id, err := f.createBundle("Emotet, 2030", samples)
	require.NoError(t, err)

	require.Equal(t, types.BundleID(f.buyer, "Emotet, 2030", samples), id)
	shown, err := f.bundle(id)
	require.NoError(t, err)
	require.Equal(t, types.Bundle{Id: id, Creator: f.buyer.String(), Title: "Emotet, 2030", Samples: samples}, shown.Bundle)
	require.Equal(t, uint64(3*900_000), shown.Price)
	fee := int64(10_000_000)
	require.Equal(t, held-fee, f.balance(f.buyer))
	require.Equal(t, unsold, f.balance(reserve), "the sale keeps what it has")
	require.Equal(t, supply.SubAmount(math.NewInt(fee)), bank.GetSupply(f.ctx, types.Denom))

	event, err := sdk.TypedEventToEvent(&types.EventBundleCreated{Bundle: id, Creator: f.buyer.String(), Title: "Emotet, 2030", Samples: 3})
	require.NoError(t, err)
	require.Contains(t, f.ctx.EventManager().Events(), event)
}

func TestCreateBundleWithoutAFee(t *testing.T) {
	f := newPricesFixture(t)
	samples := f.publish(2)
	f.setParams(func(p *types.Params) { p.BundleFee.Amount = math.ZeroInt() })
	held := f.balance(f.buyer)
	_, err := f.createBundle("free", samples)
	require.NoError(t, err)
	require.Equal(t, held, f.balance(f.buyer))
}

func TestCreateBundleRefusals(t *testing.T) {
	f := newPricesFixture(t)
	samples := f.publish(3)
	_, err := f.createBundle("known", samples)
	require.NoError(t, err)
	held := f.balance(f.buyer)
	for name, refused := range map[string]struct {
		title   string
		samples [][]byte
		prepare func()
		want    error
	}{
		"exists already": {title: "known", samples: samples, want: types.ErrInvalidBundle},
		"untitled":       {samples: samples, want: types.ErrInvalidBundle},
		"disorder":       {title: "t", samples: [][]byte{samples[1], samples[0]}, want: types.ErrInvalidBundle},
		"unknown":        {title: "t", samples: [][]byte{make([]byte, 32), samples[0]}, want: types.ErrNotForSale},
		"taken down": {
			title: "t", samples: samples, want: types.ErrNotForSale,
			prepare: func() { f.setStatus(samples[2], samplestypes.STATUS_BLOCKED) },
		},
		"too poor": {
			title: "t", samples: samples[:2], want: sdkerrors.ErrInsufficientFunds,
			prepare: func() {
				all := sdk.NewCoins(sdk.NewInt64Coin(types.Denom, held-9_999_999))
				require.NoError(t, f.chain.App.BankKeeper.SendCoins(f.ctx, f.buyer, f.chain.Accounts[1].Address, all))
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			whole := f.ctx
			f.ctx, _ = whole.CacheContext()
			if refused.prepare != nil {
				refused.prepare()
			}
			_, err := f.createBundle(refused.title, refused.samples)
			require.ErrorIs(t, err, refused.want)
			f.ctx = whole
			require.Equal(t, held, f.balance(f.buyer))
		})
	}
	_, err = f.msgs.CreateBundle(f.ctx, &types.MsgCreateBundle{Creator: "nobody", Title: "t", Samples: samples})
	require.ErrorIs(t, err, types.ErrInvalidAddress)
}

func TestBundlesAreOrderedWhole(t *testing.T) {
	f := newPricesFixture(t)
	samples := f.publish(3)
	id, err := f.createBundle("three", samples)
	require.NoError(t, err)
	all := []types.Item{{Sha256: samples[2]}, {Sha256: samples[0]}, {Sha256: samples[1]}}

	require.NoError(t, f.keeper.RequireWhole(f.ctx, id, all))
	require.NoError(t, f.keeper.RequireWhole(f.ctx, nil, all[:1]), "without a bundle")
	require.ErrorIs(t, f.keeper.RequireWhole(f.ctx, id, all[:2]), types.ErrInvalidBundle)
	require.ErrorIs(t, f.keeper.RequireWhole(f.ctx, samples[0], all), types.ErrNotFound)
}

func TestBundleThatCannotBeOrderedHasNoPrice(t *testing.T) {
	f := newPricesFixture(t)
	samples := f.publish(2)
	id, err := f.createBundle("two", samples)
	require.NoError(t, err)
	f.setStatus(samples[0], samplestypes.STATUS_BLOCKED)
	shown, err := f.bundle(id)
	require.NoError(t, err)
	require.Zero(t, shown.Price)
	require.Equal(t, "two", shown.Bundle.Title)
}

func TestBundleQueryRefusals(t *testing.T) {
	f := newPricesFixture(t)
	_, err := f.bundle([]byte{1})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.bundle(make([]byte, 32))
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.queries.Bundles(f.ctx, &types.QueryBundlesRequest{Pagination: &query.PageRequest{Limit: 101}})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
}

func TestBundlesByPageAndRoundTrip(t *testing.T) {
	f := newPricesFixture(t)
	samples := f.publish(2)
	for _, title := range []string{"one", "two", "three"} {
		_, err := f.createBundle(title, samples)
		require.NoError(t, err)
	}
	first, err := f.queries.Bundles(f.ctx, &types.QueryBundlesRequest{Pagination: &query.PageRequest{Limit: 2}})
	require.NoError(t, err)
	require.Len(t, first.Bundles, 2)
	rest, err := f.queries.Bundles(f.ctx, &types.QueryBundlesRequest{Pagination: &query.PageRequest{Key: first.Pagination.NextKey}})
	require.NoError(t, err)

	exported, err := f.keeper.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Equal(t, exported.Bundles, append(first.Bundles, rest.Bundles...))
	other := newPricesFixture(t)
	require.NoError(t, other.keeper.InitGenesis(other.ctx, *exported))
	again, err := other.keeper.ExportGenesis(other.ctx)
	require.NoError(t, err)
	require.Equal(t, exported, again)
}
