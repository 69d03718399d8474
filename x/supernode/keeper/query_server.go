package keeper

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/supernode/types"
)

// maxPage bounds every page, whatever limit a request asks for.
const maxPage = 100

type queryServer struct{ k *Keeper }

var _ types.QueryServer = queryServer{}

// NewQueryServer serves the queries.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (q queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := q.k.Params.Get(ctx)
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Supernode returns one registration.
func (q queryServer) Supernode(ctx context.Context, req *types.QuerySupernodeRequest) (*types.QuerySupernodeResponse, error) {
	operator, err := types.ParseAddress("operator", req.GetOperator())
	if err != nil {
		return nil, answer(err)
	}
	supernode, err := q.k.Supernode(ctx, operator)
	if err != nil {
		return nil, answer(err)
	}
	return &types.QuerySupernodeResponse{Supernode: supernode}, nil
}

// Supernodes returns a page of registrations in operator order, 100 at most.
func (q queryServer) Supernodes(ctx context.Context, req *types.QuerySupernodesRequest) (*types.QuerySupernodesResponse, error) {
	supernodes, page, err := query.CollectionPaginate(ctx, q.k.Supernodes, bounded(req.GetPagination()),
		func(_ sdk.AccAddress, supernode types.Supernode) (types.Supernode, error) { return supernode, nil })
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QuerySupernodesResponse{Supernodes: supernodes, Pagination: page}, nil
}

// bounded is the page asked for, with at most maxPage entries.
func bounded(asked *query.PageRequest) *query.PageRequest {
	if asked.GetLimit() <= maxPage {
		return asked
	}
	page := *asked
	page.Limit = maxPage
	return &page
}

// Epoch returns an epoch and its seats; number 0 asks for the current one.
func (q queryServer) Epoch(ctx context.Context, req *types.QueryEpochRequest) (*types.QueryEpochResponse, error) {
	epoch, err := q.epoch(ctx, req.GetNumber())
	if err != nil {
		return nil, answer(err)
	}
	seats, err := q.k.Seats(ctx, epoch.Number)
	if err != nil {
		return nil, answer(err)
	}
	benched, err := q.benched(ctx, epoch.Number)
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryEpochResponse{Epoch: epoch, Seats: seats, Benched: benched}, nil
}

// VaultKey returns the vault key of an epoch; 0 asks for the newest one.
func (q queryServer) VaultKey(ctx context.Context, req *types.QueryVaultKeyRequest) (*types.QueryVaultKeyResponse, error) {
	key, err := q.vaultKey(ctx, req.GetEpoch())
	if err != nil {
		return nil, answer(err)
	}
	return &types.QueryVaultKeyResponse{VaultKey: key}, nil
}

// SealedKey returns a vault key's secret as sealed to one supernode.
func (q queryServer) SealedKey(ctx context.Context, req *types.QuerySealedKeyRequest) (*types.QuerySealedKeyResponse, error) {
	operator, err := types.ParseAddress("operator", req.GetOperator())
	if err != nil {
		return nil, answer(err)
	}
	key, err := q.k.SealedKeys.Get(ctx, collections.Join(req.GetEpoch(), operator))
	if errors.Is(err, collections.ErrNotFound) {
		err = types.ErrNotFound.Wrapf("vault key of epoch %d sealed to %s", req.GetEpoch(), operator)
	}
	if err != nil {
		return nil, answer(err)
	}
	return &types.QuerySealedKeyResponse{SealedKey: key}, nil
}

func (q queryServer) epoch(ctx context.Context, number uint64) (types.Epoch, error) {
	if number == 0 {
		epoch, err := q.k.CurrentEpoch(ctx)
		if err == nil && epoch.Number == 0 {
			err = types.ErrNotFound.Wrap("no epoch has begun")
		}
		return epoch, err
	}
	epoch, err := q.k.Epochs.Get(ctx, number)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Epoch{}, types.ErrNotFound.Wrapf("epoch %d", number)
	}
	return epoch, err
}

func (q queryServer) vaultKey(ctx context.Context, epoch uint64) (types.VaultKey, error) {
	if epoch == 0 {
		return q.newestVaultKey(ctx)
	}
	key, err := q.k.VaultKeys.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return types.VaultKey{}, types.ErrNotFound.Wrapf("vault key of epoch %d", epoch)
	}
	return key, err
}

func (q queryServer) newestVaultKey(ctx context.Context) (types.VaultKey, error) {
	keys, err := q.k.VaultKeys.Iterate(ctx, new(collections.Range[uint64]).Descending())
	if err != nil {
		return types.VaultKey{}, err
	}
	defer keys.Close()
	if !keys.Valid() {
		return types.VaultKey{}, types.ErrNotFound.Wrap("no vault key is published")
	}
	return keys.Value()
}

// answer turns an error of the keeper into a gRPC status.
func answer(err error) error {
	switch {
	case errors.Is(err, types.ErrNotFound), errors.Is(err, types.ErrNoDelegation):
		return status.Error(codes.NotFound, err.Error())
	case errors.Is(err, types.ErrInvalidAddress):
		return status.Error(codes.InvalidArgument, err.Error())
	default:
		return status.Error(codes.Internal, err.Error())
	}
}
