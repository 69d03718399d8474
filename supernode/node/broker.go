package node

import (
	"context"

	"github.com/virusmap/virusmap/supernode/broker"
)

// openBroker makes the role that delivers what is sold. It opens file keys with the vault
// keys of the running scanner, and waits while none runs.
func (n *Node) openBroker(context.Context) error {
	n.addRole("broker", func(ctx context.Context) error {
		metrics := &scopedRegisterer{Registerer: n.metrics}
		defer metrics.unregisterAll()
		b, err := broker.New(n.cfg.broker(), broker.Deps{
			Chain: n.chain, Vault: n.vault, VaultKey: n.openVaultKey, Metrics: metrics, Log: n.log,
		})
		if err != nil {
			return err
		}
		return b.Run(ctx)
	})
	return nil
}
