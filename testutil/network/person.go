package network

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
)

// Person uses the virusmap command line against the first supernode and trusts one
// block of the chain.
type Person struct {
	Program, Home string
}

// trustPeriod is how long the trusted block may be relied on.
const trustPeriod = 14 * 24 * 60 * 60

// NewPerson writes the settings of a person who has got a trusted block from the
// first validator.
func (n *Network) NewPerson(ctx context.Context) (Person, error) {
	person := Person{Program: n.bin("virusmap"), Home: filepath.Join(n.Dir, "person")}
	if err := os.MkdirAll(person.Home, 0o700); err != nil {
		return person, err
	}
	const height = 1
	hash, err := n.Validators[0].BlockHash(ctx, height)
	if err != nil {
		return person, err
	}
	rpc := make([]string, len(n.Validators))
	for i, validator := range n.Validators {
		rpc[i] = validator.RPC
	}
	trust, err := json.MarshalIndent(map[string]any{
		"chain_id": n.ChainID, "rpc": rpc, "height": height, "hash": hash, "period_seconds": trustPeriod,
	}, "", "  ")
	if err != nil {
		return person, err
	}
	if err := os.WriteFile(filepath.Join(person.Home, "trust.json"), trust, 0o600); err != nil {
		return person, err
	}
	for key, value := range map[string]string{"host": n.Supernodes[0].URL, "api-key": n.Supernodes[0].APIKey} {
		if _, err := run(ctx, person.Program, "--home", person.Home, "config", "set", key, value); err != nil {
			return person, err
		}
	}
	return person, nil
}

// Command is a virusmap command of the person.
func (p Person) Command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, p.Program, append([]string{"--home", p.Home}, args...)...)
}
