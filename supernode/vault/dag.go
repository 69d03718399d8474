package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	chunk "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	unixfsio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/multiformats/go-multihash"
)

// profile is the unixfs-v1-2025 profile of IPIP-499: CIDv1, sha2-256, raw
// leaves of 1 MiB, balanced, 1024 links a node. Any IPFS tool that follows it
// gives the same CID for the same ciphertext.
var profile = unixfsio.UnixFS_v1_2025

// importFile splits r into a UnixFS file whose blocks go to stage, or nowhere when it is nil.
func importFile(ctx context.Context, r *source, stage *stage) (cid.Cid, error) {
	params := helpers.DagBuilderParams{
		Maxlinks:   profile.FileDAGWidth,
		RawLeaves:  profile.RawLeaves,
		CidBuilder: profile.CidBuilder(),
		Dagserv:    stagedDAG{ctx: ctx, stage: stage},
	}
	builder, err := params.New(chunk.NewSizeSplitter(r, profile.ChunkSize))
	if err != nil {
		return cid.Undef, err
	}
	root, err := balanced.Layout(builder)
	if r.err != nil {
		err = r.err
	}
	if err != nil {
		return cid.Undef, err
	}
	return root.Cid(), nil
}

// stagedDAG gives the importer the one method of a DAG service it calls.
type stagedDAG struct {
	ipld.DAGService
	ctx   context.Context
	stage *stage
}

func (d stagedDAG) Add(_ context.Context, n ipld.Node) error {
	if d.stage == nil {
		return nil
	}
	return d.stage.put(d.ctx, n.Cid(), n.RawData())
}

// node is what the vault needs to know of one block of a UnixFS file.
type node struct {
	size     uint64 // bytes of file content under the block
	children []child
}

type child struct {
	cid  cid.Cid
	size uint64 // bytes of file content that the parent claims for it
}

// parseNode checks one block of a UnixFS file that came from outside. It takes
// only what an importer writes: content in the leaves, a true size for every
// link, no empty child, no directory.
func parseNode(c cid.Cid, block []byte) (node, error) {
	if c.Type() == cid.Raw {
		return node{size: uint64(len(block))}, nil
	}
	pb, err := merkledag.DecodeProtobuf(block)
	if err != nil {
		return node{}, fmt.Errorf("dag-pb: %w", err)
	}
	file, err := unixfs.FSNodeFromBytes(pb.Data())
	if err != nil {
		return node{}, fmt.Errorf("unixfs: %w", err)
	}
	if file.Type() != unixfs.TFile && file.Type() != unixfs.TRaw {
		return node{}, fmt.Errorf("unixfs: type %s, want a file", file.Type())
	}
	links := pb.Links()
	if file.NumChildren() != len(links) {
		return node{}, fmt.Errorf("unixfs: %d block sizes for %d links", file.NumChildren(), len(links))
	}
	if len(links) > 0 && len(file.Data()) > 0 {
		return node{}, errors.New("unixfs: content beside links")
	}
	n := node{size: uint64(len(file.Data())), children: make([]child, len(links))}
	for i, link := range links {
		if err := checkCID(link.Cid); err != nil {
			return node{}, err
		}
		size := file.BlockSize(i)
		if size == 0 || size > math.MaxInt64-n.size {
			return node{}, fmt.Errorf("unixfs: block size %d of link %d out of range", size, i)
		}
		n.children[i] = child{cid: link.Cid, size: size}
		n.size += size
	}
	if file.FileSize() != n.size {
		return node{}, fmt.Errorf("unixfs: file size %d, want %d", file.FileSize(), n.size)
	}
	return n, nil
}

// checkCID refuses what is not CIDv1 with sha2-256 over raw or dag-pb.
func checkCID(c cid.Cid) error {
	if !c.Defined() {
		return errors.New("CID is empty")
	}
	p := c.Prefix()
	if p.Version != 1 || p.MhType != multihash.SHA2_256 || p.MhLength != 32 ||
		(p.Codec != cid.Raw && p.Codec != cid.DagProtobuf) {
		return fmt.Errorf("CID %s: want version 1, raw or dag-pb, sha2-256", c)
	}
	return nil
}

// open gives the file under a root that is stored here. Reads end with ctx.
func (v *Vault) open(ctx context.Context, root cid.Cid) (unixfsio.DagReader, error) {
	n, err := v.dag.Get(ctx, root)
	if err != nil {
		return nil, err
	}
	return unixfsio.NewDagReader(ctx, n, v.dag)
}

// Ciphertext opens the stored age file under c, fetching it from peers when it
// is missing. The reader works as long as ctx does and must be closed.
func (v *Vault) Ciphertext(ctx context.Context, c cid.Cid) (io.ReadSeekCloser, error) {
	if err := v.ensure(ctx, c, cipherLimit(v.cfg.MaxSize)); err != nil {
		return nil, err
	}
	file, err := v.open(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("vault: open %s: %w", c, err)
	}
	return file, nil
}
