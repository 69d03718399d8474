package custody

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	// meetTimeout bounds how long is waited for connections to the neighbours.
	meetTimeout = 10 * time.Second
	// maxAsked bounds the peers that are asked for what is missing.
	maxAsked = 128
)

// neighbours are the vaults of the operators that attest, by operator.
type neighbours struct {
	vault *vault.Vault
	peers map[string]string // operator -> peer id
	log   *slog.Logger
}

// meet connects to the vaults of the attesters, current and former, but the own one. One
// that cannot be reached is only missed.
func meet(ctx context.Context, chain Chain, v *vault.Vault, t terms, own sdk.AccAddress, log *slog.Logger) (neighbours, error) {
	n := neighbours{vault: v, peers: make(map[string]string), log: log}
	wait, cancel := context.WithTimeout(ctx, meetTimeout)
	defer cancel()
	var dials sync.WaitGroup
	defer dials.Wait()
	for _, operators := range append([][]sdk.AccAddress{t.attesters}, t.former...) {
		for _, operator := range operators {
			if _, known := n.peers[operator.String()]; known || operator.Equals(own) {
				continue
			}
			registered, err := chain.Supernodes().Supernode(ctx, &supernodetypes.QuerySupernodeRequest{Operator: operator.String()})
			if status.Code(err) == codes.NotFound {
				continue // it has left for good
			}
			if err != nil {
				return neighbours{}, err
			}
			profile := registered.Supernode.Profile
			if profile.PeerId == "" || profile.PeerId == v.PeerID() {
				continue
			}
			n.peers[operator.String()] = profile.PeerId
			dials.Go(func() {
				if err := v.Connect(wait, profile.PeerId, profile.Multiaddrs); err != nil {
					log.Debug("a supernode cannot be reached", "operator", operator, "error", err)
				}
			})
		}
	}
	return n, nil
}

// offered tells which files any connected peer says it has. asked is false when none of
// them answered, so that nothing is known.
func (n neighbours) offered(ctx context.Context, cids []cid.Cid) (offered []bool, asked bool) {
	var (
		asking sync.WaitGroup
		mu     sync.Mutex
	)
	offered = make([]bool, len(cids))
	connected := n.vault.Connected()
	for _, peer := range connected[:min(len(connected), maxAsked)] {
		asking.Go(func() {
			has, err := n.vault.Have(ctx, peer, cids)
			if err != nil {
				n.log.Debug("a peer does not tell what it has", "peer", peer, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			asked = true
			for i := range has {
				offered[i] = offered[i] || has[i]
			}
		})
	}
	asking.Wait()
	return offered, asked
}

// file is a sample with those who must hold it now.
type file struct {
	name    [32]byte
	cid     cid.Cid
	holders []sdk.AccAddress
}

// confirmed counts for each of at most vault.MaxHave files how many of its holders say
// that they have it.
func (n neighbours) confirmed(ctx context.Context, files []file) []int {
	asked := make(map[string][]int) // operator -> positions in files
	for i, f := range files {
		for _, holder := range f.holders {
			asked[holder.String()] = append(asked[holder.String()], i)
		}
	}
	var (
		asking sync.WaitGroup
		mu     sync.Mutex
	)
	confirmed := make([]int, len(files))
	for operator, positions := range asked {
		peer, known := n.peers[operator]
		if !known {
			continue
		}
		asking.Go(func() {
			cids := make([]cid.Cid, len(positions))
			for i, position := range positions {
				cids[i] = files[position].cid
			}
			has, err := n.vault.Have(ctx, peer, cids)
			if err != nil {
				n.log.Debug("a holder does not tell what it has", "operator", operator, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for i, position := range positions {
				if has[i] {
					confirmed[position]++
				}
			}
		})
	}
	asking.Wait()
	return confirmed
}
