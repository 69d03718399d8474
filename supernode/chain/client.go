// Package chain is the typed client of the chain: queries, transactions whose result is
// read from the chain, and the events of every block in order.
package chain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// maxResponseBytes bounds what a node can make this process read for one call. The
// attestations of a full round of 21 supernodes are below 21 MiB.
const maxResponseBytes = 64 << 20

// Config tells which node to speak with and with which key to sign.
type Config struct {
	// GRPC is host:port of the node's gRPC server, https://host:port to use TLS.
	GRPC string
	// RPC is the URL of the node's CometBFT RPC, such as http://127.0.0.1:26657.
	RPC string
	// ChainID that the node must serve.
	ChainID string
	// KeyringDir and KeyringBackend say where the key is: "test" and "file" share keys with
	// `vmtd keys`; "memory" makes a new key that is forgotten on Close.
	KeyringDir     string
	KeyringBackend string
	// Key is the name of the signing key; empty gives a client that cannot broadcast.
	Key string
	// GasPrices of paid transactions, such as 0.025uvmt.
	GasPrices string
	// Keyring is used instead of KeyringDir and KeyringBackend when it is set.
	Keyring keyring.Keyring
	// Log gets a warning when the node is away; nil means slog's default.
	Log *slog.Logger
}

// Client speaks with one node. Its methods may be called from many goroutines.
type Client struct {
	cfg      Config
	encoding encoding
	conn     *grpc.ClientConn
	rpc      *rpchttp.HTTP
	log      *slog.Logger

	tx       txtypes.ServiceClient
	accounts authtypes.QueryClient

	signer  *signer // nil without a key
	lastTTL atomic.Int64
}

// Status of the node.
type Status struct {
	// Height and Time of the newest block the node has.
	Height int64
	Time   time.Time
	// EarliestHeight is the oldest block the node still has.
	EarliestHeight int64
	ChainID        string
	CatchingUp     bool
}

// Dial checks the configuration and opens the keyring. The node need not be up yet.
func Dial(_ context.Context, cfg Config) (*Client, error) {
	c := &Client{cfg: cfg, log: cfg.Log}
	if c.log == nil {
		c.log = slog.Default()
	}
	if err := c.dial(); err != nil {
		c.Close()
		return nil, fmt.Errorf("chain: %w", err)
	}
	return c, nil
}

func (c *Client) dial() (err error) {
	switch {
	case c.cfg.GRPC == "":
		return errors.New("address of the node's gRPC server is empty")
	case c.cfg.RPC == "":
		return errors.New("URL of the node's RPC is empty")
	case c.cfg.ChainID == "":
		return errors.New("chain id is empty")
	}
	if c.encoding, err = newEncoding(); err != nil {
		return err
	}
	if c.signer, err = openSigner(c.cfg, c.encoding.codec); err != nil {
		return err
	}
	if c.rpc, err = dialRPC(c.cfg.RPC); err != nil {
		return fmt.Errorf("rpc %s: %w", c.cfg.RPC, err)
	}
	transport, address := insecure.NewCredentials(), c.cfg.GRPC
	if host, secure := strings.CutPrefix(address, "https://"); secure {
		transport, address = credentials.NewTLS(nil), host
	}
	c.conn, err = grpc.NewClient(address,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(
			grpc.ForceCodec(codec.NewProtoCodec(c.encoding.registry).GRPCCodec()),
			grpc.MaxCallRecvMsgSize(maxResponseBytes)))
	if err != nil {
		return fmt.Errorf("grpc %s: %w", c.cfg.GRPC, err)
	}
	c.tx = txtypes.NewServiceClient(c.conn)
	c.accounts = authtypes.NewQueryClient(c.conn)
	return nil
}

// Close ends all calls.
func (c *Client) Close() {
	if c.conn != nil {
		c.conn.Close()
	}
}

// Address of the signing key; nil without one.
func (c *Client) Address() sdk.AccAddress {
	if c.signer == nil {
		return nil
	}
	return c.signer.address
}

// ChainID is the configured one; Broadcast and Follow check the node against it.
func (c *Client) ChainID() string { return c.cfg.ChainID }

// Conn is the gRPC connection, for query clients of other modules.
func (c *Client) Conn() grpc.ClientConnInterface { return c.conn }

// Samples queries x/samples.
func (c *Client) Samples() samplestypes.QueryClient { return samplestypes.NewQueryClient(c.conn) }

// Verdicts queries x/verdicts.
func (c *Client) Verdicts() verdictstypes.QueryClient { return verdictstypes.NewQueryClient(c.conn) }

// Supernodes queries x/supernode.
func (c *Client) Supernodes() supernodetypes.QueryClient {
	return supernodetypes.NewQueryClient(c.conn)
}

// Bounties queries x/bounty.
func (c *Client) Bounties() bountytypes.QueryClient { return bountytypes.NewQueryClient(c.conn) }

// Market queries x/market.
func (c *Client) Market() markettypes.QueryClient { return markettypes.NewQueryClient(c.conn) }

// Status asks the node how far it is. It returns ErrWrongChain when the node serves
// another chain than the configured one.
func (c *Client) Status(ctx context.Context) (Status, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	status, err := c.rpc.Status(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("chain: status: %w", err)
	}
	if network := status.NodeInfo.Network; network != c.cfg.ChainID {
		return Status{}, fmt.Errorf("%w: %q, want %q", ErrWrongChain, network, c.cfg.ChainID)
	}
	return Status{
		Height:         status.SyncInfo.LatestBlockHeight,
		Time:           status.SyncInfo.LatestBlockTime,
		EarliestHeight: status.SyncInfo.EarliestBlockHeight,
		ChainID:        status.NodeInfo.Network,
		CatchingUp:     status.SyncInfo.CatchingUp,
	}, nil
}
