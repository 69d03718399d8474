package node

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/gateway"
	"github.com/virusmap/virusmap/supernode/vault"
)

// coinType is the SLIP-44 number of the chain's accounts.
const coinType = 118

// Identity is what others must know of a supernode: an operator registers the first
// three, and the last two say who signs for whom.
type Identity struct {
	Recipient  string   `json:"recipient"`  // post-quantum age recipient
	PeerID     string   `json:"peer_id"`    // libp2p id of the vault
	Multiaddrs []string `json:"multiaddrs"` // where the vault listens
	Address    string   `json:"address"`    // of the signing key; empty when it is missing
	Operator   string   `json:"operator"`   // for whom it attests; may be empty
}

// ShowIdentity reads the public halves of a home's keys. The supernode may be running.
func ShowIdentity(home string, cfg Config) (Identity, error) {
	identity := Identity{Operator: cfg.Scanner.Operator, Multiaddrs: []string{}}
	own, err := vault.LoadOrCreateIdentity(filepath.Join(home, identityFile))
	if err != nil {
		return Identity{}, err
	}
	identity.Recipient = own.Recipient().String()
	if identity.PeerID, err = readPeerID(home); err != nil {
		return Identity{}, err
	}
	for _, addr := range cfg.Vault.Listen {
		identity.Multiaddrs = append(identity.Multiaddrs, addr+"/p2p/"+identity.PeerID)
	}
	ring, err := openKeyring(home, cfg)
	if err != nil {
		return Identity{}, err
	}
	record, err := ring.Key(cfg.Chain.Key)
	if err != nil {
		return identity, nil //nolint:nilerr // a home without a signing key still has the rest
	}
	address, err := record.GetAddress()
	identity.Address = address.String()
	return identity, err
}

func readPeerID(home string) (string, error) {
	data, err := os.ReadFile(filepath.Join(home, filepath.FromSlash(peerKeyFile)))
	if err != nil {
		return "", err
	}
	key, err := crypto.UnmarshalPrivateKey(data)
	if err != nil {
		return "", fmt.Errorf("libp2p key: %w", err)
	}
	id, err := peer.IDFromPrivateKey(key)
	return id.String(), err
}

func openKeyring(home string, cfg Config) (keyring.Keyring, error) {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	return keyring.New(sdk.KeyringServiceName(), cfg.Chain.KeyringBackend, cfg.keyringDir(home), os.Stdin, codec.NewProtoCodec(registry))
}

// createKey makes the signing key, or finds the one of an Init that did not finish; then
// its words are not known any more.
func createKey(home string, cfg Config) (address, mnemonic string, err error) {
	ring, err := openKeyring(home, cfg)
	if err != nil {
		return "", "", err
	}
	record, err := ring.Key(cfg.Chain.Key)
	if err != nil {
		path := hd.CreateHDPath(coinType, 0, 0).String()
		record, mnemonic, err = ring.NewMnemonic(cfg.Chain.Key, keyring.English, path, keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	}
	if err != nil {
		return "", "", err
	}
	account, err := record.GetAddress()
	return account.String(), mnemonic, err
}

// readSwarmKey reads the private swarm's key, nil when the vault is offline.
func readSwarmKey(home string, cfg Config) ([]byte, error) {
	if cfg.Vault.Offline {
		return nil, nil
	}
	key, err := os.ReadFile(filepath.Join(home, swarmKeyFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: copy the swarm's key there, or set vault.offline", err)
	}
	return key, err
}

// claimSecret reads the secret from which the gateway derives the salts of its claims, and
// makes it when it is missing. Losing it costs nothing but the claims that are not opened yet.
func claimSecret(home string) ([]byte, error) {
	return vault.LoadOrCreateSecret(filepath.Join(home, claimSecretFile), func() ([]byte, error) {
		secret := make([]byte, gateway.ClaimSecretBytes)
		_, err := rand.Read(secret)
		return secret, err
	})
}
