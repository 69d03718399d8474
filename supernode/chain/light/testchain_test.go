package light

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/tmhash"
	"github.com/cometbft/cometbft/libs/bytes"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	rpcserver "github.com/cometbft/cometbft/rpc/jsonrpc/server"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/cometbft/cometbft/types"
	"github.com/cometbft/cometbft/version"
	"github.com/stretchr/testify/require"
)

// ledger is a chain of blocks signed by real validator keys over app hashes of a
// real multistore, served over CometBFT's own RPC server.
type ledger struct {
	t          *testing.T
	chainID    string
	validators []types.MockPV
	set        *types.ValidatorSet
	query      func(context.Context, *abci.RequestQuery) (*abci.ResponseQuery, error)

	mu     sync.Mutex
	blocks []*types.SignedHeader // blocks[i] has height i+1
	// sets are the validators by height, where they are not set.
	sets map[int64]*types.ValidatorSet
}

// newLedger has four validators with the given keys, or with new ones.
func newLedger(t *testing.T, chainID string, query func(context.Context, *abci.RequestQuery) (*abci.ResponseQuery, error), keys ...types.MockPV) *ledger {
	t.Helper()
	for len(keys) < 4 {
		keys = append(keys, types.NewMockPV())
	}
	return &ledger{t: t, chainID: chainID, query: query, validators: keys, set: setOf(keys[:4]...)}
}

// setOf gives every validator the same power.
func setOf(keys ...types.MockPV) *types.ValidatorSet {
	var set []*types.Validator
	for _, key := range keys {
		set = append(set, key.ExtractIntoValidator(10))
	}
	return types.NewValidatorSet(set)
}

// setAt returns the validators of a height.
func (l *ledger) setAt(height int64) *types.ValidatorSet {
	if set, ok := l.sets[height]; ok {
		return set
	}
	return l.set
}

// sign appends the next block; appHash is that of the state before it.
func (l *ledger) sign(appHash []byte, at time.Time) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	height := int64(len(l.blocks) + 1)
	lastID := types.BlockID{}
	if height > 1 {
		lastID = l.blocks[height-2].Commit.BlockID
	}
	set := l.setAt(height)
	header := &types.Header{
		Version:            cmtversion.Consensus{Block: version.BlockProtocol},
		ChainID:            l.chainID,
		Height:             height,
		Time:               at,
		LastBlockID:        lastID,
		LastCommitHash:     tmhash.Sum([]byte("commit")),
		DataHash:           tmhash.Sum([]byte("data")),
		ValidatorsHash:     set.Hash(),
		NextValidatorsHash: l.setAt(height + 1).Hash(),
		ConsensusHash:      tmhash.Sum([]byte("consensus")),
		AppHash:            appHash,
		LastResultsHash:    tmhash.Sum([]byte("results")),
		EvidenceHash:       tmhash.Sum([]byte("evidence")),
		ProposerAddress:    set.Validators[0].Address,
	}
	id := types.BlockID{Hash: header.Hash(), PartSetHeader: types.PartSetHeader{Total: 1, Hash: tmhash.Sum([]byte("parts"))}}
	votes := types.NewExtendedVoteSet(l.chainID, height, 0, cmtproto.PrecommitType, set)
	for index, validator := range set.Validators {
		for _, key := range l.validators {
			if public, _ := key.GetPubKey(); public.Equals(validator.PubKey) {
				vote, err := types.MakeVote(key, l.chainID, int32(index), height, 0, cmtproto.PrecommitType, id, at)
				require.NoError(l.t, err)
				_, err = votes.AddVote(vote)
				require.NoError(l.t, err)
			}
		}
	}
	commit := votes.MakeExtendedCommit(types.ABCIParams{VoteExtensionsEnableHeight: 1}).ToCommit()
	l.blocks = append(l.blocks, &types.SignedHeader{Header: header, Commit: commit})
}

func (l *ledger) tip() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return int64(len(l.blocks))
}

// serve starts an RPC server. tamper may change an answer to an ABCI query.
func (l *ledger) serve(t *testing.T, tamper func(path string, answer *abci.ResponseQuery)) string {
	t.Helper()
	server := httptest.NewServer(l.handler(tamper))
	t.Cleanup(server.Close)
	return server.URL
}

// handler answers as an RPC server does.
func (l *ledger) handler(tamper func(path string, answer *abci.ResponseQuery)) http.Handler {
	at := func(height *int64) (*types.SignedHeader, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		wanted := int64(len(l.blocks))
		if height != nil {
			wanted = *height
		}
		if wanted < 1 || wanted > int64(len(l.blocks)) {
			return nil, fmt.Errorf("height %d must be less than or equal to the current blockchain height %d", wanted, len(l.blocks))
		}
		return l.blocks[wanted-1], nil
	}
	routes := map[string]*rpcserver.RPCFunc{
		"status": rpcserver.NewRPCFunc(func(*rpctypes.Context) (*coretypes.ResultStatus, error) {
			return &coretypes.ResultStatus{SyncInfo: coretypes.SyncInfo{LatestBlockHeight: l.tip()}}, nil
		}, ""),
		"commit": rpcserver.NewRPCFunc(func(_ *rpctypes.Context, height *int64) (*coretypes.ResultCommit, error) {
			header, err := at(height)
			if err != nil {
				return nil, err
			}
			return coretypes.NewResultCommit(header.Header, header.Commit, true), nil
		}, "height"),
		"validators": rpcserver.NewRPCFunc(func(_ *rpctypes.Context, height *int64, _, _ *int) (*coretypes.ResultValidators, error) {
			set := l.setAt(*height)
			return &coretypes.ResultValidators{
				BlockHeight: *height, Validators: set.Validators, Count: set.Size(), Total: set.Size(),
			}, nil
		}, "height,page,per_page"),
		"abci_query": rpcserver.NewRPCFunc(func(_ *rpctypes.Context, path string, data bytes.HexBytes, height int64, prove bool) (*coretypes.ResultABCIQuery, error) {
			answer, err := l.query(l.t.Context(), &abci.RequestQuery{Path: path, Data: data, Height: height, Prove: prove})
			if err != nil {
				return nil, err
			}
			if tamper != nil {
				tamper(path, answer)
			}
			return &coretypes.ResultABCIQuery{Response: *answer}, nil
		}, "path,data,height,prove"),
	}
	mux := http.NewServeMux()
	rpcserver.RegisterRPCFuncs(mux, routes, cmtlog.NewNopLogger())
	return mux
}

// config trusts the first block.
func (l *ledger) config(rpc ...string) Config {
	return Config{
		ChainID: l.chainID,
		RPC:     rpc,
		Trust:   Trust{Height: 1, Hash: l.blocks[0].Hash(), Period: 24 * time.Hour},
	}
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
