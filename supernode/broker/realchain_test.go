package broker

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/blocktest"
	"github.com/virusmap/virusmap/supernode/vault"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	marketkeeper "github.com/virusmap/virusmap/x/market/keeper"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	sampleskeeper "github.com/virusmap/virusmap/x/samples/keeper"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodekeeper "github.com/virusmap/virusmap/x/supernode/keeper"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictskeeper "github.com/virusmap/virusmap/x/verdicts/keeper"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// realChain is the application itself, with real signatures and blocks. Only the network
// is left out.
type realChain struct {
	blocktest.Blocks
	t     *testing.T
	mu    sync.Mutex
	chain *chaintest.Chain
	vault *vault.Vault
}

func newRealChain(t *testing.T) *realChain {
	t.Helper()
	c := chaintest.New(t, chaintest.Config{Accounts: 2, Supernodes: 3})
	v, err := vault.Open(context.Background(), vault.Config{Dir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	c.Blocks(2)
	c.PublishVaultKey()
	for _, s := range c.Supernodes {
		c.Run(c.Sign(s.Sidecar, s.RegisterEngine("ClamAV")))
	}
	return &realChain{t: t, chain: c, vault: v}
}

// block runs transactions and tells who follows.
func (r *realChain) block(txs ...[]byte) *abci.ResponseFinalizeBlock {
	response := r.chain.Block(txs...)
	r.Add(chain.BlockOf(r.chain.Height, r.chain.Time, response))
	return response
}

// run runs transactions that must succeed.
func (r *realChain) run(txs ...[]byte) *abci.ResponseFinalizeBlock {
	r.t.Helper()
	response := r.block(txs...)
	for _, result := range response.TxResults {
		require.Zero(r.t, result.Code, result.Log)
	}
	return response
}

// sold seals a content, submits it and has it judged.
func (r *realChain) sold(content string) (sha256 []byte) {
	r.t.Helper()
	key, err := supernodekeeper.NewQueryServer(r.chain.App.SupernodeKeeper).VaultKey(r.chain.Context(), &supernodetypes.QueryVaultKeyRequest{})
	require.NoError(r.t, err)
	recipient, err := age.ParseHybridRecipient(key.VaultKey.Recipient)
	require.NoError(r.t, err)
	sealed, err := r.vault.Seal(r.t.Context(), strings.NewReader(content), recipient)
	require.NoError(r.t, err)
	account := r.chain.Accounts[0]
	r.run(r.chain.Sign(account, account.Submit(samplestypes.Submission{
		Sha256: sealed.SHA256[:], Kind: samplestypes.KIND_FILE, SizeBytes: uint64(sealed.Size),
		Sealing: samplestypes.Sealing{
			Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize), KeyCommitment: sealed.KeyCommitment[:],
			StorageRoot: sealed.StorageRoot[:], VaultEpoch: key.VaultKey.Epoch,
		},
	})))
	r.judge()
	return sealed.SHA256[:]
}

// judge lets every supernode attest the same in the next round.
func (r *realChain) judge() {
	r.t.Helper()
	c := r.chain
	open := func() []verdictstypes.Round {
		answer, err := verdictskeeper.NewQueryServer(c.App.VerdictsKeeper).OpenRounds(c.Context(), &verdictstypes.QueryOpenRoundsRequest{})
		require.NoError(r.t, err)
		return answer.Rounds
	}
	for range 10 {
		if len(open()) > 0 {
			break
		}
		r.block()
	}
	require.NotEmpty(r.t, open())
	round := open()[0]
	vector := verdictstypes.NewVerdictVector("ClamAV", "1.4.6", nil, 0, chaintest.Answers(int(round.Samples), func(int) verdictstypes.Answer {
		return verdictstypes.Answer{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: 15, Label: "Test.Label"}
	}))
	attestation := verdictstypes.NewAttestation([]verdictstypes.VerdictVector{vector}, verdictstypes.NewFeatureVector([]string{"text"}))
	var commits, reveals [][]byte
	for _, s := range c.Supernodes {
		commits = append(commits, c.SignFree(s.Sidecar, 2_000_000, s.Commit(round.Number, attestation)))
	}
	r.run(commits...)
	for _, s := range c.Supernodes {
		reveals = append(reveals, c.SignFree(s.Sidecar, 4_000_000, s.Reveal(round.Number, attestation)))
	}
	r.run(reveals...)
	for range 3 {
		r.block()
	}
}

// ask answers a query at the last committed height.
func ask[Request, Response any](r *realChain, query func(context.Context, Request) (Response, error), in Request) (Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return query(r.chain.Context(), in)
}

// realClient is the chain client of one supernode.
type realClient struct {
	*realChain
	node *chaintest.Supernode
}

func (c realClient) Address() sdk.AccAddress         { return c.node.Sidecar.Address }
func (c realClient) ChainID() string                 { return chaintest.ChainID }
func (c realClient) Market() markettypes.QueryClient { return realMarket{realChain: c.realChain} }

func (c realClient) Samples() samplestypes.QueryClient { return realSamples{realChain: c.realChain} }

func (c realClient) Supernodes() supernodetypes.QueryClient {
	return realSupernodes{realChain: c.realChain}
}

func (c realClient) Status(context.Context) (chain.Status, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return chain.Status{Height: c.chain.Height, Time: time.Now()}, nil
}

func (c realClient) Broadcast(_ context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	signed := c.chain.SignTx(c.node.Sidecar, chaintest.Tx{Msgs: tx.Msgs, Gas: 30_000_000, Unordered: true})
	result := c.block(signed).TxResults[0]
	if result.Code != 0 {
		return nil, &chain.Error{Codespace: result.Codespace, Code: result.Code, Log: result.Log}
	}
	return &sdk.TxResponse{Height: c.chain.Height, Events: result.Events}, nil
}

type realMarket struct {
	markettypes.QueryClient
	*realChain
}

func (q realMarket) Params(_ context.Context, in *markettypes.QueryParamsRequest, _ ...grpc.CallOption) (*markettypes.QueryParamsResponse, error) {
	return ask(q.realChain, marketkeeper.NewQueryServer(q.chain.App.MarketKeeper).Params, in)
}

func (q realMarket) Deliveries(_ context.Context, in *markettypes.QueryDeliveriesRequest, _ ...grpc.CallOption) (*markettypes.QueryDeliveriesResponse, error) {
	return ask(q.realChain, marketkeeper.NewQueryServer(q.chain.App.MarketKeeper).Deliveries, in)
}

type realSamples struct {
	samplestypes.QueryClient
	*realChain
}

func (q realSamples) Sample(_ context.Context, in *samplestypes.QuerySampleRequest, _ ...grpc.CallOption) (*samplestypes.QuerySampleResponse, error) {
	return ask(q.realChain, sampleskeeper.NewQueryServer(q.chain.App.SamplesKeeper).Sample, in)
}

type realSupernodes struct {
	supernodetypes.QueryClient
	*realChain
}

func (q realSupernodes) Epoch(_ context.Context, in *supernodetypes.QueryEpochRequest, _ ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error) {
	return ask(q.realChain, supernodekeeper.NewQueryServer(q.chain.App.SupernodeKeeper).Epoch, in)
}

// start runs the broker of a supernode until the test ends.
func (r *realChain) start(node *chaintest.Supernode) *Broker {
	r.t.Helper()
	cfg := DefaultConfig()
	cfg.Operator = node.Operator.Address.String()
	b, err := New(cfg, Deps{
		Chain: realClient{r, node}, Vault: r.vault, Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
		VaultKey: func(_ context.Context, epoch uint64) *age.HybridIdentity {
			sealed, err := ask(r, supernodekeeper.NewQueryServer(r.chain.App.SupernodeKeeper).SealedKey,
				&supernodetypes.QuerySealedKeyRequest{Epoch: epoch, Operator: cfg.Operator})
			if err != nil {
				return nil
			}
			identity, err := vault.OpenIdentity(sealed.SealedKey.Sealed, node.Identity)
			if err != nil {
				return nil
			}
			return identity
		},
	})
	require.NoError(r.t, err)
	b.paces.linger = 20 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = b.Run(ctx) })
	r.t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return b
}

// order buys a sample and returns the order with its secret.
func (r *realChain) order(sha256 []byte) (id, secret []byte) {
	r.t.Helper()
	secret, key, err := markettypes.NewOneTimeKey()
	require.NoError(r.t, err)
	buyer := r.chain.Accounts[1]
	r.run(r.chain.Sign(buyer, &markettypes.MsgOrderSamples{
		Buyer: buyer.Address.String(), Items: []markettypes.Item{{Sha256: sha256, OneTimeKey: key}},
		MaxPrice: sdk.NewInt64Coin(markettypes.Denom, 1_000_000_000),
	}))
	return markettypes.NewOrderID(buyer.Address, sha256, key), secret
}
