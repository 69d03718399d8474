// Package network runs a whole VirusMap network of real processes on 127.0.0.1:
// validators and supernodes with their own homes, keys, ports and logs. The demo and
// the system tests are built on it.
package network

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Config says what to run.
type Config struct {
	// Dir holds everything; it must not exist yet.
	Dir string
	// Bin holds the programs vmtd, supernode and virusmap.
	Bin string
	// ChainID of the new chain.
	ChainID string
	// Validators and Supernodes are how many to run; supernode i uses validator i mod Validators.
	Validators, Supernodes int
	// Joiners are how many of the supernodes, the last ones, are not registered from the
	// start. Their accounts are funded.
	Joiners int
	// PortOffset is added to every usual port; negative picks a free range.
	PortOffset int
	// Genesis may change the genesis document before the start; nil leaves it.
	Genesis func(genesis map[string]any)
}

// Network is a generated network; its processes may run or not.
type Network struct {
	Config
	Validators []*Validator
	Supernodes []*Supernode
}

// Validator is one vmtd.
type Validator struct {
	*Process
	Home string
	// RPC, GRPC, REST and Metrics are addresses on 127.0.0.1.
	RPC, GRPC, REST, Metrics string
}

// balances of the accounts a supernode gets at genesis.
const (
	operatorBalance = "20000000000uvmt"
	sidecarBalance  = "100000000000uvmt"
	selfBond        = "10000000000uvmt"
)

// New writes the homes of all processes and starts none.
func New(ctx context.Context, cfg Config) (*Network, error) {
	if cfg.PortOffset < 0 {
		offset, err := freeOffset(cfg.Validators, cfg.Supernodes)
		if err != nil {
			return nil, err
		}
		cfg.PortOffset = offset
	}
	n := &Network{Config: cfg}
	if _, err := run(ctx, n.bin("vmtd"), "testnet", "--validators", fmt.Sprint(cfg.Validators),
		"--output-dir", cfg.Dir, "--chain-id", cfg.ChainID, "--port-offset", fmt.Sprint(cfg.PortOffset)); err != nil {
		return nil, err
	}
	for i := range cfg.Validators {
		n.Validators = append(n.Validators, n.newValidator(i))
	}
	for i := range cfg.Supernodes {
		supernode, err := n.newSupernode(ctx, i)
		if err != nil {
			return nil, fmt.Errorf("supernode %d: %w", i, err)
		}
		n.Supernodes = append(n.Supernodes, supernode)
	}
	if err := n.introduce(); err != nil {
		return nil, err
	}
	return n, n.distributeGenesis()
}

func (n *Network) bin(program string) string { return filepath.Join(n.Bin, program) }

func (n *Network) newValidator(i int) *Validator {
	home := filepath.Join(n.Dir, fmt.Sprintf("node%d", i))
	at := func(usual int) string { return fmt.Sprintf("127.0.0.1:%d", usual+10*i+n.PortOffset) }
	return &Validator{
		Process: &Process{Path: n.bin("vmtd"), Args: []string{"start", "--home", home, "--log_no_color"}, Log: filepath.Join(n.Dir, fmt.Sprintf("node%d.log", i))},
		Home:    home,
		RPC:     "http://" + at(26657), GRPC: at(9090), REST: "http://" + at(1317), Metrics: "http://" + at(26660),
	}
}

// vmtd runs a command of the chain's program on the first validator's home.
func (n *Network) vmtd(ctx context.Context, args ...string) ([]byte, error) {
	return run(ctx, n.bin("vmtd"), append(args, "--home", n.Validators[0].Home)...)
}

// distributeGenesis applies the configured changes and gives all nodes one document.
func (n *Network) distributeGenesis() error {
	path := filepath.Join(n.Validators[0].Home, "config", "genesis.json")
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if n.Genesis != nil {
		var genesis map[string]any
		if err := json.Unmarshal(document, &genesis); err != nil {
			return err
		}
		n.Genesis(genesis)
		if document, err = json.MarshalIndent(genesis, "", "  "); err != nil {
			return err
		}
	}
	for _, validator := range n.Validators {
		if err := os.WriteFile(filepath.Join(validator.Home, "config", "genesis.json"), document, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// Start starts every process and waits until blocks are made and all supernodes are ready.
func (n *Network) Start(ctx context.Context) error {
	for _, validator := range n.Validators {
		if err := validator.Start(); err != nil {
			return err
		}
	}
	if err := n.WaitHeight(ctx, 2); err != nil {
		return err
	}
	for _, supernode := range n.Supernodes {
		if err := supernode.Start(); err != nil {
			return err
		}
	}
	for _, supernode := range n.Supernodes {
		if err := supernode.WaitReady(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends every process, supernodes first.
func (n *Network) Stop() {
	for _, supernode := range n.Supernodes {
		supernode.Stop()
	}
	for _, validator := range n.Validators {
		validator.Stop()
	}
}

// Set changes a value of a genesis document; path is separated by dots, numbers are
// indexes into lists. It panics when the path does not exist, as the caller then
// means another document.
func Set(genesis map[string]any, path string, value any) {
	var at any = genesis
	steps := strings.Split(path, ".")
	for i, step := range steps {
		last := i == len(steps)-1
		switch node := at.(type) {
		case map[string]any:
			if _, exists := node[step]; !exists {
				panic(fmt.Sprintf("genesis has no %s", strings.Join(steps[:i+1], ".")))
			}
			if last {
				node[step] = value
			}
			at = node[step]
		case []any:
			var index int
			if _, err := fmt.Sscan(step, &index); err != nil || index >= len(node) {
				panic(fmt.Sprintf("genesis has no %s", strings.Join(steps[:i+1], ".")))
			}
			if last {
				node[index] = value
			}
			at = node[index]
		}
	}
}
