package command

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
)

func (t *tool) downloadCommand() *cobra.Command {
	b := &buying{tool: t}
	command := &cobra.Command{
		Use:   "download ORDER|HASH...",
		Short: "Open samples again that you bought",
		Long: `download fetches and opens samples that were bought before, named by order or SHA-256, with
the secrets in orders/ in --home. It costs nothing, however long ago they were bought.`,
		Example: `  virusmap download 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f --out samples`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			names, err := b.hashes(arguments)
			if err != nil {
				return err
			}
			return b.run(command.Context(), func(ctx context.Context, buyer *purchase.Buyer) error {
				var records []*purchase.Record
				for _, name := range names {
					record, err := findRecord(buyer, name)
					if err != nil {
						return err
					}
					records = append(records, record)
				}
				return buyer.Open(ctx, records)
			})
		},
	}
	b.declare(command.Flags())
	return command
}

// findRecord finds a purchase by its order, or the newest of a sample that was not refunded.
func findRecord(buyer *purchase.Buyer, name string) (found *purchase.Record, err error) {
	records, err := buyer.Purchases()
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(records, func(r *purchase.Record) bool { return r.Order == name }); i >= 0 {
		return records[i], nil
	}
	for _, record := range records {
		if record.SHA256 == name && record.State != purchase.Refunded && (found == nil || record.Created.After(found.Created)) {
			found = record
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%s is neither an order nor a sample that this account bought from here; buy it with 'virusmap buy'", name)
	}
	return found, nil
}
