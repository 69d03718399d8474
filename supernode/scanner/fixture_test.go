package scanner

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/vault"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const patience = time.Minute

// fixture is a real chain in this process, with somebody who submits to it.
type fixture struct {
	t       *testing.T
	node    *nodetest.Node
	gateway *chain.Client
	log     *slog.Logger
}

// rules are what tests change of the chain, all in blocks.
type rules struct {
	commit, reveal uint32 // windows of a round
	grace          uint32 // between two ranks that may publish the vault key
	keep           uint64 // on the node; 0 keeps all
}

func newFixture(t *testing.T, supernodes int, r rules) *fixture {
	t.Helper()
	genesis := chaintest.NewGenesis(t, chaintest.Config{
		Accounts: 1, Supernodes: supernodes,
		Modify: func(cdc codec.Codec, state app.GenesisState) {
			require.NoError(t, app.EditGenesis(cdc, state, verdictstypes.ModuleName, func(state *verdictstypes.GenesisState) error {
				p := &state.Params
				p.RoundIntervalBlocks, p.CommitWindowBlocks, p.RevealWindowBlocks, p.RetentionSeconds = 1, r.commit, r.reveal, 60
				p.RetrospectiveDelaysSeconds = []uint64{20, 30}
				return nil
			}))
			require.NoError(t, app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(state *supernodetypes.GenesisState) error {
				state.Params.VaultKeyGraceBlocks = max(r.grace, 1)
				return nil
			}))
		},
	})
	out := io.Discard
	if testing.Verbose() {
		out = t.Output()
	}
	f := &fixture{t: t, node: nodetest.Start(t, genesis, nodetest.Options{KeepBlocks: r.keep}), log: slog.New(slog.NewTextHandler(out, nil))}
	f.gateway = f.dial(genesis.Accounts[0])
	return f
}

func (f *fixture) dial(account *chaintest.Account) *chain.Client {
	f.t.Helper()
	client, err := chain.Dial(f.t.Context(), chain.Config{
		GRPC: f.node.GRPC(), RPC: f.node.RPC(), ChainID: f.node.ChainID(), GasPrices: "0.025uvmt",
		Key: "signer", Keyring: f.node.Keyring("signer", account), Log: f.log,
	})
	require.NoError(f.t, err)
	f.t.Cleanup(client.Close)
	return client
}

// operator is one supernode with what outlives its process.
type operator struct {
	f       *fixture
	account string
	cfg     Config
	deps    Deps
}

func (f *fixture) operator(i int, v *vault.Vault, engines ...engine.Engine) *operator {
	f.t.Helper()
	supernode := f.node.Genesis.Supernodes[i]
	o := &operator{f: f, account: supernode.Operator.Address.String(), cfg: DefaultConfig()}
	o.cfg.Operator, o.cfg.Dir, o.cfg.BlockSeconds = o.account, filepath.Join(f.t.TempDir(), "scanner"), 0.2
	o.deps = Deps{
		Chain: f.dial(supernode.Sidecar), Vault: v, Engines: engines, Analyser: analyser,
		Identity: supernode.Identity, Log: f.log.With("supernode", i),
	}
	return o
}

// process is a scanner that runs until it is stopped.
type process struct {
	*Scanner
	t    *testing.T
	kill context.CancelFunc
	done chan struct{}
}

func (o *operator) start() *process { return o.startOn(func(c Chain, _ func()) Chain { return c }) }

// startOn runs the scanner on a chain that may kill it.
func (o *operator) startOn(wrap func(c Chain, kill func()) Chain) *process {
	o.f.t.Helper()
	ctx, kill := context.WithCancel(context.Background())
	deps := o.deps
	deps.Chain = wrap(deps.Chain, kill)
	s, err := New(ctx, o.cfg, deps)
	require.NoError(o.f.t, err)
	p := &process{Scanner: s, t: o.f.t, kill: kill, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if err := s.Run(ctx); ctx.Err() == nil {
			o.f.t.Errorf("scanner ended: %v", err)
		}
	}()
	o.f.t.Cleanup(p.stop)
	return p
}

func (p *process) stop() {
	p.kill()
	p.wait()
}

// wait returns when the process has ended, by whoever killed it.
func (p *process) wait() {
	p.t.Helper()
	select {
	case <-p.done:
		require.NoError(p.t, p.Close())
	case <-time.After(patience):
		p.t.Fatal("the scanner does not end")
	}
}

// offline is a vault without peers.
func offline(t *testing.T) *vault.Vault {
	t.Helper()
	return openVault(t, vault.Config{Offline: true})
}

