package peers

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// registry is a chain that knows supernodes and the seats of its current epoch.
type registry struct {
	supernodetypes.QueryClient
	profiles        map[string]supernodetypes.Profile
	seated, benched []string
}

// registryChain is a chain client of the registry.
type registryChain struct{ registry *registry }

func (c registryChain) Supernodes() supernodetypes.QueryClient { return c.registry }

func (r *registry) Supernode(_ context.Context, req *supernodetypes.QuerySupernodeRequest, _ ...grpc.CallOption) (*supernodetypes.QuerySupernodeResponse, error) {
	profile, ok := r.profiles[req.Operator]
	if !ok {
		return nil, status.Error(codes.NotFound, "no such supernode")
	}
	return &supernodetypes.QuerySupernodeResponse{Supernode: supernodetypes.Supernode{Operator: req.Operator, Profile: profile}}, nil
}

func (r *registry) Epoch(context.Context, *supernodetypes.QueryEpochRequest, ...grpc.CallOption) (*supernodetypes.QueryEpochResponse, error) {
	response := &supernodetypes.QueryEpochResponse{Epoch: supernodetypes.Epoch{Number: 9}, Benched: r.benched}
	for _, operator := range r.seated {
		response.Seats = append(response.Seats, supernodetypes.Seat{Operator: operator})
	}
	return response, nil
}

// supernode is one of a swarm, with its keys.
type supernode struct {
	operator string
	identity *age.HybridIdentity
	vault    *vault.Vault
	dir      string
}

// swarm is a chain with supernodes that are all seated and serve the keys they are given.
type swarm struct {
	t     *testing.T
	chain *registry
	key   []byte
	all   []*supernode
}

func newSwarm(t *testing.T, supernodes int) *swarm {
	t.Helper()
	s := &swarm{t: t, chain: &registry{profiles: make(map[string]supernodetypes.Profile)}, key: vault.NewSwarmKey()}
	for i := range supernodes {
		s.all = append(s.all, s.join(fmt.Sprintf("operator %d", i)))
	}
	return s
}

func (s *swarm) join(name string) *supernode {
	s.t.Helper()
	address := make([]byte, 20)
	copy(address, name)
	n := &supernode{operator: sdk.AccAddress(address).String(), identity: vault.NewEpochKey(), dir: s.t.TempDir()}
	var err error
	n.vault, err = vault.Open(context.Background(), vault.Config{Dir: filepath.Join(n.dir, "vault"), SwarmKey: s.key, Listen: []string{"/ip4/127.0.0.1/tcp/0"}})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = n.vault.Close() })
	s.chain.profiles[n.operator] = supernodetypes.Profile{
		PeerId: n.vault.PeerID(), Multiaddrs: n.vault.Addrs(), Recipient: n.identity.Recipient().String(),
	}
	s.chain.seated = append(s.chain.seated, n.operator)
	return n
}

// serve makes a supernode give these keys, and counts how often one is looked for.
func (s *swarm) serve(n *supernode, keys map[uint64]*age.HybridIdentity) *int {
	asked := new(int)
	Serve(n.vault, registryChain{s.chain}, func(_ context.Context, epoch uint64) *age.HybridIdentity {
		*asked++
		return keys[epoch]
	}, slog.New(slog.DiscardHandler))
	return asked
}

// keys of a supernode, as a process that has just started has them.
func (s *swarm) keys(n *supernode) *Keys {
	s.t.Helper()
	keys, err := Open(Config{
		Operator: n.operator, Path: filepath.Join(n.dir, "keys.age"), Identity: n.identity,
		Vault: n.vault, Chain: registryChain{s.chain}, Log: slog.New(slog.DiscardHandler),
	})
	require.NoError(s.t, err)
	return keys
}

func patience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// epochKeys makes the vault keys of epochs 1..n, and what the chain publishes of them.
func epochKeys(n int) (keys map[uint64]*age.HybridIdentity, published map[uint64]string) {
	keys, published = make(map[uint64]*age.HybridIdentity), make(map[uint64]string)
	for epoch := uint64(1); epoch <= uint64(n); epoch++ {
		keys[epoch] = vault.NewEpochKey()
		published[epoch] = keys[epoch].Recipient().String()
	}
	return keys, published
}
