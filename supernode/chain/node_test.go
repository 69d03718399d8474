package chain_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/chain/nodetest"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

func dial(t *testing.T, node *nodetest.Node, account *chaintest.Account) *chain.Client {
	t.Helper()
	cfg := chain.Config{
		GRPC: node.GRPC(), RPC: node.RPC(), ChainID: node.ChainID(), GasPrices: "0.025uvmt",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if account != nil {
		cfg.Key, cfg.Keyring = "signer", node.Keyring("signer", account)
	}
	client, err := chain.Dial(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return client
}

func send(from, to *chaintest.Account, amount int64) chain.Tx {
	return chain.Tx{Msgs: []sdk.Msg{banktypes.NewMsgSend(from.Address, to.Address, sdk.NewCoins(sdk.NewInt64Coin(app.Denom, amount)))}}
}

func balance(t *testing.T, client *chain.Client, address sdk.AccAddress) int64 {
	t.Helper()
	response, err := banktypes.NewQueryClient(client.Conn()).Balance(t.Context(), banktypes.NewQueryBalanceRequest(address, app.Denom))
	require.NoError(t, err)
	return response.Balance.Amount.Int64()
}

func TestAddressesHaveThePrefixOfTheChain(t *testing.T) {
	require.Equal(t, app.Bech32Prefix, chain.Bech32Prefix)
	require.Contains(t, chaintest.NewAccount("a").Address.String(), "vmt1")
}

func TestBroadcastReturnsWhatTheBlockSays(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 2}), nodetest.Options{})
	from, to := node.Genesis.Accounts[0], node.Genesis.Accounts[1]
	client := dial(t, node, from)
	require.Equal(t, from.Address, client.Address())
	before := balance(t, client, to.Address)

	response, err := client.Broadcast(t.Context(), send(from, to, 7))
	require.NoError(t, err)
	require.Equal(t, before+7, balance(t, client, to.Address), "queries see the transaction at once")
	require.Positive(t, response.Height)
	require.NotEmpty(t, response.Events)
	require.Less(t, response.GasUsed, response.GasWanted)
	require.Less(t, response.GasWanted, 2*response.GasUsed)
	require.Len(t, response.TxHash, 64)
}

func TestManyTransactionsOfOneSignerAtOneTime(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 2}), nodetest.Options{})
	from, to := node.Genesis.Accounts[0], node.Genesis.Accounts[1]
	client := dial(t, node, from)
	before := balance(t, client, to.Address)
	errs := make(chan error, 20)
	var group sync.WaitGroup
	for range cap(errs) {
		group.Go(func() {
			_, err := client.Broadcast(t.Context(), send(from, to, 1))
			errs <- err
		})
	}
	group.Wait()
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	require.Equal(t, before+int64(cap(errs)), balance(t, client, to.Address))
}

func TestRefusalsCarryTheirCode(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 2, Supernodes: 1}), nodetest.Options{})
	account, sidecar := node.Genesis.Accounts[0], node.Genesis.Supernodes[0].Sidecar
	operator := node.Genesis.Supernodes[0].Operator.Address.String()

	_, err := dial(t, node, account).Broadcast(t.Context(), send(account, node.Genesis.Accounts[1], 1<<60))
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds, "found by simulation")

	_, err = dial(t, node, sidecar).Broadcast(t.Context(), chain.Tx{Free: true, Msgs: []sdk.Msg{&verdictstypes.MsgCommitAttestation{
		Sidecar: sidecar.Address.String(), Operator: operator, Round: 99, Hash: make([]byte, 32),
	}}})
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFee, "no round expects this commit")
	var refusal *chain.Error
	require.ErrorAs(t, err, &refusal)
	require.NotEmpty(t, refusal.Log)

	stranger := chaintest.NewAccount("stranger")
	_, err = dial(t, node, stranger).Broadcast(t.Context(), send(stranger, account, 1))
	require.ErrorIs(t, err, chain.ErrNoAccount)
	require.ErrorContains(t, err, stranger.Address.String())

	_, err = dial(t, node, nil).Broadcast(t.Context(), send(account, account, 1))
	require.ErrorIs(t, err, chain.ErrNoKey)
}

