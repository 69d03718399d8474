// Package nodetest runs a real node in the test's process: CometBFT, the application and
// their RPC and gRPC servers on loopback. It can be stopped and started again over the same
// data and addresses. Package chaintest makes its genesis.
package nodetest

import (
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	cmtdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/rpc/client/local"
	rpcserver "github.com/cometbft/cometbft/rpc/jsonrpc/server"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/server"
	serverconfig "github.com/cosmos/cosmos-sdk/server/config"
	servergrpc "github.com/cosmos/cosmos-sdk/server/grpc"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

// Options of a node. The zero value makes a block every 200 ms and keeps them all.
type Options struct {
	// BlockInterval replaces the 200 ms.
	BlockInterval time.Duration
	// OnlyWithTxs makes no empty blocks.
	OnlyWithTxs bool
	// KeepBlocks is how many blocks stay on the node; 0 means all.
	KeepBlocks uint64
}

// Node is a validator that makes blocks on its own.
type Node struct {
	Genesis *chaintest.Genesis
	// App is the running application, a new one after every Start.
	App *app.App

	t       testing.TB
	options Options
	home    string
	genesis *cmttypes.GenesisDoc
	appDB   dbm.DB
	// dbs of CometBFT, which it opens again at every start.
	dbs     map[string]cmtdb.DB
	rpcAddr string
	grpc    string

	comet   *node.Node
	servers []func()
}

// Start runs a node of a new chain until the test ends.
func Start(t testing.TB, genesis *chaintest.Genesis, options Options) *Node {
	t.Helper()
	if options.BlockInterval == 0 {
		options.BlockInterval = 200 * time.Millisecond
	}
	state, err := json.Marshal(genesis.State)
	require.NoError(t, err)
	n := &Node{
		Genesis: genesis, t: t, options: options, home: t.TempDir(), appDB: dbm.NewMemDB(), dbs: map[string]cmtdb.DB{},
		rpcAddr: "127.0.0.1:0", grpc: "127.0.0.1:0",
		genesis: &cmttypes.GenesisDoc{
			GenesisTime: time.Now().UTC(), ChainID: chaintest.ChainID, InitialHeight: 1,
			ConsensusParams: app.DefaultConsensusParams(), AppState: state,
		},
	}
	if options.KeepBlocks > 0 {
		n.genesis.ConsensusParams.Evidence.MaxAgeNumBlocks = 1 // blocks stay for evidence otherwise
	}
	// The application names the validators.
	require.NoError(t, n.genesis.ValidateAndComplete())
	n.Start()
	t.Cleanup(n.Stop)
	require.Eventually(t, func() bool { return n.App.LastBlockHeight() > 0 }, time.Minute, 10*time.Millisecond,
		"the first block")
	return n
}

// Start runs a stopped node again.
func (n *Node) Start() {
	n.t.Helper()
	n.App = app.New(log.NewNopLogger(), n.appDB, true, chaintest.Options{flags.FlagHome: n.home},
		baseapp.SetChainID(chaintest.ChainID), baseapp.SetMinGasPrices("0.025"+app.Denom),
		baseapp.SetMinRetainBlocks(n.options.KeepBlocks))
	config := cmtcfg.DefaultConfig().SetRoot(n.home)
	config.RPC.ListenAddress = "" // served below, so that the port is known
	config.P2P.ListenAddress = "tcp://127.0.0.1:0"
	config.P2P.PexReactor = false
	config.Consensus.TimeoutCommit = n.options.BlockInterval
	config.Consensus.CreateEmptyBlocks = !n.options.OnlyWithTxs
	config.Consensus.WalPath = filepath.Join(n.home, "wal")
	cmtcfg.EnsureRoot(n.home)

	var err error
	n.comet, err = node.NewNode(config,
		cmttypes.NewMockPVWithParams(n.Genesis.Validators[0], false, false),
		&p2p.NodeKey{PrivKey: ed25519.GenPrivKeyFromSecret([]byte("node"))},
		proxy.NewLocalClientCreator(server.NewCometABCIWrapper(n.App)),
		func() (*cmttypes.GenesisDoc, error) { return n.genesis, nil },
		n.openDB,
		node.DefaultMetricsProvider(config.Instrumentation),
		cmtlog.NewNopLogger())
	require.NoError(n.t, err)
	require.NoError(n.t, n.comet.Start())
	n.serveGRPC()
	n.serveRPC(config)
}

func (n *Node) openDB(ctx *cmtcfg.DBContext) (cmtdb.DB, error) {
	if n.dbs[ctx.ID] == nil {
		n.dbs[ctx.ID] = cmtdb.NewMemDB()
	}
	return n.dbs[ctx.ID], nil
}

// Stop ends the node. Its addresses refuse connections until it is started again.
func (n *Node) Stop() {
	if n.comet == nil {
		return
	}
	for _, stop := range n.servers {
		stop()
	}
	n.servers = nil
	require.NoError(n.t, n.comet.Stop())
	n.comet.Wait()
	n.comet = nil
}

// RPC is the URL of the CometBFT RPC.
func (n *Node) RPC() string { return "http://" + n.rpcAddr }

// GRPC is the address of the gRPC server.
func (n *Node) GRPC() string { return n.grpc }

// ChainID of the node's chain.
func (n *Node) ChainID() string { return n.genesis.ChainID }

// Keyring holds the key of an account under a name.
func (n *Node) Keyring(name string, account *chaintest.Account) keyring.Keyring {
	n.t.Helper()
	ring := keyring.NewInMemory(n.App.Codec)
	require.NoError(n.t, ring.ImportPrivKeyHex(name, hex.EncodeToString(account.Key.Bytes()), string(hd.Secp256k1Type)))
	return ring
}

func (n *Node) serveGRPC() {
	clientCtx := client.Context{}.
		WithCodec(n.App.Codec).WithInterfaceRegistry(n.App.Registry).WithTxConfig(n.App.TxConfig).
		WithChainID(n.ChainID()).WithClient(local.New(n.comet))
	n.App.RegisterTxService(clientCtx)
	n.App.RegisterTendermintService(clientCtx)
	n.App.RegisterNodeService(clientCtx, *serverconfig.DefaultConfig())
	srv, err := servergrpc.NewGRPCServer(clientCtx, n.App, serverconfig.DefaultConfig().GRPC)
	require.NoError(n.t, err)
	listener := n.listen(&n.grpc)
	go serve(srv, listener)
	n.servers = append(n.servers, srv.Stop)
}

func serve(srv *grpc.Server, listener net.Listener) { _ = srv.Serve(listener) }

func (n *Node) serveRPC(config *cmtcfg.Config) {
	environment, err := n.comet.ConfigureRPC()
	require.NoError(n.t, err)
	mux := http.NewServeMux()
	rpcserver.RegisterRPCFuncs(mux, environment.GetRoutes(), cmtlog.NewNopLogger())
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: config.RPC.TimeoutBroadcastTxCommit}
	listener := n.listen(&n.rpcAddr)
	go func() { _ = srv.Serve(listener) }()
	n.servers = append(n.servers, func() { _ = srv.Close() })
}

// listen takes the address back that was given out at the first start.
func (n *Node) listen(address *string) net.Listener {
	listener, err := net.Listen("tcp", *address)
	require.NoError(n.t, err)
	*address = listener.Addr().String()
	return listener
}

// MempoolSize is how many transactions wait for a block.
func (n *Node) MempoolSize() int { return n.comet.Mempool().Size() }
