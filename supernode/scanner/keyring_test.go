package scanner

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// keyChain is a chain that holds vault keys and takes reports.
type keyChain struct {
	Chain
	keyQuery
	mu      sync.Mutex
	reports []*supernodetypes.MsgReportVaultKey
	refuse  error
}

func (c *keyChain) Supernodes() supernodetypes.QueryClient { return c.keyQuery }
func (c *keyChain) Address() sdk.AccAddress                { return sdk.AccAddress("sidecar") }

func (c *keyChain) Broadcast(_ context.Context, tx chain.Tx) (*sdk.TxResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reports = append(c.reports, tx.Msgs[0].(*supernodetypes.MsgReportVaultKey))
	return &sdk.TxResponse{}, c.refuse
}

type keyQuery struct {
	supernodetypes.QueryClient
	published map[uint64]supernodetypes.VaultKey
	sealed    map[uint64]supernodetypes.SealedKey
	away      bool
}

func (q keyQuery) VaultKey(_ context.Context, req *supernodetypes.QueryVaultKeyRequest, _ ...grpc.CallOption) (*supernodetypes.QueryVaultKeyResponse, error) {
	if q.away {
		return nil, status.Error(codes.Unavailable, "the node is away")
	}
	key, ok := q.published[req.Epoch]
	if !ok {
		return nil, status.Error(codes.NotFound, "no vault key")
	}
	return &supernodetypes.QueryVaultKeyResponse{VaultKey: key}, nil
}

func (q keyQuery) SealedKey(_ context.Context, req *supernodetypes.QuerySealedKeyRequest, _ ...grpc.CallOption) (*supernodetypes.QuerySealedKeyResponse, error) {
	key, ok := q.sealed[req.Epoch]
	if !ok {
		return nil, status.Error(codes.NotFound, "not sealed to the operator")
	}
	return &supernodetypes.QuerySealedKeyResponse{SealedKey: key}, nil
}

// givers are peers that have keys and count how often they are asked.
type givers struct {
	keys  map[uint64]*age.HybridIdentity
	asked []map[uint64]string
}

func (g *givers) VaultKeys(_ context.Context, want map[uint64]string) map[uint64]*age.HybridIdentity {
	g.asked = append(g.asked, want)
	given := make(map[uint64]*age.HybridIdentity)
	for epoch := range want {
		if key := g.keys[epoch]; key != nil {
			given[epoch] = key
		}
	}
	return given
}

// keyFixture is a ring whose chain publishes the keys of epochs 1 and 2 and seals none.
type keyFixture struct {
	*keyRing
	chain *keyChain
	peers *givers
	own   *age.HybridIdentity
	keys  map[uint64]*age.HybridIdentity
}

func newKeyFixture() *keyFixture {
	f := &keyFixture{own: vault.NewEpochKey(), keys: map[uint64]*age.HybridIdentity{1: vault.NewEpochKey(), 2: vault.NewEpochKey()}}
	f.chain = &keyChain{keyQuery: keyQuery{published: map[uint64]supernodetypes.VaultKey{}, sealed: map[uint64]supernodetypes.SealedKey{}}}
	for epoch, key := range f.keys {
		f.chain.published[epoch] = supernodetypes.VaultKey{Epoch: epoch, Maker: "maker", Recipient: key.Recipient().String()}
	}
	f.peers = &givers{keys: map[uint64]*age.HybridIdentity{}}
	f.keyRing = newKeyRing(sdk.AccAddress("operator"), Deps{Chain: f.chain, Identity: f.own, Peers: f.peers, Log: slog.New(slog.DiscardHandler)})
	return f
}

// seal puts a sealed key on chain as its maker would.
func (f *keyFixture) seal(t *testing.T, epoch uint64, key *age.HybridIdentity, to age.Recipient) {
	t.Helper()
	sealed, err := vault.SealIdentity(key, to.(*age.HybridRecipient).String())
	require.NoError(t, err)
	hash := sha256.Sum256([]byte(f.own.Recipient().String()))
	f.chain.sealed[epoch] = supernodetypes.SealedKey{Epoch: epoch, Operator: f.operator.String(), Sealed: sealed, RecipientHash: hash[:]}
}

func (f *keyFixture) get(t *testing.T, epochs ...uint64) map[uint64]*age.HybridIdentity {
	t.Helper()
	found, err := f.identities(t.Context(), epochs, time.Minute)
	require.NoError(t, err)
	f.reports.Wait()
	return found
}

func TestPeersAreAskedForWhatTheChainHasNotSealed(t *testing.T) {
	f := newKeyFixture()
	f.seal(t, 1, f.keys[1], f.own.Recipient())
	f.peers.keys[2] = f.keys[2]
	require.Equal(t, f.keys, f.same(f.get(t, 1, 2, 3)))
	require.Equal(t, []map[uint64]string{{2: f.keys[2].Recipient().String()}}, f.peers.asked, "epoch 3 has no key at all")
	require.Equal(t, f.keys, f.same(f.get(t, 1, 2)))
	require.Len(t, f.peers.asked, 1, "what is known is not asked for")
	require.Empty(t, f.chain.reports)
}

