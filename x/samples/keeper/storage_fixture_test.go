package keeper_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

func operator(i int) sdk.AccAddress { return account(fmt.Sprint("operator ", i)) }
func sidecar(i int) sdk.AccAddress  { return account(fmt.Sprint("sidecar ", i)) }

// seat starts an epoch in which n operators attest.
func (f *fixture) seat(epoch uint64, n int) {
	f.t.Helper()
	for i := range n {
		require.NoError(f.t, f.supernode.Supernodes.Set(f.ctx, operator(i), supernodetypes.Supernode{
			Operator: operator(i).String(), SelfBond: math.ZeroInt(), Status: supernodetypes.STATUS_CANDIDATE,
			Profile: supernodetypes.Profile{Sidecar: sidecar(i).String()},
		}))
		require.NoError(f.t, f.supernode.SeatTable.Set(f.ctx, collections.Join(epoch, operator(i)), supernodetypes.Seat{
			Epoch: epoch, Operator: operator(i).String(), Rank: uint32(i), Stake: math.OneInt(),
		}))
	}
	require.NoError(f.t, f.supernode.Epochs.Set(f.ctx, epoch, supernodetypes.Epoch{
		Number: epoch, StartHeight: f.ctx.BlockHeight(), Seats: uint32(n),
	}))
	require.NoError(f.t, f.supernode.Current.Set(f.ctx, epoch))
	require.NoError(f.t, f.keeper.SupernodeHooks().AfterSeated(f.ctx, epoch))
}

// stir gives the beacon a value that nobody could know before this block.
func (f *fixture) stir(entropy string) {
	f.t.Helper()
	require.NoError(f.t, f.supernode.Stir(f.ctx, f.ctx.BlockHeight(), []byte(entropy)))
}

// ciphertext is what holders keep of a content, in chunks.
func ciphertext(content string) (chunks [][]byte) {
	data := make([]byte, sealing(content, "").SizeBytes)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(content))).Read(data)
	return slices.Collect(slices.Chunk(data, types.ChunkBytes))
}

// store registers a content under the root of its real ciphertext and finishes its scan.
func (f *fixture) store(content string) []byte {
	f.t.Helper()
	s := submission(content)
	s.Sealing.StorageRoot = merkle.HashFromByteSlices(ciphertext(content))
	f.mustSubmit(contributor, s)
	f.begin(1, s.Sha256)
	f.conclude(true, s.Sha256)
	return s.Sha256
}

// challengesOf gives what an operator is asked for.
func (f *fixture) challengesOf(operator sdk.AccAddress) []types.Challenge {
	f.t.Helper()
	response, err := f.queries.Challenges(f.ctx, &types.QueryChallengesRequest{Operator: operator.String()})
	require.NoError(f.t, err)
	return response.Challenges
}

// proof answers a challenge on a content as the operator's sidecar would.
func proof(i int, challenge types.Challenge, content string) *types.MsgProveStorage {
	chunks := ciphertext(content)
	_, proofs := merkle.ProofsFromByteSlices(chunks)
	return &types.MsgProveStorage{
		Sidecar: sidecar(i).String(), Operator: challenge.Operator, Epoch: challenge.Epoch, Index: challenge.Index,
		Chunk: chunks[challenge.Chunk], Path: proofs[challenge.Chunk].Aunts,
	}
}

func (f *fixture) prove(msg *types.MsgProveStorage) error {
	return f.tx(func(ctx context.Context) error {
		_, err := f.msgs.ProveStorage(ctx, msg)
		return err
	})
}

// outcome is how one challenge ended.
type outcome struct {
	epoch    uint64
	operator string
	proved   bool
}

// storageHook is a listener that remembers how challenges end and fails on demand.
type storageHook struct {
	outcomes []outcome
	fail     func(operator sdk.AccAddress) error
}

func (h *storageHook) AfterStorageChallenge(_ context.Context, epoch uint64, operator sdk.AccAddress, proved bool, _ int64) error {
	h.outcomes = append(h.outcomes, outcome{epoch, operator.String(), proved})
	if h.fail != nil {
		return h.fail(operator)
	}
	return nil
}
