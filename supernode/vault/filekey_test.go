package vault

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

func TestFileKeyOpensTheFileAndIsTheOneCommittedTo(t *testing.T) {
	v, old, current := openOffline(t), NewEpochKey(), NewEpochKey()
	for name, size := range map[string]int{"one block": 100, "a tree of blocks": 5 << 20} {
		t.Run(name, func(t *testing.T) {
			sealed := sealBytes(t, v, content(size), current.Recipient())
			key, err := v.FileKey(context.Background(), sealed.CID, old, current)
			require.NoError(t, err)
			require.Equal(t, sealed.KeyCommitment, KeyCommitment(key))
			require.Equal(t, content(size), unsealBytes(t, v, sealed, age.NewInjectedFileKeyIdentity(key)))
		})
	}
}

func TestFileKeyComesFromPeersAndLeavesNothing(t *testing.T) {
	swarm, key := NewSwarmKey(), NewEpochKey()
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	sealed := sealBytes(t, a, content(5<<20), key.Recipient())
	fileKey, err := b.FileKey(patience(t), sealed.CID, key)
	require.NoError(t, err)
	require.Equal(t, sealed.KeyCommitment, KeyCommitment(fileKey))
	require.False(t, b.Has(context.Background(), sealed.CID))
	require.Empty(t, blockFiles(t, b.cfg.Dir))
}

func TestFileKeyOfADamagedCopyComesFromPeers(t *testing.T) {
	swarm, key := NewSwarmKey(), NewEpochKey()
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	sealed := sealBytes(t, a, content(5<<20), key.Recipient())
	require.NoError(t, b.Fetch(patience(t), []cid.Cid{sealed.CID}))
	for _, block := range blockFiles(t, b.cfg.Dir) {
		require.NoError(t, os.WriteFile(block, []byte("rotten"), 0o600))
	}
	fileKey, err := b.FileKey(patience(t), sealed.CID, key)
	require.NoError(t, err)
	require.Equal(t, sealed.KeyCommitment, KeyCommitment(fileKey))
}

func TestFileKeyWithoutIdentityOrContent(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	sealed := sealBytes(t, v, []byte("sample"), key.Recipient())
	_, err := v.FileKey(context.Background(), sealed.CID)
	require.ErrorContains(t, err, "identity is required")
	_, err = v.FileKey(context.Background(), sealed.CID, NewEpochKey())
	require.ErrorIs(t, err, ErrNoKey)
	_, err = v.FileKey(context.Background(), cid.Undef, key)
	require.ErrorContains(t, err, "CID is empty")

	foreign := sealBytes(t, openOffline(t), []byte("elsewhere"), key.Recipient()).CID
	_, err = v.FileKey(context.Background(), foreign, key)
	require.ErrorIs(t, err, ErrNotFound)
	lonely := openOnline(t, NewSwarmKey())
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = lonely.FileKey(ctx, foreign, key)
	require.ErrorIs(t, err, ErrNotFound)
	require.True(t, errors.Is(err, context.DeadlineExceeded))
}

func TestFileKeyOfHostileContent(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	good := ciphertext(t, v, sealBytes(t, v, content(3<<20), key.Recipient()).CID)
	flip := func(at int) []byte {
		bad := bytes.Clone(good)
		bad[at] ^= 1
		return bad
	}
	for name, file := range map[string][]byte{
		"empty":                  {},
		"not age":                content(100),
		"first byte":             flip(0),
		"header MAC":             flip(bytes.Index(good, []byte("\n---")) + 8),
		"cut in the header":      good[:700],
		"two stanzas":            ageFile(t, []byte("sample"), key.Recipient(), NewEpochKey().Recipient()),
		"endless header":         []byte("age-encryption.org/v1\n" + strings.Repeat("-> x y\n\n", 1<<20)),
		"endless line in header": []byte("age-encryption.org/v1\n-> " + strings.Repeat("x", 8<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := v.FileKey(context.Background(), plant(t, v, file), key)
			require.ErrorIs(t, err, ErrUndecryptable)
		})
	}
}

// leavesOf builds a file whose leaves hold the given parts, each wrapped in dag-pb or raw.
func leavesOf(t *testing.T, v *Vault, raw bool, parts ...[]byte) cid.Cid {
	t.Helper()
	file, root := unixfs.NewFSNode(unixfs.TFile), merkledag.NodeWithData(nil)
	builder := profile.CidBuilder()
	require.NoError(t, root.SetCidBuilder(builder))
	put := func(n interface {
		Cid() cid.Cid
		RawData() []byte
	},
	) {
		stage, err := v.store.newStage(t.Context())
		require.NoError(t, err)
		require.NoError(t, stage.put(t.Context(), n.Cid(), n.RawData()))
		require.NoError(t, v.store.commit(t.Context(), n.Cid(), stage))
	}
	for _, part := range parts {
		file.AddBlockSize(uint64(len(part)))
		if raw {
			leaf, err := merkledag.NewRawNodeWPrefix(part, builder)
			require.NoError(t, err)
			put(leaf)
			require.NoError(t, root.AddNodeLink("", leaf))
			continue
		}
		leaf := merkledag.NodeWithData(unixfs.FilePBData(part, uint64(len(part))))
		require.NoError(t, leaf.SetCidBuilder(builder))
		put(leaf)
		require.NoError(t, root.AddNodeLink("", leaf))
	}
	data, err := file.GetBytes()
	require.NoError(t, err)
	root.SetData(data)
	put(root)
	return root.Cid()
}

// A submitter may use an importer of its own: the header can lie in several small leaves.
func TestFileKeyFromSmallLeaves(t *testing.T) {
	v, key := openOffline(t), NewEpochKey()
	file := ageFile(t, []byte("sample"), key.Recipient())
	split := func(size int) (parts [][]byte) {
		for rest := file; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			parts = append(parts, rest[:min(size, len(rest))])
		}
		return parts
	}
	for _, raw := range []bool{true, false} {
		fileKey, err := v.FileKey(context.Background(), leavesOf(t, v, raw, split(500)...), key)
		require.NoError(t, err)
		header, err := age.ExtractHeader(bytes.NewReader(file))
		require.NoError(t, err)
		want, err := age.DecryptHeader(header, key)
		require.NoError(t, err)
		require.Equal(t, want, fileKey)
	}
	_, err := v.FileKey(context.Background(), leavesOf(t, v, true, split(10)...), key)
	require.ErrorIs(t, err, ErrUndecryptable, "more than %d blocks for a header", maxHeadBlocks)
}