// same gives the fixture's own key for each that is the same.
func (f *keyFixture) same(found map[uint64]*age.HybridIdentity) map[uint64]*age.HybridIdentity {
	known := make(map[uint64]*age.HybridIdentity)
	for epoch, key := range found {
		if key.String() == f.keys[epoch].String() {
			known[epoch] = f.keys[epoch]
		}
	}
	return known
}

func TestKeysNobodyHasAreLeftOut(t *testing.T) {
	f := newKeyFixture()
	require.Empty(t, f.get(t, 1, 2))
	f.keyRing.peers = nil
	require.Empty(t, f.get(t, 1, 2))
	f.chain.away = true
	_, err := f.identities(t.Context(), []uint64{1}, time.Minute)
	require.Error(t, err)
	require.NotErrorIs(t, err, errNoKey)
}

func TestWrongSealedKeyIsReportedOnceAndPeersAreAsked(t *testing.T) {
	for name, test := range map[string]struct {
		seal   func(t *testing.T, f *keyFixture)
		proven bool // the report carries the file key
	}{
		"another key": {func(t *testing.T, f *keyFixture) { f.seal(t, 1, f.keys[2], f.own.Recipient()) }, true},
		"cut short": {func(t *testing.T, f *keyFixture) {
			f.seal(t, 1, f.keys[1], f.own.Recipient())
			key := f.chain.sealed[1]
			key.Sealed = key.Sealed[:len(key.Sealed)-3]
			f.chain.sealed[1] = key
		}, true},
		"sealed to somebody else": {func(t *testing.T, f *keyFixture) { f.seal(t, 1, f.keys[1], f.keys[2].Recipient()) }, false},
		"garbage": {func(t *testing.T, f *keyFixture) {
			f.seal(t, 1, f.keys[1], f.own.Recipient())
			key := f.chain.sealed[1]
			key.Sealed = []byte("garbage")
			f.chain.sealed[1] = key
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := newKeyFixture()
			test.seal(t, f)
			require.Empty(t, f.get(t, 1))
			f.peers.keys[1] = f.keys[1]
			require.Len(t, f.get(t, 1), 1)
			require.Len(t, f.get(t, 1), 1)
			require.Len(t, f.chain.reports, 1)
			report := f.chain.reports[0]
			require.EqualValues(t, 1, report.Epoch)
			require.Equal(t, f.operator.String(), report.Operator)
			require.Equal(t, f.chain.Address().String(), report.Sidecar)
			require.Empty(t, report.Identity, "the own secret is never shown")
			require.Equal(t, test.proven, len(report.FileKey) == 16)
		})
	}
}

func TestReportThatNobodyHeardIsSentAgain(t *testing.T) {
	f := newKeyFixture()
	f.seal(t, 1, f.keys[2], f.own.Recipient())
	f.chain.refuse = errors.New("the node is away")
	f.get(t, 1)
	f.get(t, 1)
	require.Len(t, f.chain.reports, 2)
	f.chain.refuse = &chain.Error{Codespace: supernodetypes.ModuleName, Code: 28}
	f.get(t, 1)
	f.get(t, 1)
	require.Len(t, f.chain.reports, 3, "the chain has answered")
}

func TestWhatIsNobodysFaultIsNotReported(t *testing.T) {
	for name, change := range map[string]func(f *keyFixture, key *supernodetypes.SealedKey){
		"sealed to a former recipient": func(_ *keyFixture, key *supernodetypes.SealedKey) { key.RecipientHash = make([]byte, 32) },
		"reported before":              func(_ *keyFixture, key *supernodetypes.SealedKey) { key.Reported = true },
		"made by this operator": func(f *keyFixture, _ *supernodetypes.SealedKey) {
			published := f.chain.published[1]
			published.Maker = f.operator.String()
			f.chain.published[1] = published
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newKeyFixture()
			f.seal(t, 1, f.keys[2], f.own.Recipient())
			key := f.chain.sealed[1]
			change(f, &key)
			f.chain.sealed[1] = key
			f.peers.keys[1] = f.keys[1]
			require.Len(t, f.get(t, 1), 1)
			require.Empty(t, f.chain.reports)
		})
	}
	t.Run("sealed again by another", func(t *testing.T) {
		f := newKeyFixture()
		f.seal(t, 1, f.keys[2], f.own.Recipient())
		key := f.chain.sealed[1]
		key.RecipientHash = nil
		f.chain.sealed[1] = key
		f.get(t, 1)
		require.Len(t, f.chain.reports, 1, "so that it is sealed once more")
		require.Empty(t, f.chain.reports[0].FileKey, "there is nobody to prove it to")
	})
}
