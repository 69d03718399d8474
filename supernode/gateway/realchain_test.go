package gateway

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	sdk "github.com/cosmos/cosmos-sdk/types"
	grpctypes "github.com/cosmos/cosmos-sdk/types/grpc"

	"github.com/virusmap/virusmap/supernode/chain"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// realChain is the application itself, with real signatures and blocks, behind the
// gateway's interfaces. Only the network between them is left out.
type realChain struct {
	mu      sync.Mutex
	chain   *chaintest.Chain
	account *chaintest.Account
	// vaultEpoch is told instead of the vault key's own when it is not 0.
	vaultEpoch uint64
	// before sees each transaction when it is in the mempool, and may run a block without it.
	before func(chain.Tx)
}

func (r *realChain) Address() sdk.AccAddress { return r.account.Address }

func (r *realChain) Sign(document []byte) (signature, pubKey []byte, err error) {
	signature, err = r.account.Key.Sign(document)
	return signature, r.account.Key.PubKey().Bytes(), err
}

func (r *realChain) Broadcast(_ context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.before != nil {
		r.before(tx)
	}
	signed := r.chain.SignTx(r.account, chaintest.Tx{Msgs: tx.Msgs, Gas: 30_000_000, Unordered: true})
	result := r.chain.Block(signed).TxResults[0]
	if result.Code != 0 {
		return nil, &chain.Error{Codespace: result.Codespace, Code: result.Code, Log: result.Log}
	}
	return &sdk.TxResponse{}, nil
}

func (r *realChain) HasClaim(_ context.Context, hash []byte) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.chain.App.SamplesKeeper.Claims.Has(r.chain.Context(), hash)
}

// ask answers a query at the last committed height.
func ask[Request, Response any](r *realChain, opts []grpc.CallOption, query func(context.Context, Request) (Response, error), in Request) (Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, opt := range opts {
		if header, ok := opt.(grpc.HeaderCallOption); ok {
			*header.HeaderAddr = metadata.Pairs(grpctypes.GRPCBlockHeightHeader, strconv.FormatInt(r.chain.Height, 10))
		}
	}
	return query(r.chain.Context(), in)
}

func (r *realChain) Params(_ context.Context, in *samplestypes.QueryParamsRequest, opts ...grpc.CallOption) (*samplestypes.QueryParamsResponse, error) {
	return ask(r, opts, sampleskeeper.NewQueryServer(r.chain.App.SamplesKeeper).Params, in)
}

func (r *realChain) Sample(_ context.Context, in *samplestypes.QuerySampleRequest, opts ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	return ask(r, opts, sampleskeeper.NewQueryServer(r.chain.App.SamplesKeeper).Sample, in)
}

func (r *realChain) SampleByCID(_ context.Context, in *samplestypes.QuerySampleByCIDRequest, opts ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	return ask(r, opts, sampleskeeper.NewQueryServer(r.chain.App.SamplesKeeper).SampleByCID, in)
}

func (r *realChain) Report(_ context.Context, in *verdictstypes.QueryReportRequest, opts ...grpc.CallOption) (*verdictstypes.QueryReportResponse, error) {
	return ask(r, opts, verdictskeeper.NewQueryServer(r.chain.App.VerdictsKeeper).Report, in)
}

func (r *realChain) History(_ context.Context, in *verdictstypes.QueryHistoryRequest, opts ...grpc.CallOption) (*verdictstypes.QueryHistoryResponse, error) {
	return ask(r, opts, verdictskeeper.NewQueryServer(r.chain.App.VerdictsKeeper).History, in)
}

func (r *realChain) Supernode(_ context.Context, in *supernodetypes.QuerySupernodeRequest, opts ...grpc.CallOption) (*supernodetypes.QuerySupernodeResponse, error) {
	return ask(r, opts, supernodekeeper.NewQueryServer(r.chain.App.SupernodeKeeper).Supernode, in)
}

func (r *realChain) Epoch(_ context.Context, in *supernodetypes.QueryEpochRequest, opts ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error) {
	return ask(r, opts, supernodekeeper.NewQueryServer(r.chain.App.SupernodeKeeper).Epoch, in)
}

func (r *realChain) VaultKey(_ context.Context, in *supernodetypes.QueryVaultKeyRequest, opts ...grpc.CallOption) (*supernodetypes.QueryVaultKeyResponse, error) {
	answer, err := ask(r, opts, supernodekeeper.NewQueryServer(r.chain.App.SupernodeKeeper).VaultKey, in)
	if err == nil && r.vaultEpoch != 0 {
		answer.VaultKey.Epoch = r.vaultEpoch
	}
	return answer, err
}

func startRealChain(t *testing.T) (*node, *realChain) {
	t.Helper()
	return startRealChainWith(t, nil)
}

