package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/gateway"
	"github.com/virusmap/virusmap/supernode/queue"
	"github.com/virusmap/virusmap/supernode/vault"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// maxBlockAge is how old the newest block may be before the chain counts as halted.
const maxBlockAge = time.Minute

func checkChain(client *chain.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		status, err := client.Status(ctx)
		switch {
		case err != nil:
			return err
		case status.CatchingUp:
			return fmt.Errorf("the node catches up, at height %d", status.Height)
		case time.Since(status.Time) > maxBlockAge:
			return fmt.Errorf("the newest block, %d, is of %s", status.Height, status.Time)
		}
		return nil
	}
}

// checkVaultKey tells whether uploads can be encrypted: right after the start of a
// chain no supernode has published a key yet.
func checkVaultKey(client *chain.Client) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := client.Supernodes().VaultKey(ctx, &supernodetypes.QueryVaultKeyRequest{})
		return err
	}
}

// healthProbe is stored once and read at every check.
var healthProbe = []byte("virusmap/health/v1")

func checkVault(v *vault.Vault) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := v.AddPublic(ctx, healthProbe)
		if err != nil {
			return err
		}
		read, err := v.ReadPublic(ctx, c, int64(len(healthProbe)))
		if err == nil && !bytes.Equal(read, healthProbe) {
			err = errors.New("what was stored reads differently")
		}
		return err
	}
}

func checkQueue(q *queue.Queue) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := q.Depth(ctx, gateway.SubmissionsSubject)
		return err
	}
}
