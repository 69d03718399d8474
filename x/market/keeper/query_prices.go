package keeper

import (
	"context"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/x/market/types"
)

// Prices returns what every product costs, in the order of the products.
func (q queryServer) Prices(ctx context.Context, _ *types.QueryPricesRequest) (*types.QueryPricesResponse, error) {
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	response := &types.QueryPricesResponse{Prices: make([]types.Price, len(params.Products))}
	for i, product := range params.Products {
		if response.Prices[i], err = q.k.price(ctx, product.Id); err != nil {
			return nil, err
		}
	}
	response.Epoch, err = q.k.priceEpoch(ctx)
	return response, err
}

// Quote tells what a sample is sold as and for.
func (q queryServer) Quote(ctx context.Context, req *types.QueryQuoteRequest) (*types.QueryQuoteResponse, error) {
	sha256, err := parseHash("sha256", req.GetSha256())
	if err != nil {
		return nil, err
	}
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, err
	}
	sample, product, err := q.k.offer(ctx, params, sha256)
	if types.ErrNotForSale.Is(err) {
		return nil, status.Error(codes.NotFound, err.Error())
	}
	if err != nil {
		return nil, err
	}
	price, err := q.k.currentPrice(ctx, product)
	return &types.QueryQuoteResponse{
		Product: product.Id, Price: price, Sealing: sample.Sealing, SizeBytes: sample.SizeBytes, Kind: sample.Kind,
	}, err
}

// parseHash reads 32 bytes in hex; field names them in the error.
func parseHash(field, text string) ([]byte, error) {
	hash, err := hex.DecodeString(text)
	if err != nil || len(hash) != 32 {
		return nil, status.Errorf(codes.InvalidArgument, "%s: %.80q is not 64 hex digits", field, text)
	}
	return hash, nil
}