func startRealChainWith(t *testing.T, change func(*Config, *realChain)) (*node, *realChain) {
	t.Helper()
	c := chaintest.New(t, chaintest.Config{Accounts: 2, Supernodes: 2})
	c.Blocks(2)
	c.PublishVaultKey()
	for _, s := range c.Supernodes {
		c.Run(c.Sign(s.Sidecar, s.RegisterEngine("ClamAV")))
	}
	real := &realChain{chain: c, account: c.Accounts[0]}
	n := startNode(t, func(cfg *Config, deps *Deps) {
		if change != nil {
			change(cfg, real)
		}
		deps.Chain, deps.Samples, deps.Verdicts, deps.Supernodes = real, real, real, real
	})
	return n, real
}

// runRound lets every supernode attest the same answer in the next round.
func (r *realChain) runRound(t *testing.T, answer verdictstypes.Answer) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.chain
	open := func() []verdictstypes.Round {
		answer, err := verdictskeeper.NewQueryServer(c.App.VerdictsKeeper).OpenRounds(c.Context(), &verdictstypes.QueryOpenRoundsRequest{})
		require.NoError(t, err)
		return answer.Rounds
	}
	for range 10 {
		if len(open()) > 0 {
			break
		}
		c.Block()
	}
	round := open()[0]
	members := int(round.Samples)
	vector := verdictstypes.NewVerdictVector("ClamAV", "1.4.6", nil, 0,
		chaintest.Answers(members, func(int) verdictstypes.Answer { return answer }))
	types := make([]string, members)
	for i := range types {
		types[i] = "text"
	}
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{vector}, verdictstypes.NewFeatureVector(types))
	var commits, reveals [][]byte
	for _, s := range c.Supernodes {
		commits = append(commits, c.SignFree(s.Sidecar, 2_000_000, s.Commit(round.Number, attestation)))
	}
	c.Run(commits...)
	for _, s := range c.Supernodes {
		reveals = append(reveals, c.SignFree(s.Sidecar, 4_000_000, s.Reveal(round.Number, attestation)))
	}
	c.Run(reveals...)
	c.Blocks(3)
}

// TestMainJobOnTheRealChain submits files, has them judged, and reads the report.
func TestMainJobOnTheRealChain(t *testing.T) {
	t.Parallel()
	n, real := startRealChain(t)
	var ids []string
	for i := range 5 {
		ids = append(ids, n.upload(t, file(fmt.Sprint("content ", i))).resource(t).ID)
	}
	n.submitting(t) // all at once, for one round
	eventually(t, func() bool { return n.queued(t) == 0 }, "submitted")
	for _, id := range ids {
		a := n.get(t, "/api/v3/analyses/"+id)
		require.Contains(t, []any{"queued", "in-progress"}, a.resource(t).Attributes["status"])
		require.Equal(t, "on-chain", a.Meta["virusmap"].(map[string]any)["submission"])
	}
	real.runRound(t, verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Test.Label"})
	for _, id := range ids {
		a := n.get(t, "/api/v3/analyses/"+id).resource(t).Attributes
		require.Equal(t, "completed", a["status"])
		require.Equal(t, 2.0, a["stats"].(map[string]any)["malicious"])
	}
	object := n.get(t, "/api/v3/files/"+hexOf("content 3")).resource(t).Attributes
	require.Len(t, object["last_analysis_results"], 2, "one entry per supernode, though the engine has one name")
	require.Equal(t, "text", object["type_tag"])
	provenance := object["virusmap"].(map[string]any)
	require.Equal(t, "malicious", provenance["outcome"])
	require.Equal(t, "final", provenance["round_status"])
	require.Positive(t, provenance["height"])

	known := n.upload(t, file("content 3"))
	require.Equal(t, true, known.Meta["virusmap"].(map[string]any)["known"])
	require.Equal(t, ids[3], known.resource(t).ID)
}

// TestRealRefusalIsSetAside has the chain refuse one submission of a batch for good: it
// says that it was sealed for an epoch without a vault key.
func TestRealRefusalIsSetAside(t *testing.T) {
	t.Parallel()
	n, real := startRealChain(t)
	real.vaultEpoch = 99
	bad := n.upload(t, file("bad")).resource(t).ID
	real.vaultEpoch, n.Gateway.terms.read = 0, time.Time{}
	var good []string
	for i := range 4 {
		good = append(good, n.upload(t, file(fmt.Sprint("good ", i))).resource(t).ID)
	}
	n.submitting(t)
	eventually(t, func() bool { return n.queued(t) == 0 }, "queue drained")
	submission := func(id string) map[string]any {
		a := n.get(t, "/api/v3/analyses/"+id)
		a.resource(t)
		return a.Meta["virusmap"].(map[string]any)
	}
	for _, id := range good {
		require.Equal(t, "on-chain", submission(id)["submission"])
	}
	require.Equal(t, "refused", submission(bad)["submission"])
	require.Contains(t, submission(bad)["reason"], "epoch has no vault key")
}
