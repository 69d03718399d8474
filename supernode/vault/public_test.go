package vault

import (
	"context"
	"testing"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"
)

func TestPublicRoundTrip(t *testing.T) {
	v, ctx := openOffline(t), context.Background()
	for _, size := range []int{0, 1, 1 << 20, 1<<20 + 1, 3 << 20} {
		data := content(size)
		c, err := v.AddPublic(ctx, data)
		require.NoError(t, err)
		got, err := v.ReadPublic(ctx, c, int64(size))
		require.NoError(t, err)
		require.Equal(t, data, got)
		if size > 0 {
			_, err = v.ReadPublic(ctx, c, int64(size)-1)
			require.ErrorIs(t, err, ErrTooLarge)
		}
	}
	_, err := v.ReadPublic(ctx, cid.Undef, -1)
	require.ErrorContains(t, err, "limit is negative")
}

// Known answers: one block is the raw CID of its SHA-256, whatever tool adds it.
func TestCIDsAreThoseOfOtherIPFSTools(t *testing.T) {
	v := openOffline(t)
	for data, want := range map[string]string{
		"":            "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
		"hello world": "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
	} {
		c, err := v.AddPublic(context.Background(), []byte(data))
		require.NoError(t, err)
		require.Equal(t, want, c.String())
	}
}

func TestReadPublicFromPeer(t *testing.T) {
	swarm, ctx := NewSwarmKey(), patience(t)
	a := openOnline(t, swarm)
	b := openOnline(t, swarm, a)
	data := content(2<<20 + 1)
	c, err := a.AddPublic(ctx, data)
	require.NoError(t, err)

	_, err = b.ReadPublic(ctx, c, 2<<20)
	require.ErrorIs(t, err, ErrTooLarge)
	require.Empty(t, blockFiles(t, b.cfg.Dir), "refused before its leaves are fetched")
	got, err := b.ReadPublic(ctx, c, 3<<20)
	require.NoError(t, err)
	require.Equal(t, data, got)
}

// fileNode builds a dag-pb node as an attacker likes it.
func fileNode(t *testing.T, kind *unixfs.FSNode, links ...ipld.Node) *merkledag.ProtoNode {
	t.Helper()
	data, err := kind.GetBytes()
	require.NoError(t, err)
	n := merkledag.NodeWithData(data)
	require.NoError(t, n.SetCidBuilder(profile.CidBuilder()))
	for _, link := range links {
		require.NoError(t, n.AddNodeLink("", link))
	}
	return n
}

func TestHostileFiles(t *testing.T) {
	leaf := merkledag.NewRawNode(content(1 << 20))
	sized := func(sizes ...uint64) *unixfs.FSNode {
		n := unixfs.NewFSNode(unixfs.TFile)
		for _, s := range sizes {
			n.AddBlockSize(s)
		}
		return n
	}
	many := func(count int) (sizes []uint64, links []ipld.Node) {
		for range count {
			sizes, links = append(sizes, 1<<20), append(links, leaf)
		}
		return sizes, links
	}
	chain := []ipld.Node{leaf}
	for range maxDepth {
		chain = append(chain, fileNode(t, sized(1<<20), chain[len(chain)-1]))
	}
	bombSizes, bombLinks := many(9)
	withData := sized(1 << 20)
	withData.SetData([]byte("hidden"))
	v0 := merkledag.NodeWithData(unixfs.FilePBData([]byte("v0"), 2))

	for name, tc := range map[string]struct {
		root ipld.Node
		more []ipld.Node
		want error
	}{
		"directory":                   {fileNode(t, unixfs.NewFSNode(unixfs.TDirectory)), nil, ErrUndecryptable},
		"no unixfs inside":            {merkledag.NodeWithData([]byte("junk")), nil, ErrUndecryptable},
		"size of a leaf is a lie":     {fileNode(t, sized(1<<20-1), leaf), nil, ErrUndecryptable},
		"leaf of no size":             {fileNode(t, sized(0), leaf), nil, ErrUndecryptable},
		"sizes overflow":              {fileNode(t, sized(1<<63-1, 1<<63-1), leaf, leaf), nil, ErrUndecryptable},
		"more links than sizes":       {fileNode(t, sized(1<<20), leaf, leaf), nil, ErrUndecryptable},
		"two sizes for one block":     {fileNode(t, sized(1<<20, 1<<19), leaf, leaf), nil, ErrUndecryptable},
		"content beside links":        {fileNode(t, withData, leaf), nil, ErrUndecryptable},
		"child with a foreign CID":    {fileNode(t, sized(2), v0), []ipld.Node{v0}, ErrUndecryptable},
		"too deep":                    {chain[maxDepth], chain, ErrUndecryptable},
		"one leaf again and again":    {fileNode(t, sized(bombSizes...), bombLinks...), nil, ErrTooLarge},
		"block over the Bitswap size": {merkledag.NewRawNode(content(maxBlockSize + 1)), nil, ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := Open(context.Background(), Config{Dir: t.TempDir(), Offline: true, MaxSize: 8 << 20})
			require.NoError(t, err)
			defer v.Close()
			root := tc.root
			if pb, ok := root.(*merkledag.ProtoNode); ok {
				require.NoError(t, pb.SetCidBuilder(profile.CidBuilder()))
			}
			for _, n := range append(tc.more, root, leaf) {
				require.NoError(t, v.store.blocks.Put(context.Background(), n))
			}
			_, err = v.Ciphertext(context.Background(), root.Cid())
			require.ErrorIs(t, err, tc.want)
			require.False(t, v.Has(context.Background(), root.Cid()))
		})
	}
}
