package cli_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"

	"github.com/virusmap/virusmap/x/bounty/client/cli"
	"github.com/virusmap/virusmap/x/bounty/types"
)

// explainer knows one sample.
type explainer struct {
	types.UnimplementedQueryServer
	known string
}

func (e explainer) Explain(_ context.Context, req *types.QueryExplainRequest) (*types.QueryExplainResponse, error) {
	if req.Sha256 != e.known {
		return nil, status.Error(codes.NotFound, "sample has no score")
	}
	score := types.Score{Sha256: []byte{1}, Rank: 3, Stages: []types.StageScore{{Malicious: true}}}
	stages := []types.StageExplanation{{Stage: score.Stages[0], Reward: math.ZeroInt()}}
	return &types.QueryExplainResponse{Score: score, Stages: stages, Text: "all the terms\n"}, nil
}

// run runs `query bounty` against a node that knows the sample.
func run(t *testing.T, known string, args ...string) (string, error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	types.RegisterQueryServer(server, &explainer{known: known})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	connection, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, connection.Close()) })

	var out bytes.Buffer
	clientCtx := client.Context{}.
		WithCodec(codec.NewProtoCodec(codectypes.NewInterfaceRegistry())).
		WithGRPCClient(connection).WithOutput(&out)
	cmd := cli.NewQueryCommand()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	err = cmd.ExecuteContext(context.WithValue(context.Background(), client.ClientContextKey, &clientCtx))
	return out.String(), err
}

func TestExplainPrintsTextForPeople(t *testing.T) {
	known := strings.Repeat("ab", 32)
	text, err := run(t, known, "explain", known)
	require.NoError(t, err)
	require.Equal(t, "all the terms\n", text)

	json, err := run(t, known, "explain", known, "--output", "json")
	require.NoError(t, err)
	var explained types.QueryExplainResponse
	require.NoError(t, codec.NewProtoCodec(codectypes.NewInterfaceRegistry()).UnmarshalJSON([]byte(json), &explained))
	require.EqualValues(t, 3, explained.Score.Rank)
	require.Len(t, explained.Stages, 1)

	_, err = run(t, known, "explain", strings.Repeat("cd", 32))
	require.ErrorContains(t, err, "no score")
	_, err = run(t, known, "explain")
	require.Error(t, err)
}
