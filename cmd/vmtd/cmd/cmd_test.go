package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"
	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client/flags"
	svrcmd "github.com/cosmos/cosmos-sdk/server/cmd"
	sdk "github.com/cosmos/cosmos-sdk/types"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/cmd/vmtd/cmd"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

// vmtd runs one command line and returns what it printed.
func vmtd(t *testing.T, home string, args ...string) (string, error) {
	t.Helper()
	root, err := cmd.NewRoot()
	require.NoError(t, err)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(append(args, "--"+flags.FlagHome, home))
	err = svrcmd.Execute(root, "VMTD", home)
	return out.String(), err
}

func mustRun(t *testing.T, home string, args ...string) string {
	t.Helper()
	out, err := vmtd(t, home, args...)
	require.NoError(t, err, "%v: %s", args, out)
	return out
}

func readGenesis(t *testing.T, home string) (app.GenesisState, *genutiltypes.AppGenesis) {
	t.Helper()
	state, doc, err := genutiltypes.GenesisStateFromGenFile(filepath.Join(home, "config", "genesis.json"))
	require.NoError(t, err)
	return state, doc
}

// start runs the first two blocks of a genesis file in memory.
func start(t *testing.T, home string) *app.App {
	t.Helper()
	_, doc := readGenesis(t, home)
	node := app.New(log.NewNopLogger(), dbm.NewMemDB(), true,
		chaintest.Options{flags.FlagHome: t.TempDir()}, baseapp.SetChainID(doc.ChainID))
	params := doc.Consensus.Params.ToProto()
	_, err := node.InitChain(&abci.RequestInitChain{
		Time: doc.GenesisTime, ChainId: doc.ChainID, InitialHeight: doc.InitialHeight,
		ConsensusParams: &params, AppStateBytes: doc.AppState,
	})
	require.NoError(t, err)
	_, err = node.FinalizeBlock(&abci.RequestFinalizeBlock{Height: 1, Time: doc.GenesisTime.Add(chaintest.BlockInterval)})
	require.NoError(t, err)
	_, err = node.Commit()
	require.NoError(t, err)
	return node
}

func TestInitWritesTheChainsDefaults(t *testing.T) {
	home := t.TempDir()
	mustRun(t, home, "init", "node", "--chain-id", chaintest.ChainID)
	_, doc := readGenesis(t, home)
	require.Equal(t, chaintest.ChainID, doc.ChainID)
	require.Equal(t, app.DefaultConsensusParams(), doc.Consensus.Params)

	config, err := os.ReadFile(filepath.Join(home, "config", "app.toml"))
	require.NoError(t, err)
	for _, line := range []string{
		`minimum-gas-prices = "0.025uvmt"`, `query-gas-limit = "50000000"`, `app-db-backend = "pebbledb"`,
		`address = "tcp://127.0.0.1:1317"`, `address = "127.0.0.1:9090"`, "swagger = true",
		"prometheus-retention-time = 60", "snapshot-interval = 2000", `block-executor = "sequential"`,
	} {
		require.Contains(t, string(config), line)
	}
	comet, err := os.ReadFile(filepath.Join(home, "config", "config.toml"))
	require.NoError(t, err)
	for _, line := range []string{`timeout_commit = "900ms"`, "prometheus = true", `prometheus_listen_addr = "127.0.0.1:26660"`} {
		require.Contains(t, string(comet), line)
	}
	_, err = vmtd(t, home, "init", "node", "--chain-id", chaintest.ChainID)
	require.ErrorContains(t, err, "already exists")
}

