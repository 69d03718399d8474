package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/light"
)

// maxAnswerLine bounds what is read of an answer to a question.
const maxAnswerLine = 64

// node is the chain with the key that signs. The caller closes its client.
func (t *tool) node(ctx context.Context) (purchase.Node, error) {
	if t.settings.Key == "" {
		return purchase.Node{}, usagef("no signing key: name one of 'vmtd keys list' with --key or 'virusmap config set key NAME'")
	}
	config, err := t.trust()
	if err != nil {
		return purchase.Node{}, err
	}
	client, err := chain.Dial(ctx, chain.Config{
		GRPC: t.settings.GRPC, RPC: config.RPC[0], ChainID: config.ChainID,
		KeyringDir: t.settings.KeyringDir, KeyringBackend: t.settings.KeyringBackend, Key: t.settings.Key,
		GasPrices: t.settings.GasPrices, Log: slog.New(slog.NewTextHandler(t.screen.err, nil)),
	})
	if err != nil {
		return purchase.Node{}, fmt.Errorf("%w (keyring %s in %s; make a key with 'vmtd keys add NAME')", err, t.settings.KeyringBackend, t.settings.KeyringDir)
	}
	return purchase.Node{Client: client, Config: config}, nil
}

// buyer is the account that is given, else that of the key.
func (t *tool) buyer(ctx context.Context, given string) (string, light.Config, error) {
	if given != "" {
		if err := checkAddress("--account", given); err != nil {
			return "", light.Config{}, err
		}
		config, err := t.trust()
		return given, config, err
	}
	if t.settings.Key == "" {
		return "", light.Config{}, usagef("whose? Name an account with --account, or your key with --key or 'virusmap config set key NAME'")
	}
	node, err := t.node(ctx)
	if err != nil {
		return "", light.Config{}, err
	}
	defer node.Client.Close()
	return node.Buyer().String(), node.Config, nil
}

// agree asks a question that is answered with yes or no; yes answers it beforehand.
func (t *tool) agree(ctx context.Context, yes bool, format string, args ...any) error {
	if yes {
		return nil
	}
	t.screen.mu.Lock()
	t.screen.clear()
	fmt.Fprintf(t.screen.err, "%s [y/N] ", printable(fmt.Sprintf(format, args...)))
	t.screen.mu.Unlock()
	answered := make(chan string, 1)
	go func() { // a terminal cannot be interrupted while it is read
		line, _ := bufio.NewReader(io.LimitReader(t.stdin, maxAnswerLine)).ReadString('\n')
		answered <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case answer := <-answered:
		if answer == "y" || answer == "yes" {
			return nil
		}
		return errors.New("not agreed to, so nothing was sent; --yes agrees beforehand")
	}
}

// parseVMT reads an amount such as 1.5 and returns uvmt.
func parseVMT(name, text string) (uint64, error) {
	amount, err := math.LegacyNewDecFromStr(text)
	if err == nil {
		amount = amount.MulInt64(1_000_000)
		if amount.IsPositive() && amount.IsInteger() && amount.TruncateInt().IsUint64() {
			return amount.TruncateInt().Uint64(), nil
		}
	}
	return 0, usagef("%s %.64q is not an amount of VMT above 0 with at most 6 decimals", name, text)
}

// uvmt writes an amount that may be missing as VMT, without the name.
func uvmt(amount math.Int) string { return millionths(orZero(amount)) }
