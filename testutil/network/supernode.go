package network

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pelletier/go-toml/v2"
)

const (
	gatewayPort = 8080
	grpcPort    = 9190
	vaultPort   = 4001
)

// Supernode is one supernode process with the accounts it acts for.
type Supernode struct {
	*Process
	Home string
	// URL of the gateway, and a key it accepts.
	URL, APIKey string
	// Operator owns the registration; Sidecar signs for it and pays deposits.
	Operator, Sidecar string
	// Identity is what the supernode printed of itself.
	Identity Identity
}

// Identity is what others must know to seal to a supernode and to reach it.
type Identity struct {
	Recipient  string   `json:"recipient"`
	PeerID     string   `json:"peer_id"`
	Multiaddrs []string `json:"multiaddrs"`
	Address    string   `json:"address"`
}

// newSupernode makes the keys and the home of supernode i and registers it in the genesis.
func (n *Network) newSupernode(ctx context.Context, i int) (*Supernode, error) {
	home := filepath.Join(n.Dir, fmt.Sprintf("supernode%d", i))
	s := &Supernode{
		Process: &Process{Path: n.bin("supernode"), Args: []string{"start", "--home", home}, Log: filepath.Join(n.Dir, fmt.Sprintf("supernode%d.log", i))},
		Home:    home,
		URL:     fmt.Sprintf("http://127.0.0.1:%d", gatewayPort+10*i+n.PortOffset),
		APIKey:  fmt.Sprintf("supernode-%d-local-api-key", i),
	}
	if _, err := run(ctx, n.bin("supernode"), "init", "--home", home); err != nil {
		return nil, err
	}
	var err error
	if s.Operator, err = n.newKey(ctx, fmt.Sprintf("operator%d", i)); err != nil {
		return nil, err
	}
	if err := s.configure(n, n.Validators[i%len(n.Validators)], i); err != nil {
		return nil, err
	}
	out, err := run(ctx, n.bin("supernode"), "key", "show", "--home", home, "--output", "json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(out, &s.Identity); err != nil {
		return nil, fmt.Errorf("supernode key show: %w", err)
	}
	s.Sidecar = s.Identity.Address
	return s, n.register(ctx, s, fmt.Sprintf("supernode %d", i))
}

// register funds the accounts of a supernode and enters it into the genesis.
func (n *Network) register(ctx context.Context, s *Supernode, moniker string) error {
	for account, balance := range map[string]string{s.Operator: operatorBalance, s.Sidecar: sidecarBalance} {
		if _, err := n.vmtd(ctx, "genesis", "move", "faucet", account, balance, "--keyring-backend", "test"); err != nil {
			return err
		}
	}
	if i := len(n.Supernodes); i >= n.Config.Supernodes-n.Joiners {
		return nil
	}
	_, err := n.vmtd(ctx, "genesis", "add-supernode", s.Operator, selfBond,
		"--sidecar", s.Sidecar, "--moniker", moniker, "--endpoint", s.URL,
		"--recipient", s.Identity.Recipient, "--peer-id", s.Identity.PeerID)
	return err
}

// newKey makes a key in the first validator's keyring and returns its address.
func (n *Network) newKey(ctx context.Context, name string) (string, error) {
	out, err := n.vmtd(ctx, "keys", "add", name, "--keyring-backend", "test", "--output", "json")
	if err != nil {
		return "", err
	}
	var key struct {
		Address string `json:"address"`
	}
	if err := json.Unmarshal(out, &key); err != nil {
		return "", fmt.Errorf("vmtd keys add: %w", err)
	}
	return key.Address, nil
}

// configure points the supernode at its validator and ports.
func (s *Supernode) configure(n *Network, validator *Validator, i int) error {
	return editTOML(filepath.Join(s.Home, "config.toml"), map[string]map[string]any{
		"chain":   {"chain_id": n.ChainID, "rpc": validator.RPC, "grpc": validator.GRPC, "rest": validator.REST},
		"scanner": {"operator": s.Operator},
		"gateway": {
			"listen":      fmt.Sprintf("127.0.0.1:%d", gatewayPort+10*i+n.PortOffset),
			"grpc_listen": fmt.Sprintf("127.0.0.1:%d", grpcPort+10*i+n.PortOffset),
			"api_keys":    []string{s.APIKey},
		},
		"vault": {"listen": []string{fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", vaultPort+10*i+n.PortOffset)}},
	})
}

// introduce gives all supernodes one swarm key and each other's addresses.
func (n *Network) introduce() error {
	if len(n.Supernodes) < 2 {
		return nil
	}
	swarmKey, err := os.ReadFile(filepath.Join(n.Supernodes[0].Home, "swarm.key"))
	if err != nil {
		return err
	}
	for _, supernode := range n.Supernodes {
		if err := os.WriteFile(filepath.Join(supernode.Home, "swarm.key"), swarmKey, 0o600); err != nil {
			return err
		}
		var peers []string
		for _, other := range n.Supernodes {
			if other != supernode {
				peers = append(peers, other.Identity.Multiaddrs...)
			}
		}
		err := editTOML(filepath.Join(supernode.Home, "config.toml"), map[string]map[string]any{"vault": {"peers": peers}})
		if err != nil {
			return err
		}
	}
	return nil
}

// editTOML sets values by section and key.
func editTOML(path string, values map[string]map[string]any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	document := map[string]any{}
	if err := toml.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for section, entries := range values {
		table, _ := document[section].(map[string]any)
		if table == nil {
			table = map[string]any{}
			document[section] = table
		}
		for key, value := range entries {
			table[key] = value
		}
	}
	if data, err = toml.Marshal(document); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
