package keeper

import (
	"context"
	"errors"

	"cosmossdk.io/collections"

	"github.com/virusmap/virusmap/x/market/types"
)

// CreateBundle names a set of samples that can all be sold, and burns its fee.
func (s msgServer) CreateBundle(ctx context.Context, msg *types.MsgCreateBundle) (*types.MsgCreateBundleResponse, error) {
	creator, err := types.ParseAddress("creator", msg.Creator)
	if err != nil {
		return nil, err
	}
	params, err := s.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	if err := msg.Validate(params); err != nil {
		return nil, err
	}
	bundle := types.Bundle{
		Id: types.BundleID(creator, msg.Title, msg.Samples), Creator: creator.String(), Title: msg.Title, Samples: msg.Samples,
	}
	if err := s.checkBundle(ctx, params, bundle); err != nil {
		return nil, err
	}

	if err := s.burn(ctx, creator, params.BundleFee.Amount); err != nil {
		return nil, err
	}
	if err := s.Bundles.Set(ctx, bundle.Id, bundle); err != nil {
		return nil, err
	}
	return &types.MsgCreateBundleResponse{Id: bundle.Id}, emit(ctx, &types.EventBundleCreated{
		Bundle: bundle.Id, Creator: bundle.Creator, Title: bundle.Title, Samples: uint32(len(bundle.Samples)),
	})
}

// checkBundle wants a new bundle of samples that are for sale.
func (k *Keeper) checkBundle(ctx context.Context, params types.Params, bundle types.Bundle) error {
	known, err := k.Bundles.Has(ctx, bundle.Id)
	if err != nil {
		return err
	}
	if known {
		return types.ErrInvalidBundle.Wrapf("%x: exists already", bundle.Id)
	}
	for _, sample := range bundle.Samples {
		if _, _, err := k.offer(ctx, params, sample); err != nil {
			return err
		}
	}
	return nil
}

// bundle returns a bundle or ErrNotFound.
func (k *Keeper) bundle(ctx context.Context, id []byte) (types.Bundle, error) {
	bundle, err := k.Bundles.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return bundle, types.ErrNotFound.Wrapf("bundle %.64x", id)
	}
	return bundle, err
}

// requireWhole refuses items that are not exactly the samples of the bundle they are ordered
// in. An empty bundle is none.
func (k *Keeper) requireWhole(ctx context.Context, bundle []byte, items []types.Item) error {
	if len(bundle) == 0 {
		return nil
	}
	known, err := k.bundle(ctx, bundle)
	if err != nil {
		return err
	}
	return known.Matches(items)
}
