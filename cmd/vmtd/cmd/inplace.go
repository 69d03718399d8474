package cmd

import (
	"fmt"

	"github.com/cometbft/cometbft/crypto"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/spf13/cast"
	"github.com/spf13/cobra"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/server"
	servertypes "github.com/cosmos/cosmos-sdk/server/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
)

// inPlaceTestnetCommand goes on with a copy of a network's state as a network of one.
func inPlaceTestnetCommand() *cobra.Command {
	cmd := server.InPlaceTestnetCreator(newTestnetNode)
	cmd.Use = "in-place-testnet <new-chain-id> <operator-address>"
	cmd.Example = "vmtd in-place-testnet rehearsal-1 vmt1... --home ./copy-of-a-node"
	cmd.Long += `
Work on a copy of a stopped node's home. The operator is an account with funds that runs no
validator yet. Remove config/priv_validator_key.json from the copy first: a key that has signed
for the network refuses to sign the same heights of another chain.
`
	return cmd
}

// newTestnetNode opens the application for `in-place-testnet`: a copy of a network's
// state that goes on with this node as its only validator. It panics on failure, as
// the SDK leaves no other way to report one.
func newTestnetNode(logger log.Logger, db dbm.DB, options servertypes.AppOptions) servertypes.Application {
	node := app.New(logger, db, true, options, server.DefaultBaseappOptions(options)...)
	key, ok := options.Get(server.KeyUserPubKey).(crypto.PubKey)
	if !ok {
		panic(fmt.Errorf("in-place-testnet: no consensus key in %q", server.KeyUserPubKey))
	}
	operator, err := sdk.AccAddressFromBech32(cast.ToString(options.Get(server.KeyNewOpAddr)))
	if err != nil {
		panic(fmt.Errorf("in-place-testnet: operator address: %w", err))
	}
	ctx := node.CommitContext()
	if err := node.TakeOver(ctx, key, operator); err != nil {
		panic(fmt.Errorf("in-place-testnet: %w", err))
	}
	if upgrade := cast.ToString(options.Get(server.KeyTriggerTestnetUpgrade)); upgrade != "" {
		if err := node.TriggerUpgrade(ctx, upgrade); err != nil {
			panic(fmt.Errorf("in-place-testnet: %w", err))
		}
	}
	return node
}
