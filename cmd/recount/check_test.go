package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// node answers as a chain does that has one engine with one record.
type node struct {
	types.UnimplementedQueryServer
	record types.TrackRecord
}

func (n *node) Params(context.Context, *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	return &types.QueryParamsResponse{Params: types.DefaultParams()}, nil
}

func (n *node) Engines(context.Context, *types.QueryEnginesRequest) (*types.QueryEnginesResponse, error) {
	return &types.QueryEnginesResponse{Engines: []types.Engine{{Operator: n.record.Operator, Name: n.record.Engine}}}, nil
}

func (n *node) TrackRecord(_ context.Context, req *types.QueryTrackRecordRequest) (*types.QueryTrackRecordResponse, error) {
	response := &types.QueryTrackRecordResponse{}
	if req.Operator == n.record.Operator && req.Engine == n.record.Engine && n.record.Epoch != 0 {
		response.Records = append(response.Records, n.record)
	}
	return response, nil
}

func (n *node) serve(t *testing.T) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	types.RegisterQueryServer(server, n)
	go server.Serve(listener) //nolint:errcheck // it ends with the test
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// TestCheckFailsOnADifference compares a recount of nothing with two chains.
func TestCheckFailsOnADifference(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	require.NoError(t, os.WriteFile(path, []byte(`{"type":"virusmap.verdicts.v1.EventRoundVoided","attributes":[]}`+"\n\n"), 0o600))
	check := func(n *node) (string, error) {
		root, out := newRoot(), new(bytes.Buffer)
		root.SetOut(out)
		root.SetErr(out)
		root.SetArgs([]string{"--events", path, "--check", n.serve(t)})
		err := root.Execute()
		return out.String(), err
	}
	out, err := check(&node{})
	require.NoError(t, err)
	require.Contains(t, out, "0 records agree")

	out, err = check(&node{record: types.TrackRecord{Operator: "vmt1operator", Engine: "av", Epoch: 3, Points: 5}})
	require.ErrorIs(t, err, errDiffers)
	require.Contains(t, out, "vmt1operator/av epoch 3: counted none")
}

func TestRefusesWhatItCannotRead(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":             "x",
		"an event of no round": `{"type":"virusmap.verdicts.v1.EventRoundVoid","attributes":[{"key":"round","value":"\"7\""}]}`,
	} {
		path := filepath.Join(t.TempDir(), "events.jsonl")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		root := newRoot()
		root.SetArgs([]string{"--events", path})
		require.Error(t, root.Execute(), name)
	}
	root := newRoot()
	root.SetArgs([]string{"--output", "xml"})
	require.ErrorContains(t, root.Execute(), "--output")
}
