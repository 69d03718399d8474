package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/virusmap/virusmap/app"
)

const validatorKey = "validator"

// member is a node of a generated network.
type member struct {
	config  *cmtcfg.Config
	peer    string // id@address
	address sdk.AccAddress
	genTx   json.RawMessage
}

// generate writes all files. A half-written directory is removed.
func (net network) generate(ctx context.Context, blueprint *app.App) (err error) {
	defer func() {
		if err != nil {
			_ = os.RemoveAll(net.dir) // the first error is the one to tell
		}
	}()
	members := make([]member, net.validators)
	for i := range members {
		if members[i], err = net.generateMember(ctx, blueprint, i); err != nil {
			return fmt.Errorf("node%d: %w", i, err)
		}
	}
	doc, err := net.genesis(blueprint, members)
	if err != nil {
		return err
	}
	for i, m := range members {
		var peers []string
		for j, other := range members {
			if i != j {
				peers = append(peers, other.peer)
			}
		}
		m.config.P2P.PersistentPeers = strings.Join(peers, ",")
		cmtcfg.WriteConfigFile(filepath.Join(m.config.RootDir, "config", "config.toml"), m.config)
		if err := doc.SaveAs(m.config.GenesisFile()); err != nil {
			return err
		}
	}
	return nil
}

// generateMember writes the keys and app.toml of a node and signs its genesis transaction.
func (net network) generateMember(ctx context.Context, blueprint *app.App, i int) (member, error) {
	home, ports := net.home(i), net.ports(i)
	if err := os.MkdirAll(filepath.Join(home, "config"), 0o755); err != nil {
		return member{}, err
	}
	m := member{config: net.cometConfig(home, i)}
	nodeID, consensusKey, err := genutil.InitializeNodeValidatorFiles(m.config)
	if err != nil {
		return member{}, err
	}
	m.peer = fmt.Sprintf("%s@127.0.0.1:%d", nodeID, ports.p2p)

	keys, err := net.newKeyring(blueprint, home)
	if err != nil {
		return member{}, err
	}
	if m.address, err = newKey(keys, home, validatorKey); err != nil {
		return member{}, err
	}
	if m.genTx, err = net.genTx(ctx, blueprint, keys, m, consensusKey, fmt.Sprintf("%s@%d", nodeID, ports.p2p)); err != nil {
		return member{}, fmt.Errorf("genesis transaction: %w", err)
	}

	config := nodeConfig()
	config.MinGasPrices = net.gasPrices
	config.GRPC.Address = fmt.Sprintf("127.0.0.1:%d", ports.grpc)
	config.API.Address = fmt.Sprintf("tcp://127.0.0.1:%d", ports.rest)
	serverconfig.SetConfigTemplate(serverconfig.DefaultConfigTemplate)
	serverconfig.WriteConfigFile(filepath.Join(home, "config", "app.toml"), config)
	return m, nil
}

// newKey makes a key in a keyring of the home directory, and leaves its mnemonic beside it.
func newKey(keys keyring.Keyring, home, name string) (sdk.AccAddress, error) {
	record, mnemonic, err := keys.NewMnemonic(name, keyring.English,
		sdk.GetConfig().GetFullBIP44Path(), keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(home, name+".mnemonic"), []byte(mnemonic+"\n"), 0o600); err != nil {
		return nil, err
	}
	return record.GetAddress()
}

func (net network) cometConfig(home string, i int) *cmtcfg.Config {
	config, ports := cometConfig(), net.ports(i)
	config.SetRoot(home)
	config.Moniker = fmt.Sprintf("node%d", i)
	config.RPC.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", ports.rpc)
	config.RPC.PprofListenAddress = fmt.Sprintf("127.0.0.1:%d", ports.pprof)
	config.Instrumentation.PrometheusListenAddr = fmt.Sprintf("127.0.0.1:%d", ports.metrics)
	config.P2P.ListenAddress = fmt.Sprintf("tcp://127.0.0.1:%d", ports.p2p)
	// Peers of one address are what a network on one machine consists of.
	config.P2P.AddrBookStrict = false
	config.P2P.AllowDuplicateIP = true
	return config
}

// genTx is the signed transaction that makes a member a validator.
func (net network) genTx(
	ctx context.Context, blueprint *app.App, keys keyring.Keyring, m member,
	consensusKey cryptotypes.PubKey, memo string,
) (json.RawMessage, error) {
	msg, err := stakingtypes.NewMsgCreateValidator(
		sdk.ValAddress(m.address).String(), consensusKey, net.stake,
		stakingtypes.NewDescription(m.config.Moniker, "", "", "", ""),
		stakingtypes.NewCommissionRates(math.LegacyNewDecWithPrec(5, 2), math.LegacyOneDec(), math.LegacyNewDecWithPrec(1, 2)),
		math.OneInt())
	if err != nil {
		return nil, err
	}
	builder := blueprint.TxConfig.NewTxBuilder()
	if err := builder.SetMsgs(msg); err != nil {
		return nil, err
	}
	builder.SetMemo(memo)
	builder.SetGasLimit(200_000)
	factory := tx.Factory{}.WithChainID(net.chainID).WithMemo(memo).WithKeybase(keys).WithTxConfig(blueprint.TxConfig)
	if err := tx.Sign(ctx, factory, validatorKey, builder, true); err != nil {
		return nil, err
	}
	return blueprint.TxConfig.TxJSONEncoder()(builder.GetTx())
}

// genesis is the genesis all members share.
func (net network) genesis(blueprint *app.App, members []member) (*genutiltypes.AppGenesis, error) {
	doc := genutiltypes.NewAppGenesisWithVersion(net.chainID, nil)
	doc.GenesisTime = time.Now().UTC()
	doc.InitialHeight = 1
	doc.Consensus = &genutiltypes.ConsensusGenesis{Params: app.DefaultConsensusParams()}

	state := blueprint.DefaultGenesis()
	plan, err := net.plan(blueprint, members, doc.GenesisTime)
	if err != nil {
		return nil, err
	}
	supply, err := plan.Resolve(doc.GenesisTime, sdk.AccAddressFromBech32)
	if err != nil {
		return nil, err
	}
	if err := supply.WriteTo(blueprint.Codec, state); err != nil {
		return nil, err
	}
	err = app.EditGenesis(blueprint.Codec, state, genutiltypes.ModuleName, func(s *genutiltypes.GenesisState) error {
		for _, m := range members {
			s.GenTxs = append(s.GenTxs, m.genTx)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return doc, setAppState(doc, state)
}
