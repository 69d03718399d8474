package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/virusmap/virusmap/testutil/network"
)

// trade has a vendor buy the sample from its home and account of its own, and shows that
// the person who brought it is paid.
func trade(ctx context.Context, net *network.Network, person network.Person, wallet network.Wallet, sample string) error {
	content, err := os.ReadFile(sample)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(content)
	before, err := wallet.Balance(ctx)
	if err != nil {
		return err
	}
	step("a vendor buys the sample for VMT")
	vendor := network.Person{Program: person.Program, Home: filepath.Join(net.Dir, "vendor")}
	if err := os.MkdirAll(vendor.Home, 0o700); err != nil {
		return err
	}
	supernode, validator := net.Supernodes[0], net.Validators[0]
	err = show(vendor.Command(ctx, "buy", hex.EncodeToString(hash[:]), "--yes", "--accept",
		"--out", filepath.Join(vendor.Home, "bought"), "--trust", filepath.Join(person.Home, "trust.json"),
		"--host", supernode.URL, "--api-key", supernode.APIKey, "--grpc", validator.GRPC,
		"--key", "faucet", "--keyring-dir", validator.Home, "--keyring-backend", "test"))
	if err != nil {
		return err
	}
	after := before
	err = network.Until(ctx, "the contributor's part", func() bool {
		after, err = wallet.Balance(ctx)
		return err == nil && after > before
	})
	fmt.Printf("\nthe contributor's part  %s VMT\n", vmt(after-before))
	return err
}
