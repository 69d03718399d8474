package indexer

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// sealedKeys are those of the chain, for one operator, and what they should open to.
type sealedKeys struct {
	supernodetypes.QueryClient
	byEpoch   map[uint64][]byte
	recipient string
}

func (s sealedKeys) VaultKey(_ context.Context, in *supernodetypes.QueryVaultKeyRequest, _ ...grpc.CallOption) (*supernodetypes.QueryVaultKeyResponse, error) {
	if in.Epoch > 9 {
		return nil, status.Error(codes.NotFound, "no epoch")
	}
	return &supernodetypes.QueryVaultKeyResponse{VaultKey: supernodetypes.VaultKey{Epoch: in.Epoch, Recipient: s.recipient}}, nil
}

// givers are peers by the epochs whose keys they have.
type givers map[uint64]*age.HybridIdentity

func (g givers) VaultKeys(_ context.Context, want map[uint64]string) map[uint64]*age.HybridIdentity {
	given := make(map[uint64]*age.HybridIdentity)
	for epoch, recipient := range want {
		if key := g[epoch]; key != nil && key.Recipient().String() == recipient {
			given[epoch] = key
		}
	}
	return given
}

func (s sealedKeys) SealedKey(_ context.Context, in *supernodetypes.QuerySealedKeyRequest, _ ...grpc.CallOption) (*supernodetypes.QuerySealedKeyResponse, error) {
	sealed, found := s.byEpoch[in.Epoch]
	if !found || in.Operator != "operator" {
		return nil, status.Error(codes.NotFound, "no key")
	}
	return &supernodetypes.QuerySealedKeyResponse{SealedKey: supernodetypes.SealedKey{Sealed: sealed}}, nil
}

func TestOpenerOpensWhatTheOperatorHasTheKeyOf(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	v, err := vault.Open(ctx, vault.Config{Dir: filepath.Join(dir, "vault"), Offline: true})
	require.NoError(t, err)
	t.Cleanup(func() { v.Close() })
	own, err := vault.LoadOrCreateIdentity(filepath.Join(dir, "identity.age"))
	require.NoError(t, err)
	key := vault.NewEpochKey()
	sealedKey, err := vault.SealIdentity(key, own.Recipient().String())
	require.NoError(t, err)
	wrongKey, err := vault.SealIdentity(vault.NewEpochKey(), own.Recipient().String())
	require.NoError(t, err)
	opener := &Opener{
		Supernodes: sealedKeys{
			byEpoch: map[uint64][]byte{7: sealedKey, 5: wrongKey, 8: []byte("junk")}, recipient: key.Recipient().String(),
		},
		Vault: v, Operator: "operator", Identity: own, Peers: givers{4: key, 5: key, 6: key},
	}
	sealed, err := v.Seal(ctx, strings.NewReader("content"), key.Recipient())
	require.NoError(t, err)
	entry := samplestypes.SampleEntry{Sample: samplestypes.Sample{Sealing: samplestypes.Sealing{Cid: sealed.CID.Bytes(), VaultEpoch: 7}}}
	for _, epoch := range []uint64{7, 7, 4, 5, 6} { // also a key that is open already, and those of peers
		entry.Sample.Sealing.VaultEpoch = epoch
		plain, err := opener.Open(ctx, entry)
		require.NoError(t, err)
		content, err := io.ReadAll(plain)
		require.NoError(t, err)
		require.NoError(t, plain.Close())
		require.Equal(t, "content", string(content))
	}
	for _, epoch := range []uint64{8, 9, 10} {
		entry.Sample.Sealing.VaultEpoch = epoch
		_, err = opener.Open(ctx, entry)
		require.ErrorContains(t, err, "vault key of epoch")
	}
	entry.Sample.Sealing = samplestypes.Sealing{Cid: []byte("junk"), VaultEpoch: 7}
	_, err = opener.Open(ctx, entry)
	require.Error(t, err)
}
