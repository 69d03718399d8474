package command

import (
	"context"
	"fmt"

	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func (t *tool) planCancelCommand() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use:     "cancel TIER",
		Short:   "Take back the periods of a subscription that have not begun",
		Long:    "cancel returns the money of the periods that have not begun. The current one runs to its end.",
		Example: "  virusmap plan cancel professional",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			return t.withNode(command.Context(), func(ctx context.Context, node purchase.Node) error {
				product, err := t.findPlan(ctx, node, arguments[0])
				if err != nil {
					return err
				}
				if err := t.agree(ctx, yes, "Cancel %s at the end of its current period?", product.Product); err != nil {
					return err
				}
				var answer markettypes.MsgCancelSubscriptionResponse
				err = t.send(ctx, node, &markettypes.MsgCancelSubscription{Buyer: node.Buyer().String(), Product: product.Product}, &answer)
				if err != nil {
					return err
				}
				cancelled := struct {
					Product string `json:"product"`
					// Refund in uvmt.
					Refund string `json:"refund"`
				}{product.Product, orZero(answer.Refund).String()}
				return t.screen.put(cancelled, printable(fmt.Sprintf("%s ends with its current period; %s VMT were refunded", product.Product, uvmt(answer.Refund))))
			})
		},
	}
	declareSigning(command.Flags())
	command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return command
}

func (t *tool) planRevokeCommand() *cobra.Command {
	var yes bool
	command := &cobra.Command{
		Use:     "revoke",
		Short:   "Void all API keys that the account authorised until now",
		Example: "  virusmap plan revoke",
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return t.withNode(command.Context(), func(ctx context.Context, node purchase.Node) error {
				if err := t.agree(ctx, yes, "Void every API key of %s? Those that are in use stop working.", node.Buyer()); err != nil {
					return err
				}
				err := t.send(ctx, node, &markettypes.MsgRevokeApiKeys{Buyer: node.Buyer().String()}, &markettypes.MsgRevokeApiKeysResponse{})
				if err != nil {
					return err
				}
				revoked := struct {
					Account string `json:"account"`
					Revoked bool   `json:"revoked"`
				}{node.Buyer().String(), true}
				return t.screen.put(revoked, "The API keys of "+revoked.Account+" are void; make a new one with 'virusmap plan key'.")
			})
		},
	}
	declareSigning(command.Flags())
	command.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return command
}

func (t *tool) withNode(ctx context.Context, do func(context.Context, purchase.Node) error) error {
	node, err := t.node(ctx)
	if err != nil {
		return err
	}
	defer node.Client.Close()
	return do(ctx, node)
}

// send waits for the block and reads the response.
func (t *tool) send(ctx context.Context, node purchase.Node, msg sdk.Msg, answer proto.Message) error {
	response, err := node.Send(ctx, msg)
	if err != nil {
		return err
	}
	return purchase.Answer(response, answer)
}
