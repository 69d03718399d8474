package cmd

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// network says what `testnet` generates.
type network struct {
	dir        string
	chainID    string
	validators int
	portOffset int
	balance    sdk.Coin
	stake      sdk.Coin
	gasPrices  string
}

// testnetCommand writes the files of a whole network of nodes on this machine.
func testnetCommand(blueprint *app.App) *cobra.Command {
	var balance, stake string
	var net network
	cmd := &cobra.Command{
		Use:   "testnet",
		Short: "Generate the files of a local network",
		Long: "Generate the home directories of a network of validators that listen on 127.0.0.1. Node i uses " +
			"the usual ports plus 10·i: p2p 26656, RPC 26657, metrics 26660, gRPC 9090, REST 1317. Each home has a " +
			"`test` keyring with the key `validator`, whose mnemonic is in validator.mnemonic beside it.\n\n" +
			"The supply is divided as that of the public network. The first node also has the keys `faucet`, with " +
			"50,000,000 VMT that are free, and `developer` and `supporter`, whose coins vest for four years.\n\n" +
			"Change the genesis afterwards with `vmtd genesis ... --home <node>` on one node and copy its " +
			"config/genesis.json to the others before the first start.",
		Example: "vmtd testnet --validators 4 --output-dir ./net\n" +
			"vmtd genesis move faucet vmt1... 20000000000uvmt --keyring-backend test --home ./net/node0\n" +
			"vmtd start --home ./net/node0",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if net.balance, err = sdk.ParseCoinNormalized(balance); err != nil {
				return fmt.Errorf("--balance: %w", err)
			}
			if net.stake, err = sdk.ParseCoinNormalized(stake); err != nil {
				return fmt.Errorf("--stake: %w", err)
			}
			if err := net.validate(); err != nil {
				return err
			}
			if err := net.generate(cmd.Context(), blueprint); err != nil {
				return err
			}
			cmd.Printf("%d nodes of %s written to %s\n", net.validators, net.chainID, net.dir)
			return nil
		},
	}
	cmd.Flags().StringVarP(&net.dir, "output-dir", "o", "./testnet", "Directory that must not exist yet")
	cmd.Flags().StringVar(&net.chainID, flags.FlagChainID, "virusmap-local-1", "Chain id")
	cmd.Flags().IntVar(&net.validators, "validators", 4, "Number of validators, 1 to 100")
	cmd.Flags().IntVar(&net.portOffset, "port-offset", 0, "Added to every port, to run beside another network")
	cmd.Flags().StringVar(&net.gasPrices, "minimum-gas-prices", minGasPrices, "Minimum gas prices of the nodes")
	cmd.Flags().StringVar(&balance, "balance", "1000000000000"+app.Denom, "Balance of each validator before it stakes")
	cmd.Flags().StringVar(&stake, "stake", "100000000000"+app.Denom, "Self-delegation of each validator")
	return cmd
}

func (net network) validate() error {
	if net.validators < 1 || net.validators > 100 {
		return fmt.Errorf("--validators is %d, want 1 to 100", net.validators)
	}
	if last := net.ports(net.validators - 1); net.portOffset < 0 || last.metrics > 65535 {
		return fmt.Errorf("--port-offset %d puts the ports of %d nodes out of range", net.portOffset, net.validators)
	}
	for name, coin := range map[string]sdk.Coin{"--balance": net.balance, "--stake": net.stake} {
		if coin.Denom != app.Denom || !coin.IsPositive() {
			return fmt.Errorf("%s is %s, want a positive amount of %s", name, coin, app.Denom)
		}
	}
	if net.balance.IsLT(net.stake) {
		return fmt.Errorf("--stake %s is more than --balance %s", net.stake, net.balance)
	}
	sale := sdk.NewCoin(app.Denom, bountytypes.DefaultAllocation().Sale).Sub(faucetBalance)
	if most := sale.Amount.QuoRaw(int64(net.validators)); net.balance.Amount.GT(most) {
		return fmt.Errorf("--balance is %s, want at most %s%s for %d validators", net.balance, most, app.Denom, net.validators)
	}
	if _, err := os.Stat(net.dir); !os.IsNotExist(err) {
		return fmt.Errorf("--output-dir %s exists already", net.dir)
	}
	return nil
}

func (net network) home(i int) string { return filepath.Join(net.dir, fmt.Sprintf("node%d", i)) }

// ports are where a node listens on 127.0.0.1.
type ports struct{ p2p, rpc, metrics, pprof, grpc, rest int }

func (net network) ports(i int) ports {
	at := func(usual int) int { return usual + 10*i + net.portOffset }
	return ports{p2p: at(26656), rpc: at(26657), metrics: at(26660), pprof: at(6060), grpc: at(9090), rest: at(1317)}
}

// newKeyring opens the unencrypted keyring of a generated home.
func (net network) newKeyring(blueprint *app.App, home string) (keyring.Keyring, error) {
	return keyring.New(sdk.KeyringServiceName(), keyring.BackendTest, home, nil, blueprint.Codec)
}
