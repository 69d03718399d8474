package network

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// Wallet is a key of a person, who uses it with the chain's command line. It starts
// without a coin and without an account on chain.
type Wallet struct {
	// Name of the key, for --from.
	Name, Address string

	program, home, node, chainID string
}

// NewWallet makes a key in a test keyring of the person's home.
func (n *Network) NewWallet(ctx context.Context, name string) (Wallet, error) {
	w := Wallet{
		Name: name, program: n.bin("vmtd"), home: filepath.Join(n.Dir, "person", "vmtd"),
		node: n.Validators[0].RPC, chainID: n.ChainID,
	}
	if err := os.MkdirAll(w.home, 0o700); err != nil {
		return w, err
	}
	out, err := run(ctx, w.program, "keys", "add", name, "--home", w.home, "--keyring-backend", "test", "--output", "json")
	if err != nil {
		return w, err
	}
	var key struct {
		Address string `json:"address"`
	}
	if err := json.Unmarshal(out, &key); err != nil {
		return w, fmt.Errorf("vmtd keys add: %w", err)
	}
	w.Address = key.Address
	return w, nil
}

// Vmtd is a `vmtd tx` or `vmtd query` command against the first validator. A transaction is
// broadcast without asking and offers no fee unless args do.
func (w Wallet) Vmtd(ctx context.Context, args ...string) *exec.Cmd {
	args = append(args[:len(args):len(args)], "--home", w.home, "--node", w.node, "--output", "json")
	if args[0] == "tx" {
		args = append(args, "--keyring-backend", "test", "--chain-id", w.chainID, "--yes")
	}
	return exec.CommandContext(ctx, w.program, args...)
}

// Balance is how many uvmt the wallet has.
func (w Wallet) Balance(ctx context.Context) (int64, error) {
	out, err := w.Vmtd(ctx, "query", "bank", "balance", w.Address, "uvmt").Output()
	if err != nil {
		return 0, fmt.Errorf("vmtd query bank balance: %w", err)
	}
	var answer struct {
		Balance struct {
			Amount string `json:"amount"`
		} `json:"balance"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return 0, fmt.Errorf("vmtd query bank balance: %w", err)
	}
	return strconv.ParseInt(answer.Balance.Amount, 10, 64)
}
