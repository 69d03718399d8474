package command

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/p2p"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	errorsmod "cosmossdk.io/errors"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	txtypes "github.com/cosmos/cosmos-sdk/types/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/virusmap/virusmap/cmd/virusmap/purchase"
	"github.com/virusmap/virusmap/cmd/virusmap/purchase/purchasetest"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// node serves a market over CometBFT's RPC and gRPC, and a buyer's home beside it.
type node struct {
	*purchasetest.Market
	txtypes.UnimplementedServiceServer

	t        *testing.T
	rpc      *httptest.Server
	gateway  *httptest.Server
	grpc     string
	registry codectypes.InterfaceRegistry

	mu     sync.Mutex
	blocks map[int64]included
	// refusal is that of the simulation of each transaction.
	refusal error
	// subscriptions of everybody.
	subscriptions []markettypes.Subscription

	home, keys, out string
	buyer           string
}

// included is a block with one transaction.
type included struct {
	tx     []byte
	result *abci.ExecTxResult
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{Market: purchasetest.New(), t: t, blocks: map[int64]included{}, registry: codectypes.NewInterfaceRegistry(), keys: t.TempDir(), out: t.TempDir()}
	markettypes.RegisterInterfaces(n.registry)
	cryptocodec.RegisterInterfaces(n.registry)
	n.rpc, n.gateway = httptest.NewServer(http.HandlerFunc(n.serveRPC)), httptest.NewServer(n.Market)
	t.Cleanup(n.rpc.Close)
	t.Cleanup(n.gateway.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer(grpc.ForceServerCodec(codec.NewProtoCodec(n.registry).GRPCCodec()))
	txtypes.RegisterServiceServer(server, n)
	authtypes.RegisterQueryServer(server, &accounts{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	n.grpc = listener.Addr().String()

	n.home = homeOf(t, &rpcServer{Server: n.rpc})
	tool := &tool{settings: settings{KeyringBackend: keyring.BackendTest, KeyringDir: n.keys}}
	ring, err := tool.keyring()
	require.NoError(t, err)
	record, _, err := ring.NewMnemonic("analyst", keyring.English, hd.CreateHDPath(118, 0, 0).String(), keyring.DefaultBIP39Passphrase, hd.Secp256k1)
	require.NoError(t, err)
	address, err := record.GetAddress()
	require.NoError(t, err)
	n.buyer = address.String()
	return n
}

// run runs the tool as the buyer does.
func (n *node) run(arguments ...string) (code int, stdout, stderr string) {
	n.t.Helper()
	for key, value := range map[string]string{
		"HOST": n.gateway.URL, "KEY": "analyst", "KEYRING_DIR": n.keys, "GRPC": n.grpc,
	} {
		n.t.Setenv("VIRUSMAP_"+key, value)
	}
	return run(n.t, n.t.Context(), append([]string{"--home", n.home}, arguments...)...)
}

// accounts knows everybody.
type accounts struct {
	authtypes.UnimplementedQueryServer
}

func (*accounts) AccountInfo(context.Context, *authtypes.QueryAccountInfoRequest) (*authtypes.QueryAccountInfoResponse, error) {
	return &authtypes.QueryAccountInfoResponse{Info: &authtypes.BaseAccount{AccountNumber: 7}}, nil
}

// BroadcastTx puts a transaction into a block of its own.
func (n *node) BroadcastTx(_ context.Context, request *txtypes.BroadcastTxRequest) (*txtypes.BroadcastTxResponse, error) {
	var tx txtypes.Tx
	if err := proto.Unmarshal(request.TxBytes, &tx); err != nil {
		return nil, err
	}
	if err := tx.UnpackInterfaces(n.registry); err != nil {
		return nil, err
	}
	message, ok := tx.Body.Messages[0].GetCachedValue().(sdk.Msg)
	if !ok || len(tx.Signatures) != 1 {
		return nil, fmt.Errorf("not a signed message")
	}
	result := &abci.ExecTxResult{}
	response, err := n.Send(message)
	if err == nil {
		result.Data, err = purchasetest.TxData(response)
	}
	if err != nil {
		result.Codespace, result.Code, result.Log = errorsmod.ABCIInfo(err, false)
	}
	height := n.Next()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.blocks[height] = included{request.TxBytes, result}
	return &txtypes.BroadcastTxResponse{TxResponse: &sdk.TxResponse{}}, nil
}

func (n *node) serveRPC(w http.ResponseWriter, r *http.Request) {
	var call rpctypes.RPCRequest
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var params struct {
		Path, Data, Height string
	}
	_ = json.Unmarshal(call.Params, &params)
	height, _ := strconv.ParseInt(params.Height, 10, 64)
	n.mu.Lock()
	block := n.blocks[height]
	n.mu.Unlock()
	var result any
	switch call.Method {
	case "status":
		result = &ctypes.ResultStatus{
			NodeInfo: p2p.DefaultNodeInfo{Network: purchasetest.ChainID},
			SyncInfo: ctypes.SyncInfo{LatestBlockHeight: n.Next(), LatestBlockTime: time.Now()},
		}
	case "abci_info":
		result = &ctypes.ResultABCIInfo{Response: abci.ResponseInfo{LastBlockHeight: n.Block}}
	case "abci_query":
		data, err := hex.DecodeString(params.Data)
		require.NoError(n.t, err)
		result = &ctypes.ResultABCIQuery{Response: n.query(params.Path, data)}
	case "block":
		made := &cmttypes.Block{Header: cmttypes.Header{Height: height, Time: time.Now()}}
		if block.tx != nil {
			made.Txs = cmttypes.Txs{block.tx}
		}
		result = &ctypes.ResultBlock{Block: made}
	case "block_results":
		result = &ctypes.ResultBlockResults{Height: height, TxsResults: []*abci.ExecTxResult{block.result}}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(rpctypes.NewRPCSuccessResponse(call.ID, result))
}

func (n *node) query(path string, data []byte) abci.ResponseQuery {
	if path == "/app/simulate" {
		if n.refusal != nil {
			codespace, code, log := errorsmod.ABCIInfo(n.refusal, false)
			return abci.ResponseQuery{Codespace: codespace, Code: code, Log: log}
		}
		return abci.ResponseQuery{Value: []byte(`{"gas_info":{"gas_used":"100000"}}`)}
	}
	response, err := n.answer(path, data)
	if err == nil {
		var value []byte
		if value, err = proto.Marshal(response); err == nil {
			return abci.ResponseQuery{Value: value, Height: n.Block}
		}
	}
	codespace, code, log := errorsmod.ABCIInfo(err, false)
	return abci.ResponseQuery{Codespace: codespace, Code: code, Log: log}
}

// answer is that of x/market's query server.
func (n *node) answer(path string, data []byte) (proto.Message, error) {
	chain, ctx := &purchasetest.Chain{Market: n.Market}, n.t.Context()
	found := func(answer proto.Message, err error) (proto.Message, error) {
		if err == purchase.ErrUnknown {
			return nil, sdkerrors.ErrKeyNotFound.Wrap("nothing")
		}
		return answer, err
	}
	switch path {
	case marketQuery + "Params":
		return &markettypes.QueryParamsResponse{Params: n.Params}, nil
	case marketQuery + "Prices":
		return &markettypes.QueryPricesResponse{Prices: []markettypes.Price{{
			Product: "sample/small", Price: 1_250_000, Demand: 3, OpenOrders: 2, Escrowed: n.Paid,
		}}}, nil
	case marketQuery + "Quote":
		var request markettypes.QueryQuoteRequest
		require.NoError(n.t, request.Unmarshal(data))
		answer, err := chain.Quote(ctx, request.Sha256)
		return found(&answer, err)
	case marketQuery + "Order":
		var request markettypes.QueryOrderRequest
		require.NoError(n.t, request.Unmarshal(data))
		order, err := chain.Order(ctx, request.Id)
		return found(&markettypes.QueryOrderResponse{Order: order}, err)
	case marketQuery + "Orders":
		return n.orders(data)
	case marketQuery + "Subscriptions":
		return &markettypes.QuerySubscriptionsResponse{Subscriptions: n.subscriptions, RevokedTime: 1_900_000_000}, nil
	default:
		return nil, sdkerrors.ErrUnknownRequest.Wrap(path)
	}
}

// orders lists two orders a page, the newest first.
func (n *node) orders(data []byte) (proto.Message, error) {
	var request markettypes.QueryOrdersRequest
	require.NoError(n.t, request.Unmarshal(data))
	var orders []markettypes.Order
	for _, order := range n.Orders {
		if order.Buyer == request.Buyer {
			orders = append(orders, *order)
		}
	}
	slices.SortFunc(orders, func(a, b markettypes.Order) int { return cmp.Compare(b.OrderedTime, a.OrderedTime) })
	require.True(n.t, request.Pagination.Reverse)
	begin, _ := strconv.Atoi(string(request.Pagination.Key))
	end := min(begin+2, len(orders))
	page := &query.PageResponse{}
	if end < len(orders) {
		page.NextKey = []byte(strconv.Itoa(end))
	}
	return &markettypes.QueryOrdersResponse{Orders: orders[begin:end], Pagination: page}, nil
}