func openVault(t *testing.T, cfg vault.Config) *vault.Vault {
	t.Helper()
	cfg.Dir = t.TempDir()
	v, err := vault.Open(context.Background(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.Close()) })
	return v
}

func (f *fixture) eventually(what string, check func() bool) {
	f.t.Helper()
	require.Eventually(f.t, check, patience, 50*time.Millisecond, what)
}

// vaultKey waits for the key of the first epoch.
func (f *fixture) vaultKey() (key supernodetypes.VaultKey) {
	f.t.Helper()
	f.eventually("vault key", func() bool {
		response, err := f.gateway.Supernodes().VaultKey(f.t.Context(), &supernodetypes.QueryVaultKeyRequest{Epoch: 1})
		if err == nil {
			key = response.VaultKey
		}
		return err == nil
	})
	return key
}

// engines waits until an operator has exactly these on chain.
func (f *fixture) engines(operator string, want ...string) {
	f.t.Helper()
	var have []string
	f.eventually(fmt.Sprintf("engines %q", want), func() bool {
		response, err := f.gateway.Verdicts().Engines(f.t.Context(), &verdictstypes.QueryEnginesRequest{Operator: operator})
		have = nil
		if err == nil {
			for _, e := range response.Engines {
				have = append(have, e.Name)
			}
		}
		return err == nil && fmt.Sprint(have) == fmt.Sprint(want)
	})
}

// seal describes content as a gateway does, with its ciphertext in v.
func (f *fixture) seal(v *vault.Vault, content string) samplestypes.Submission {
	f.t.Helper()
	key := f.vaultKey()
	recipient, err := age.ParseHybridRecipient(key.Recipient)
	require.NoError(f.t, err)
	return sealTo(f.t, v, content, recipient, key.Epoch)
}

func (f *fixture) submit(samples ...samplestypes.Submission) {
	f.t.Helper()
	_, err := f.gateway.Broadcast(f.t.Context(), chain.Tx{Msgs: []sdk.Msg{f.node.Genesis.Accounts[0].Submit(samples...)}})
	require.NoError(f.t, err)
}

// report waits until a sample has an outcome.
func (f *fixture) report(sample samplestypes.Submission) (report verdictstypes.Report) {
	f.t.Helper()
	f.eventually("report", func() bool {
		response, err := f.gateway.Verdicts().Report(f.t.Context(), &verdictstypes.QueryReportRequest{Sha256: hex.EncodeToString(sample.Sha256)})
		if err == nil {
			report = response.Report
		}
		return err == nil && report.Round.Status == verdictstypes.ROUND_STATUS_FINAL
	})
	return report
}

// events are all of one kind since the chain began.
func events[E proto.Message](f *fixture) (all []E) {
	f.t.Helper()
	head, err := f.gateway.Status(f.t.Context())
	require.NoError(f.t, err)
	err = f.gateway.Follow(f.t.Context(), 1, func(_ context.Context, block chain.Block) error {
		if block.Height > head.Height {
			return io.EOF
		}
		return block.Each(func(event proto.Message) error {
			if event, ok := event.(E); ok {
				all = append(all, event)
			}
			return nil
		})
	})
	require.ErrorIs(f.t, err, io.EOF)
	return all
}

// rounds that were committed to and revealed, one entry for each time it was done.
func (f *fixture) attested(operator string) (committed, revealed []uint64) {
	f.t.Helper()
	for _, event := range events[*verdictstypes.EventCommitted](f) {
		if event.Operator == operator {
			committed = append(committed, event.Round)
		}
	}
	for _, event := range events[*verdictstypes.EventRevealed](f) {
		if event.Operator == operator {
			revealed = append(revealed, event.Round)
		}
	}
	return committed, revealed
}

func sealTo(t *testing.T, v *vault.Vault, content string, to age.Recipient, epoch uint64) samplestypes.Submission {
	t.Helper()
	sealed, err := v.Seal(t.Context(), strings.NewReader(content), to)
	require.NoError(t, err)
	return samplestypes.Submission{
		Sha256: sealed.SHA256[:], Kind: samplestypes.KIND_FILE, SizeBytes: uint64(sealed.Size),
		Sealing: samplestypes.Sealing{
			Cid: sealed.CID.Bytes(), SizeBytes: uint64(sealed.CipherSize), KeyCommitment: sealed.KeyCommitment[:],
			StorageRoot: sealed.StorageRoot[:], VaultEpoch: epoch,
		},
	}
}
