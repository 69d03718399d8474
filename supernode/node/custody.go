package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/custody"
)

// lookEvery is how long Leave waits between two looks at what others have.
const lookEvery = 10 * time.Second

func (n *Node) openCustody(context.Context) error {
	n.addRole("custody", func(ctx context.Context) error {
		metrics := &scopedRegisterer{Registerer: n.metrics}
		defer metrics.unregisterAll()
		c, err := custody.New(n.cfg.custody(), custody.Deps{Chain: n.chain, Vault: n.vault, Metrics: metrics, Log: n.log})
		if err != nil {
			return err
		}
		return c.Run(ctx)
	})
	return nil
}

// Leave serves the vault of a supernode that has retired, in place of Run, until others
// have what is in it. It tells how far it is, and needs no signing key.
func Leave(ctx context.Context, home string, cfg Config, log *slog.Logger, tell func(custody.Handover)) (state custody.Handover, err error) {
	operator, err := sdk.AccAddressFromBech32(cfg.Scanner.Operator)
	if err != nil {
		return state, fmt.Errorf("scanner: operator %q: %w", cfg.Scanner.Operator, err)
	}
	if cfg.Vault.Offline {
		return state, errors.New("vault: offline: nobody can take over what is here")
	}
	n := &Node{home: home, cfg: cfg, log: log, checks: make(map[string]func(context.Context) error)}
	defer func() { err = errors.Join(err, n.Close()) }()
	if err := n.dialChain(ctx, ""); err != nil {
		return state, fmt.Errorf("open chain client: %w", err)
	}
	if err := n.openVault(ctx); err != nil {
		return state, fmt.Errorf("open vault: %w", err)
	}
	return custody.Leave(ctx, operator, custody.Deps{Chain: n.chain, Vault: n.vault, Log: log}, lookEvery, tell)
}