func TestTypedErrorsOfModulesAreRecognised(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Supernodes: 1}), nodetest.Options{})
	supernode := node.Genesis.Supernodes[0]
	_, err := dial(t, node, supernode.Operator).Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&supernodetypes.MsgRegister{
		Operator: supernode.Operator.Address.String(), Profile: supernode.Profile("again"),
		SelfBond: supernodetypes.DefaultParams().MinSelfBond,
	}}})
	require.ErrorIs(t, err, supernodetypes.ErrAlreadyRegistered)
}

func TestBroadcastOutlivesARestartOfTheNode(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 2}), nodetest.Options{})
	from, to := node.Genesis.Accounts[0], node.Genesis.Accounts[1]
	client := dial(t, node, from)
	before := balance(t, client, to.Address)
	node.Stop()
	sent := make(chan error, 1)
	go func() {
		_, err := client.Broadcast(context.Background(), send(from, to, 7))
		sent <- err
	}()
	time.Sleep(300 * time.Millisecond) // let it meet the closed port
	node.Start()
	require.NoError(t, <-sent)
	require.Equal(t, before+7, balance(t, client, to.Address))
}

func TestBroadcastSendsAgainWhatANodeForgot(t *testing.T) {
	// Blocks are so slow that the transaction is still in the mempool when the node stops.
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 2}), nodetest.Options{BlockInterval: 3 * time.Second})
	from, to := node.Genesis.Accounts[0], node.Genesis.Accounts[1]
	client := dial(t, node, from)
	require.ErrorIs(t, client.Follow(t.Context(), 1, stopAfter(1)), errStop)
	before := balance(t, client, to.Address)
	sent := make(chan error, 1)
	go func() {
		_, err := client.Broadcast(context.Background(), send(from, to, 7))
		sent <- err
	}()
	require.Eventually(t, func() bool { return node.MempoolSize() == 1 }, 10*time.Second, 10*time.Millisecond)
	node.Stop()
	node.Start()
	require.NoError(t, <-sent)
	require.Equal(t, before+7, balance(t, client, to.Address), "once, however often it was sent")
}

func TestBroadcastEndsWithItsContext(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 2}), nodetest.Options{})
	client := dial(t, node, node.Genesis.Accounts[0])
	node.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := client.Broadcast(ctx, send(node.Genesis.Accounts[0], node.Genesis.Accounts[1], 7))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

var errStop = errors.New("stop")

// stopAfter makes Follow return after a height; use it through follow.
func stopAfter(height int64) func(context.Context, chain.Block) error {
	return func(_ context.Context, block chain.Block) error {
		if block.Height >= height {
			return errStop
		}
		return nil
	}
}

func TestFollowGivesEveryHeightOnceAcrossRestarts(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Supernodes: 1}), nodetest.Options{})
	client := dial(t, node, nil)
	var heights []int64
	var seated []proto.Message
	restarted := make(chan struct{})
	err := client.Follow(t.Context(), 1, func(ctx context.Context, block chain.Block) error {
		heights = append(heights, block.Height)
		require.NoError(t, block.Each(func(event proto.Message) error {
			if event, ok := event.(*supernodetypes.EventSeated); ok {
				seated = append(seated, event)
			}
			return nil
		}))
		// The state of the block is there when the block is.
		status, err := client.Status(ctx)
		require.NoError(t, err)
		require.GreaterOrEqual(t, status.Height, block.Height)
		switch block.Height {
		case 4:
			node.Stop()
			go func() { defer close(restarted); time.Sleep(200 * time.Millisecond); node.Start() }()
			<-restarted
		case 8:
			return errStop
		}
		return nil
	})
	require.ErrorIs(t, err, errStop)
	require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7, 8}, heights)
	require.Equal(t, []proto.Message{&supernodetypes.EventSeated{Epoch: 1, Seats: 1}}, seated)
}