func TestGenesisWithSupernode(t *testing.T) {
	home := t.TempDir()
	identity, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	keyring := []string{"--keyring-backend", "test"}
	run := func(args ...string) string { return mustRun(t, home, append(args, keyring...)...) }

	mustRun(t, home, "init", "node", "--chain-id", chaintest.ChainID)
	for _, key := range []string{"validator", "operator", "sidecar"} {
		run("keys", "add", key)
		run("genesis", "add-genesis-account", key, "100000000000uvmt")
	}
	run("genesis", "gentx", "validator", "50000000000uvmt", "--chain-id", chaintest.ChainID)
	mustRun(t, home, "genesis", "collect-gentxs")
	before, err := os.ReadFile(filepath.Join(home, "config", "genesis.json"))
	require.NoError(t, err)

	add := func(operator, bond, recipient string) error {
		_, err := vmtd(t, home, append([]string{
			"genesis", "add-supernode", operator, bond, "--sidecar", "sidecar", "--moniker", "first",
			"--recipient", recipient, "--endpoint", "https://supernode.example",
		}, keyring...)...)
		return err
	}
	recipient := identity.Recipient().String()
	for _, test := range []struct{ operator, bond, recipient, want string }{
		{"operator", "1uvmt", recipient, "under min_self_bond"},
		{"operator", "10000000000uatom", recipient, "uatom"},
		{"operator", "100000000001uvmt", recipient, "not 100000000001uvmt"},
		{"operator", "10000000000uvmt", "age1pq1", "recipient"},
		{"nobody", "10000000000uvmt", recipient, "neither an address nor a key"},
		{sdk.AccAddress("no balance in genesis").String(), "10000000000uvmt", recipient, "has no balance in genesis"},
	} {
		require.ErrorContains(t, add(test.operator, test.bond, test.recipient), test.want)
		after, err := os.ReadFile(filepath.Join(home, "config", "genesis.json"))
		require.NoError(t, err)
		require.Equal(t, before, after, "a refused supernode leaves the file as it was")
	}
	require.NoError(t, add("operator", "20000000000uvmt", recipient))
	require.ErrorContains(t, add("operator", "10000000000uvmt", recipient), "twice")
	mustRun(t, home, "genesis", "validate")
	require.Contains(t, mustRun(t, home, "debug", "invariants", "--genesis", filepath.Join(home, "config", "genesis.json")), "invariants hold")

	node := start(t, home)
	ctx := node.LatestContext()
	require.Equal(t, "300000000000uvmt", node.BankKeeper.GetSupply(ctx, app.Denom).String())
	seats, err := node.SupernodeKeeper.Seats(ctx, 1)
	require.NoError(t, err)
	require.Len(t, seats, 1)
	operator := sdk.MustAccAddressFromBech32(seats[0].Operator)
	require.Equal(t, "20000000000uvmt",
		node.BankKeeper.GetBalance(ctx, supernodetypes.BondAddress(operator), app.Denom).String())
	require.Equal(t, "80000000000uvmt", node.BankKeeper.GetBalance(ctx, operator, app.Denom).String())
}

func TestTestnetStarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "net")
	mustRun(t, t.TempDir(), "testnet", "--validators", "3", "--output-dir", dir, "--chain-id", chaintest.ChainID, "--port-offset", "100")
	var genesis []byte
	for _, name := range []string{"node0", "node1", "node2"} {
		bz, err := os.ReadFile(filepath.Join(dir, name, "config", "genesis.json"))
		require.NoError(t, err)
		require.True(t, genesis == nil || bytes.Equal(genesis, bz), "%s has another genesis", name)
		genesis = bz
		mnemonic, err := os.ReadFile(filepath.Join(dir, name, "validator.mnemonic"))
		require.NoError(t, err)
		require.Len(t, bytes.Fields(mnemonic), 24)
	}
	config, err := os.ReadFile(filepath.Join(dir, "node1", "config", "config.toml"))
	require.NoError(t, err)
	require.Contains(t, string(config), `laddr = "tcp://127.0.0.1:26767"`)
	require.Contains(t, string(config), "@127.0.0.1:26756,")

	node := start(t, filepath.Join(dir, "node0"))
	validators, err := node.StakingKeeper.GetBondedValidatorsByPower(node.LatestContext())
	require.NoError(t, err)
	require.Len(t, validators, 3)
	require.NoError(t, node.CheckInvariants(node.LatestContext()))
	require.Equal(t, "1000000000000000uvmt", node.BankKeeper.GetSupply(node.LatestContext(), app.Denom).String())
	allocation, err := node.BountyKeeper.Allocation.Get(node.LatestContext())
	require.NoError(t, err)
	require.Equal(t, bountytypes.DefaultAllocation(), allocation)

	// The faucet pays for more accounts; what vests does not.
	someone := chaintest.NewAccount("someone").Address
	home := filepath.Join(dir, "node0")
	mustRun(t, home, "genesis", "move", "faucet", someone.String(), "20000000000uvmt", "--keyring-backend", "test")
	for _, key := range []string{"developer", "supporter"} {
		_, err = vmtd(t, home, "genesis", "move", key, someone.String(), "1uvmt", "--keyring-backend", "test")
		require.ErrorContains(t, err, "are not free")
	}
	mustRun(t, home, "genesis", "validate")
	node = start(t, home)
	require.Equal(t, "20000000000uvmt", node.BankKeeper.GetBalance(node.LatestContext(), someone, app.Denom).String())

	_, err = vmtd(t, t.TempDir(), "testnet", "--output-dir", dir)
	require.ErrorContains(t, err, "exists already")
	other := filepath.Join(t.TempDir(), "other")
	_, err = vmtd(t, t.TempDir(), "testnet", "--output-dir", other, "--stake", "2uvmt", "--balance", "1uvmt")
	require.ErrorContains(t, err, "is more than --balance")
	_, err = vmtd(t, t.TempDir(), "testnet", "--output-dir", other, "--validators", "3", "--balance", "50000000000001uvmt")
	require.ErrorContains(t, err, "want at most 50000000000000uvmt for 3 validators")
	require.NoDirExists(t, other)
}

