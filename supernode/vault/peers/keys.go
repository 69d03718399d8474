package peers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	// askTimeout bounds how long one peer may take, dialling included.
	askTimeout = 5 * time.Second
	// askAgain is how long a key that nobody gave is not asked for.
	askAgain = time.Minute
)

// Config of Keys; all fields are required.
type Config struct {
	// Operator that asks.
	Operator string
	// Path of the file that keeps what peers gave, sealed to Identity.
	Path     string
	Identity *age.HybridIdentity
	Vault    *vault.Vault
	Chain    Chain
	Log      *slog.Logger
}

// Keys gets vault keys from peers and keeps them. It is safe for concurrent use.
type Keys struct {
	Config

	mu    sync.Mutex
	kept  map[uint64]*age.HybridIdentity
	asked map[uint64]time.Time // when nobody had it
}

// Open reads the kept keys. A file that Identity does not open, such as one from before
// the identity was replaced, is as good as none: what it held can be asked for again.
func Open(cfg Config) (*Keys, error) {
	kept, err := readKept(cfg.Path, cfg.Identity)
	if errors.Is(err, errUnusable) {
		cfg.Log.Warn("vault keys are asked for again", "file", cfg.Path, "error", err)
		kept = make(map[uint64]*age.HybridIdentity)
	} else if err != nil {
		return nil, fmt.Errorf("vault keys of peers: %w", err)
	}
	return &Keys{Config: cfg, kept: kept, asked: make(map[uint64]time.Time)}, nil
}

// Kept returns the key of an epoch that a peer gave once, or nil.
func (k *Keys) Kept(epoch uint64) *age.HybridIdentity {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[epoch]
}

// VaultKeys returns the keys of the epochs in want, whose values are the recipients that
// the chain has published, as far as they are kept or a seated peer gives them before ctx
// ends.
func (k *Keys) VaultKeys(ctx context.Context, want map[uint64]string) map[uint64]*age.HybridIdentity {
	found, missing := k.look(want)
	if len(missing) == 0 {
		return found
	}
	peers, err := k.seated(ctx)
	if err != nil {
		k.Log.Warn("cannot ask peers for vault keys", "error", err)
		return found
	}
	for _, p := range peers {
		if len(missing) == 0 || ctx.Err() != nil {
			break
		}
		given, err := k.ask(ctx, p, missing)
		if err != nil {
			k.Log.Warn("a peer gave no vault keys", "operator", p.operator, "error", err)
			continue
		}
		for epoch, identity := range given {
			found[epoch] = identity
			delete(missing, epoch)
		}
	}
	if err := k.keep(found, missing); err != nil {
		k.Log.Error("vault keys are not kept over a restart", "error", err)
	}
	return found
}

// look splits what is wanted into what is kept and what is worth asking for.
func (k *Keys) look(want map[uint64]string) (found map[uint64]*age.HybridIdentity, missing map[uint64]string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	found, missing = make(map[uint64]*age.HybridIdentity), make(map[uint64]string)
	for epoch, recipient := range want {
		// What the chain says now decides, also over what it said when the key was kept.
		if identity := k.kept[epoch]; identity != nil && identity.Recipient().String() == recipient {
			found[epoch] = identity
		} else if time.Since(k.asked[epoch]) > askAgain {
			missing[epoch] = recipient
		}
	}
	return found, missing
}

// keep remembers what was found, and what nobody had.
func (k *Keys) keep(found map[uint64]*age.HybridIdentity, missing map[uint64]string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for epoch := range missing {
		k.asked[epoch] = time.Now()
	}
	changed := false
	for epoch, identity := range found {
		changed = changed || k.kept[epoch] != identity
		k.kept[epoch] = identity
	}
	if !changed {
		return nil
	}
	return writeKept(k.Path, k.kept, k.Identity.Recipient())
}

// seatedPeer is a supernode that may have keys.
type seatedPeer struct {
	operator string
	profile  supernodetypes.Profile
}

// seated lists who attests in the current epoch, in a random order so that the first
// rank is not asked by everybody.
func (k *Keys) seated(ctx context.Context) ([]seatedPeer, error) {
	current, err := k.Chain.Supernodes().Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if err != nil {
		return nil, err
	}
	var seated []seatedPeer
	for _, operator := range Attesters(current) {
		if operator == k.Operator {
			continue
		}
		registered, err := k.Chain.Supernodes().Supernode(ctx, &supernodetypes.QuerySupernodeRequest{Operator: operator})
		if err != nil {
			return nil, err
		}
		if profile := registered.Supernode.Profile; profile.PeerId != "" {
			seated = append(seated, seatedPeer{operator, profile})
		}
	}
	rand.Shuffle(len(seated), func(i, j int) { seated[i], seated[j] = seated[j], seated[i] })
	return seated, nil
}

// ask gets what one peer has of the missing keys. What is not the published key is left out.
func (k *Keys) ask(ctx context.Context, p seatedPeer, missing map[uint64]string) (map[uint64]*age.HybridIdentity, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := k.Vault.Connect(ctx, p.profile.PeerId, p.profile.Multiaddrs); err != nil {
		return nil, err
	}
	given := make(map[uint64]*age.HybridIdentity)
	for epochs := range slices.Chunk(slices.Sorted(maps.Keys(missing)), MaxEpochs) {
		data, err := json.Marshal(question{Operator: k.Operator, Epochs: epochs})
		if err != nil {
			return nil, err
		}
		if data, err = k.Vault.Ask(ctx, p.profile.PeerId, protocol, data); err != nil {
			return nil, err
		}
		a, err := decodeAnswer(data)
		if err != nil {
			return nil, err
		}
		for _, key := range a.Keys {
			if identity := k.check(p, key, missing); identity != nil {
				given[key.Epoch] = identity
			}
		}
	}
	return given, nil
}

// check opens a key and returns nil unless it is the one that the chain has published.
func (k *Keys) check(p seatedPeer, key sealedKey, missing map[uint64]string) *age.HybridIdentity {
	recipient, wanted := missing[key.Epoch]
	if !wanted {
		return nil
	}
	identity, err := vault.OpenIdentity(key.Sealed, k.Identity)
	if err != nil || identity.Recipient().String() != recipient {
		k.Log.Warn("a peer gave a wrong vault key", "operator", p.operator, "epoch", key.Epoch, "error", err)
		return nil
	}
	return identity
}

// samePeer compares two texts of libp2p peer ids, of which there are several for one id.
func samePeer(a, b string) bool {
	first, err := peer.Decode(a)
	if err != nil {
		return false
	}
	second, err := peer.Decode(b)
	return err == nil && first == second
}
