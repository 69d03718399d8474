package command

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/api"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	apiKeyBytes = 32
	defaultDays = 90
	maxDays     = 366
)

func (t *tool) planKeyCommand() *cobra.Command {
	var days uint16
	command := &cobra.Command{
		Use:   "key",
		Short: "Make an API key for what the account has subscribed to",
		Long: `key makes a random API key, signs a statement that authorises it with the account's key
(ADR-036, which can be no transaction), and registers both with the host. The host keeps
only a hash. The key is printed once: nobody can tell it again.`,
		Example: `  virusmap plan key --days 30
  virusmap config set api-key "$(virusmap plan key)"`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if days < 1 || days > maxDays {
				return usagef("--days is %d, want 1..%d", days, maxDays)
			}
			client, err := t.client()
			if err != nil {
				return err
			}
			return t.withNode(command.Context(), func(ctx context.Context, node purchase.Node) error {
				return t.makeKey(ctx, client, node, days)
			})
		},
	}
	declareSigning(command.Flags())
	command.Flags().Uint16Var(&days, "days", defaultDays, fmt.Sprintf("how long the key works, 1..%d", maxDays))
	return command
}

func (t *tool) makeKey(ctx context.Context, client *api.Client, node purchase.Node, days uint16) error {
	secret := make([]byte, apiKeyBytes)
	_, _ = rand.Read(secret) // ends the process rather than fail
	key := base64.RawURLEncoding.EncodeToString(secret)
	issued := time.Now().UTC().Truncate(time.Second)
	statement := markettypes.Statement{
		ChainID: node.ChainID(), Account: node.Buyer().String(), KeyHash: sha256.Sum256([]byte(key)),
		Issued: issued, Expires: issued.AddDate(0, 0, int(days)),
	}
	signature, pubKey, err := t.sign(markettypes.SignDoc(statement))
	if err != nil {
		return err
	}
	if !bytes.Equal(pubKey.Address(), node.Buyer()) {
		return errors.New("the keyring has changed")
	}
	if err := client.RegisterKey(ctx, statement.String(), pubKey.Bytes(), signature); err != nil {
		return err
	}
	made := struct {
		Key     string `json:"api_key"`
		Account string `json:"account"`
		Expires string `json:"expires"`
	}{key, statement.Account, statement.Expires.Format(time.RFC3339)}
	if !t.screen.asJSON {
		fmt.Fprintf(t.screen.err, "virusmap: works until %s for the subscriptions of %s; it is shown once:\n", made.Expires, made.Account)
	}
	return t.screen.put(made, key)
}