// Every module of the project shows its queries and its messages that people sign.
func TestModulesHaveCommands(t *testing.T) {
	root, err := cmd.NewRoot()
	require.NoError(t, err)
	for _, path := range [][]string{
		{"query", "samples", "params"},
		{"query", "verdicts", "report"},
		{"query", "supernode", "params"},
		{"tx", "samples", "submit-samples"},
		{"tx", "samples", "claim"},
		{"tx", "supernode", "register"},
		{"tx", "bank", "send"},
		{"tx", "gov", "submit-proposal"},
		{"debug", "invariants"},
		{"in-place-testnet"},
		{"prune"},
		{"snapshots", "list"},
		{"rollback"},
		{"config", "migrate"},
		{"comet", "unsafe-reset-all"},
	} {
		found, rest, err := root.Find(path)
		require.NoError(t, err, "%v", path)
		require.Empty(t, rest, "%v stops at %s", path, found.CommandPath())
	}
	found, rest, err := root.Find([]string{"tx", "vesting"})
	require.NoError(t, err)
	require.NotEmpty(t, rest, "%s exists", found.CommandPath())
}

// A stopped node's state can be checked and exported, and what export prints is a
// genesis and nothing else.
func TestStoppedNode(t *testing.T) {
	home := t.TempDir()
	mustRun(t, home, "init", "node", "--chain-id", chaintest.ChainID)
	_, err := vmtd(t, home, "debug", "invariants")
	require.ErrorContains(t, err, "never ran")

	db, err := dbm.NewDB("application", dbm.PebbleDBBackend, filepath.Join(home, "data"))
	require.NoError(t, err)
	chain := chaintest.NewGenesis(t, chaintest.Config{Accounts: 1, Supernodes: 1}).Start(t, db, nil)
	chain.Blocks(3)
	require.NoError(t, chain.App.Close())

	require.Contains(t, mustRun(t, home, "debug", "invariants"), "invariants hold at height 3")
	exported := filepath.Join(t.TempDir(), "exported.json")
	require.NoError(t, os.WriteFile(exported, []byte(mustRun(t, home, "export")), 0o600))
	doc, err := genutiltypes.AppGenesisFromFile(exported)
	require.NoError(t, err)
	require.EqualValues(t, 4, doc.InitialHeight)
	require.Contains(t, mustRun(t, t.TempDir(), "debug", "invariants", "--genesis", exported), "invariants hold")
}

func TestNoExportForHeightZero(t *testing.T) {
	home := t.TempDir()
	mustRun(t, home, "init", "node", "--chain-id", chaintest.ChainID)
	_, err := vmtd(t, home, "export", "--for-zero-height")
	require.ErrorContains(t, err, "height zero is not supported")
}
