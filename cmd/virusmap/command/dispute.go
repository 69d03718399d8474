package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
)

func (t *tool) disputeCommand() *cobra.Command {
	b := &buying{tool: t}
	command := &cobra.Command{
		Use:   "dispute ORDER",
		Short: "Dispute the key of an order",
		Long: `dispute opens the one-time secret of an order on the chain, which then looks at the key
itself. When the key is wrong the price comes back and the supernode is slashed. When it is
right a bond is lost, and the secret is public: so is the sample's file key. A wrong key is
disputed by 'virusmap buy' by itself; this is for doing it by hand.`,
		Example: `  virusmap dispute 275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f`,
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if !isSHA256(arguments[0]) {
				return usagef("%.100q is not an order", arguments[0])
			}
			return b.run(command.Context(), func(ctx context.Context, buyer *purchase.Buyer) error {
				record, err := findRecord(buyer, strings.ToLower(arguments[0]))
				if err != nil {
					return err
				}
				params, err := buyer.Chain.Params(ctx)
				if err != nil {
					return err
				}
				bond := uvmt(params.DisputeBond.Amount)
				return buyer.Dispute(ctx, record, func(right bool) error {
					found := "The key of this order is wrong, as far as can be told here."
					if right {
						found = fmt.Sprintf("The key of this order is RIGHT: a dispute would cost the bond of %s VMT.", bond)
					}
					return b.agree(ctx, b.yes, "%s Dispute it, for a bond of %s VMT that is lost if the key is right?", found, bond)
				})
			})
		},
	}
	declareSigning(command.Flags())
	command.Flags().BoolVarP(&b.yes, "yes", "y", false, "do not ask")
	return command
}
