package purchase

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/ipfs/go-cid"

	"github.com/virusmap/virusmap/supernode/vault"
)

// Swarm fetches ciphertexts from peers of the private swarm.
type Swarm struct {
	dir   string
	vault *vault.Vault
}

// OpenSwarm joins the swarm with a vault in a folder of its own in the journal, which Close
// removes. Peers are multiaddrs that end in /p2p/<peer id>.
func OpenSwarm(ctx context.Context, journal *Journal, swarmKey []byte, peers []string) (*Swarm, error) {
	own, err := os.MkdirTemp(journal.dir, swarmPrefix)
	if err != nil {
		return nil, err
	}
	opened, err := vault.Open(ctx, vault.Config{Dir: own, SwarmKey: swarmKey, Peers: peers})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(own))
	}
	return &Swarm{own, opened}, nil
}

// Close leaves the swarm.
func (s *Swarm) Close() error { return errors.Join(s.vault.Close(), os.RemoveAll(s.dir)) }

func (s *Swarm) String() string { return "the swarm" }

// Fetch implements Source. It begins anew each time: blocks are only kept whole.
func (s *Swarm) Fetch(ctx context.Context, c cid.Cid, size int64, part *os.File) error {
	file, err := s.vault.Ciphertext(ctx, c)
	if err != nil {
		return err
	}
	defer func() {
		file.Close()
		_ = s.vault.Remove(context.WithoutCancel(ctx), c) // all of it goes with the folder
	}()
	if err := restart(part); err != nil {
		return err
	}
	return receive(ctx, io.Reader(file), size, part)
}
