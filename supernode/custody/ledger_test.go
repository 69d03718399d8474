package custody

import (
	"bytes"
	"context"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/blocktest"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// ledger is a chain as custody sees it: state that tests write down, and events.
type ledger struct {
	blocktest.Blocks
	mu          sync.Mutex
	height      int64
	behind      bool // a node that has not caught up
	pageLimit   int
	replication int
	epochs      map[uint64]*supernodetypes.QueryEpochResponse
	profiles    map[string]supernodetypes.Profile
	samples     map[string]samplestypes.SampleEntry
	members     map[uint64][]byte
	challenges  []samplestypes.Challenge
	// broadcast takes proofs; nil takes all.
	broadcast func(*samplestypes.MsgProveStorage) error
	proofs    []*samplestypes.MsgProveStorage
}

func newLedger(replication int) *ledger {
	return &ledger{
		height: 10, pageLimit: 5, replication: replication,
		epochs: make(map[uint64]*supernodetypes.QueryEpochResponse), profiles: make(map[string]supernodetypes.Profile),
		samples: make(map[string]samplestypes.SampleEntry), members: make(map[uint64][]byte),
	}
}

func (l *ledger) edit(change func(l *ledger)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
}

// seat begins an epoch 100 blocks later.
func (l *ledger) seat(epoch uint64, seated ...*supernode) {
	l.edit(func(l *ledger) {
		l.height += 100
		response := &supernodetypes.QueryEpochResponse{Epoch: supernodetypes.Epoch{Number: epoch, StartHeight: l.height}}
		for _, n := range seated {
			response.Seats = append(response.Seats, supernodetypes.Seat{Epoch: epoch, Operator: n.operator.String()})
		}
		l.epochs[epoch] = response
	})
	l.emit(&supernodetypes.EventSeated{Epoch: epoch, Seats: uint32(len(seated))})
}

// emit makes a block of events.
func (l *ledger) emit(events ...proto.Message) {
	l.edit(func(l *ledger) {
		l.height++
		l.Add(chain.Block{Height: l.height, Events: blocktest.Events(events...)})
	})
}

func (l *ledger) client(sidecar sdk.AccAddress) Chain {
	return &ledgerClient{ledger: l, address: sidecar}
}

// ledgerClient is the chain client of one sidecar.
type ledgerClient struct {
	*ledger
	address sdk.AccAddress
}

func (c *ledgerClient) Address() sdk.AccAddress           { return c.address }
func (c *ledgerClient) Samples() samplestypes.QueryClient { return samplesQuery{ledger: c.ledger} }

func (c *ledgerClient) Verdicts() verdictstypes.QueryClient { return verdictsQuery{ledger: c.ledger} }

func (c *ledgerClient) Supernodes() supernodetypes.QueryClient {
	return supernodesQuery{ledger: c.ledger}
}

func (c *ledgerClient) Status(ctx context.Context) (chain.Status, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return chain.Status{Height: c.height, Time: time.Now(), CatchingUp: c.behind}, ctx.Err()
}

func (c *ledgerClient) Broadcast(ctx context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	proof := tx.Msgs[0].(*samplestypes.MsgProveStorage)
	if !tx.Free || len(tx.Msgs) != 1 || proof.Sidecar != c.address.String() {
		panic("not a proof as the chain expects it")
	}
	if c.broadcast != nil {
		if err := c.broadcast(proof); err != nil {
			return nil, err
		}
	}
	c.proofs = append(c.proofs, proof)
	for i := range c.challenges {
		if c.challenges[i].Epoch == proof.Epoch && c.challenges[i].Index == proof.Index {
			c.challenges[i].Proved = true
		}
	}
	return &sdk.TxResponse{}, ctx.Err()
}

type samplesQuery struct {
	samplestypes.QueryClient
	*ledger
}

func (q samplesQuery) Params(context.Context, *samplestypes.QueryParamsRequest, ...grpc.CallOption) (*samplestypes.QueryParamsResponse, error) {
	params := samplestypes.DefaultParams()
	params.Replication = uint32(q.replication)
	return &samplestypes.QueryParamsResponse{Params: params}, nil
}

func (q samplesQuery) Sample(_ context.Context, req *samplestypes.QuerySampleRequest, _ ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	hash, _ := hex.DecodeString(req.Sha256)
	entry, ok := q.samples[string(hash)]
	if !ok {
		return nil, status.Error(codes.NotFound, "no such sample")
	}
	return &samplestypes.QuerySampleResponse{Entry: entry}, nil
}

func (q samplesQuery) Samples(_ context.Context, req *samplestypes.QuerySamplesRequest, _ ...grpc.CallOption) (*samplestypes.QuerySamplesResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	response := &samplestypes.QuerySamplesResponse{Pagination: &query.PageResponse{}}
	for _, name := range slices.Sorted(maps.Keys(q.samples)) {
		if bytes.Compare([]byte(name), req.Pagination.Key) < 0 {
			continue
		}
		if len(response.Entries) == min(q.pageLimit, int(req.Pagination.Limit)) {
			response.Pagination.NextKey = []byte(name)
			break
		}
		response.Entries = append(response.Entries, q.samples[name])
	}
	return response, nil
}

func (q samplesQuery) Challenges(_ context.Context, req *samplestypes.QueryChallengesRequest, _ ...grpc.CallOption) (*samplestypes.QueryChallengesResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	response := &samplestypes.QueryChallengesResponse{}
	for _, challenge := range q.challenges {
		if challenge.Operator == req.Operator {
			response.Challenges = append(response.Challenges, challenge)
		}
	}
	return response, nil
}

type verdictsQuery struct {
	verdictstypes.QueryClient
	*ledger
}

func (q verdictsQuery) Members(_ context.Context, req *verdictstypes.QueryMembersRequest, _ ...grpc.CallOption) (*verdictstypes.QueryMembersResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return &verdictstypes.QueryMembersResponse{Hashes: q.members[req.Round]}, nil
}

type supernodesQuery struct {
	supernodetypes.QueryClient
	*ledger
}

func (q supernodesQuery) Supernode(_ context.Context, req *supernodetypes.QuerySupernodeRequest, _ ...grpc.CallOption) (*supernodetypes.QuerySupernodeResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	profile, ok := q.profiles[req.Operator]
	if !ok {
		return nil, status.Error(codes.NotFound, "no such supernode")
	}
	return &supernodetypes.QuerySupernodeResponse{Supernode: supernodetypes.Supernode{Operator: req.Operator, Profile: profile}}, nil
}

func (q supernodesQuery) Epoch(_ context.Context, req *supernodetypes.QueryEpochRequest, _ ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	number := req.Number
	if number == 0 {
		for epoch := range q.epochs {
			number = max(number, epoch)
		}
	}
	epoch, ok := q.epochs[number]
	if !ok {
		return nil, status.Error(codes.NotFound, "no such epoch")
	}
	return epoch, nil
}

func cidOf(t testing.TB, entry samplestypes.SampleEntry) cid.Cid {
	t.Helper()
	id, err := cid.Cast(entry.Sample.Sealing.Cid)
	require.NoError(t, err)
	return id
}
