package cmd

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// addSupernodeCommand registers a supernode that is there from the first block on.
func addSupernodeCommand() *cobra.Command {
	var profile supernodetypes.Profile
	cmd := &cobra.Command{
		Use:   "add-supernode <operator> <bond>",
		Short: "Register a supernode in the genesis file",
		Long: "Register a supernode in the genesis file. The bond moves from the operator's genesis balance to " +
			"its bond account, so the operator must be funded before and the supply stays what it was. Coins that " +
			"still vest cannot be bonded. " +
			"Addresses may also be names of keys in the keyring.",
		Example: "vmtd genesis add-supernode operator 10000000000uvmt --sidecar sidecar \\\n" +
			"  --moniker example --recipient age1pq1... --endpoint https://supernode.example",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			bond, err := sdk.ParseCoinNormalized(args[1])
			if err != nil {
				return fmt.Errorf("bond: %w", err)
			}
			return editGenesisFile(cmd, func(clientCtx client.Context, doc *genutiltypes.AppGenesis, state app.GenesisState) error {
				operator, err := addressOf(clientCtx, args[0])
				if err != nil {
					return fmt.Errorf("operator: %w", err)
				}
				sidecar, err := addressOf(clientCtx, profile.Sidecar)
				if err != nil {
					return fmt.Errorf("sidecar: %w", err)
				}
				profile.Sidecar = sidecar.String()
				return addSupernode(clientCtx.Codec, state, doc.GenesisTime, operator, profile, bond)
			})
		},
	}
	cmd.Flags().StringVar(&profile.Sidecar, "sidecar", "", "account that signs commits and reveals")
	cmd.Flags().StringVar(&profile.Moniker, "moniker", "", "display name, 1 to 64 bytes")
	cmd.Flags().StringVar(&profile.Recipient, "recipient", "", "post-quantum age recipient (age1pq1...)")
	cmd.Flags().StringVar(&profile.PeerId, "peer-id", "", "libp2p id of the vault")
	cmd.Flags().StringSliceVar(&profile.Endpoints, "endpoint", nil, "public gateway URL, at most 4")
	cmd.Flags().StringSliceVar(&profile.Multiaddrs, "multiaddr", nil, "dial address of the vault, at most 8")
	for _, name := range []string{"sidecar", "moniker", "recipient"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // a flag defined above
		}
	}
	addHomeFlag(cmd)
	flags.AddKeyringFlags(cmd.Flags())
	return cmd
}

// addSupernode registers a candidate and moves its bond.
func addSupernode(
	cdc codec.JSONCodec, state app.GenesisState, genesisTime time.Time, operator sdk.AccAddress,
	profile supernodetypes.Profile, bond sdk.Coin,
) error {
	err := app.EditGenesis(cdc, state, supernodetypes.ModuleName, func(genesis *supernodetypes.GenesisState) error {
		if err := genesis.Params.CheckBond("bond", bond); err != nil {
			return err
		}
		if bond.IsLT(genesis.Params.MinSelfBond) {
			return fmt.Errorf("bond %s is under min_self_bond %s: the supernode could never be seated", bond, genesis.Params.MinSelfBond)
		}
		genesis.Supernodes = append(genesis.Supernodes, supernodetypes.Supernode{
			Operator: operator.String(), Profile: profile, SelfBond: bond.Amount,
			Status: supernodetypes.STATUS_CANDIDATE,
		})
		return genesis.Validate()
	})
	if err != nil {
		return err
	}
	return moveBalance(cdc, state, genesisTime, operator, supernodetypes.BondAddress(operator), bond)
}

// addressOf reads an address or the name of a key.
func addressOf(clientCtx client.Context, text string) (sdk.AccAddress, error) {
	if address, err := sdk.AccAddressFromBech32(text); err == nil {
		return address, nil
	}
	if clientCtx.Keyring == nil {
		return nil, fmt.Errorf("%q is no address", text)
	}
	record, err := clientCtx.Keyring.Key(text)
	if err != nil {
		return nil, fmt.Errorf("%q is neither an address nor a key: %w", text, err)
	}
	return record.GetAddress()
}

// setAppState writes the state of the modules back into a genesis.
func setAppState(doc *genutiltypes.AppGenesis, state app.GenesisState) error {
	bz, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return fmt.Errorf("genesis state: %w", err)
	}
	doc.AppState = bz
	return nil
}
