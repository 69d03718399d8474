package keeper

import (
	"context"

	"github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// offer is what a sample is sold as. ErrNotForSale says why one is not: it is unknown, not
// FINAL, or larger than every product of its kind.
func (k *Keeper) offer(ctx context.Context, params types.Params, sha256 []byte) (samplestypes.Sample, types.Product, error) {
	sample, err := k.samples.Get(ctx, sha256)
	if samplestypes.ErrNotFound.Is(err) {
		return sample, types.Product{}, types.ErrNotForSale.Wrapf("sample %x is not known", sha256)
	}
	if err != nil {
		return sample, types.Product{}, err
	}
	if sample.Status != samplestypes.STATUS_FINAL {
		return sample, types.Product{}, types.ErrNotForSale.Wrapf("sample %x is %s, want %s", sha256, sample.Status, samplestypes.STATUS_FINAL)
	}
	product, sold := params.SoldAs(sample.Kind, sample.SizeBytes)
	if !sold {
		return sample, product, types.ErrNotForSale.Wrapf("sample %x of %s has %d bytes, no product takes it", sha256, sample.Kind, sample.SizeBytes)
	}
	return sample, product, nil
}
