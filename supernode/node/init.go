package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/virusmap/virusmap/engines"
	"github.com/virusmap/virusmap/supernode/vault"
)

// Created is what Init made and a person must know.
type Created struct {
	Home string
	// APIKey is accepted by the gateway.
	APIKey string
	// Address of the signing key, and the words that restore it.
	Address, Mnemonic string
}

// Init makes the home of a new supernode: configuration, signing key, swarm key, age
// identity, libp2p key, claim secret and the shipped engines. A home that has a configuration is
// left as it is, with an error.
func Init(ctx context.Context, home string) (Created, error) {
	path := filepath.Join(home, configFile)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return Created{}, errors.Join(fmt.Errorf("%s exists already", path), err)
	}
	// Others may enter, as engines can run as another user; every secret has mode 0600
	// or lies in a folder with 0700.
	if err := os.MkdirAll(home, 0o755); err != nil {
		return Created{}, err
	}
	created := Created{Home: home, APIKey: rand.Text()}
	cfg := DefaultConfig(home)
	cfg.Gateway.APIKeys = []string{created.APIKey}

	var err error
	if created.Address, created.Mnemonic, err = createKey(home, cfg); err != nil {
		return Created{}, fmt.Errorf("signing key: %w", err)
	}
	if err := createFile(filepath.Join(home, swarmKeyFile), vault.NewSwarmKey()); err != nil && !errors.Is(err, os.ErrExist) {
		return Created{}, err
	}
	if _, err := vault.LoadOrCreateIdentity(filepath.Join(home, identityFile)); err != nil {
		return Created{}, err
	}
	if err := createPeerKey(ctx, home); err != nil {
		return Created{}, err
	}
	if _, err := claimSecret(home); err != nil {
		return Created{}, err
	}
	if err := engines.Install(filepath.Join(home, enginesDir)); err != nil {
		return Created{}, fmt.Errorf("install engines: %w", err)
	}
	encoded, err := cfg.Encode()
	if err != nil {
		return Created{}, err
	}
	// Last, as its presence means that the home is complete.
	return created, createFile(path, encoded)
}

// createPeerKey has the vault make its libp2p key, which decides the peer id.
func createPeerKey(ctx context.Context, home string) error {
	v, err := vault.Open(ctx, vault.Config{Dir: filepath.Join(home, vaultDir), Offline: true})
	if err != nil {
		return err
	}
	return v.Close()
}

// createFile writes a secret file that must not exist yet.
func createFile(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Sync(), file.Close())
}
