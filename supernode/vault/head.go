package vault

import (
	"context"
	"fmt"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
)

// maxHeadBlocks bounds the blocks that are read for the head of a file. An importer needs
// one leaf and its few ancestors; a hostile file could have leaves of a byte each.
const maxHeadBlocks = 64

// head reads the first bytes of the file under root, at most limit. It takes only the
// blocks that hold them, and stores none of those that it gets from peers. That they hash
// to the CID of their parent is all that is checked of them. Errors: as Unseal.
func (v *Vault) head(ctx context.Context, root cid.Cid, limit int) ([]byte, error) {
	if err := checkCID(root); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the Bitswap session
	f := &fetcher{vault: v}
	if v.network != nil {
		v.network.dialPeers()
		f.peers = v.network.exchange.NewSession(ctx)
	}
	var head []byte
	due := []cid.Cid{root} // the next one last
	for read := 0; len(due) > 0 && len(head) < limit; read++ {
		if read == maxHeadBlocks {
			return nil, fmt.Errorf("%w: its first %d bytes take more than %d blocks", ErrUndecryptable, limit, maxHeadBlocks)
		}
		c := due[len(due)-1]
		due = due[:len(due)-1]
		n, data, err := f.leaf(ctx, c)
		if err != nil {
			return nil, err
		}
		head = append(head, data[:min(len(data), limit-len(head))]...)
		for i := min(len(n.children), maxHeadBlocks) - 1; i >= 0; i-- {
			due = append(due, n.children[i].cid)
		}
	}
	return head, nil
}

// leaf gets one block and the content in it, of which there is none beside children.
func (f *fetcher) leaf(ctx context.Context, c cid.Cid) (node, []byte, error) {
	block, err := f.get(ctx, c)
	if err != nil {
		return node{}, nil, err
	}
	n, err := parseBlock(c, block.RawData())
	if err != nil || len(n.children) > 0 {
		return n, nil, err
	}
	if c.Type() == cid.Raw {
		return n, block.RawData(), nil
	}
	pb, err := merkledag.DecodeProtobuf(block.RawData())
	if err != nil {
		return node{}, nil, err
	}
	file, err := unixfs.FSNodeFromBytes(pb.Data())
	if err != nil {
		return node{}, nil, err
	}
	return n, file.Data(), nil
}