func TestFollowFromTheNextBlock(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{}), nodetest.Options{})
	client := dial(t, node, nil)
	require.ErrorIs(t, client.Follow(t.Context(), 1, stopAfter(3)), errStop)
	require.ErrorIs(t, client.Follow(t.Context(), 0, func(_ context.Context, block chain.Block) error {
		require.Greater(t, block.Height, int64(3))
		return errStop
	}), errStop)
}

func TestFollowSaysWhenABlockIsPruned(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{}), nodetest.Options{KeepBlocks: 2, BlockInterval: 20 * time.Millisecond})
	client := dial(t, node, nil)
	require.Eventually(t, func() bool {
		status, err := client.Status(t.Context())
		return err == nil && status.EarliestHeight > 1
	}, time.Minute, 50*time.Millisecond)
	err := client.Follow(t.Context(), 1, stopAfter(1))
	require.ErrorIs(t, err, chain.ErrPruned)
	require.ErrorContains(t, err, "height 1, the node has blocks from")
}

func TestAnotherChainIsRefused(t *testing.T) {
	node := nodetest.Start(t, chaintest.NewGenesis(t, chaintest.Config{Accounts: 1}), nodetest.Options{})
	account := node.Genesis.Accounts[0]
	client, err := chain.Dial(t.Context(), chain.Config{
		GRPC: node.GRPC(), RPC: node.RPC(), ChainID: "virusmap-other-1",
		Key: "signer", Keyring: node.Keyring("signer", account), GasPrices: "0.025uvmt",
	})
	require.NoError(t, err)
	defer client.Close()
	_, err = client.Broadcast(t.Context(), send(account, account, 1))
	require.ErrorIs(t, err, chain.ErrWrongChain)
	require.ErrorIs(t, client.Follow(t.Context(), 1, stopAfter(1)), chain.ErrWrongChain)
}

func TestDialNamesWhatIsWrong(t *testing.T) {
	good := chain.Config{GRPC: "127.0.0.1:1", RPC: "http://127.0.0.1:1", ChainID: "c-1", Key: "k", KeyringBackend: keyring.BackendMemory, GasPrices: "1uvmt"}
	for want, spoil := range map[string]func(*chain.Config){
		"gRPC server is empty": func(c *chain.Config) { c.GRPC = "" },
		"RPC is empty":         func(c *chain.Config) { c.RPC = "" },
		"chain id is empty":    func(c *chain.Config) { c.ChainID = "" },
		`backend "os"`:         func(c *chain.Config) { c.KeyringBackend = "os" },
		`gas prices "much"`:    func(c *chain.Config) { c.GasPrices = "much" },
		`key "k"`:              func(c *chain.Config) { c.KeyringBackend, c.KeyringDir = keyring.BackendTest, t.TempDir() },
	} {
		cfg := good
		spoil(&cfg)
		_, err := chain.Dial(t.Context(), cfg)
		require.ErrorContains(t, err, want)
	}
	client, err := chain.Dial(t.Context(), good)
	require.NoError(t, err, "the node need not be up")
	require.Contains(t, client.Address().String(), "vmt1")
	client.Close()
}

func Example() {
	ctx := context.Background()
	client, err := chain.Dial(ctx, chain.Config{
		GRPC: "127.0.0.1:9090", RPC: "http://127.0.0.1:26657", ChainID: "virusmap-demo-1",
		KeyringDir: "/var/lib/virusmap/keys", KeyringBackend: "file", Key: "gateway", GasPrices: "0.025uvmt",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	response, err := client.Broadcast(ctx, chain.Tx{Msgs: []sdk.Msg{ /* ... */ }})
	switch {
	case errors.Is(err, chain.ErrExpired):
		fmt.Println("safe to send again")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println("in block", response.Height)
	}
}
