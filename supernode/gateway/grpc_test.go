package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// overGRPC serves a node's gRPC and connects to it.
func (n *node) overGRPC(t *testing.T) *grpc.ClientConn {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- n.ServeGRPC(ctx, listener) }()
	conn, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, conn.Close())
		cancel()
		require.NoError(t, <-served)
	})
	return conn
}

func withKey(t *testing.T, key string) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return metadata.AppendToOutgoingContext(ctx, "x-apikey", key)
}

// submit streams a file in chunks of a size, and closes.
func submit(t *testing.T, ctx context.Context, conn *grpc.ClientConn, header *nodev1.SubmitFileHeader, content []byte, size int) (*nodev1.Submission, error) {
	t.Helper()
	stream, err := nodev1.NewNodeClient(conn).SubmitFile(ctx)
	require.NoError(t, err)
	if header != nil {
		_ = stream.Send(&nodev1.SubmitFileRequest{Part: &nodev1.SubmitFileRequest_Header{Header: header}})
	}
	for len(content) > 0 {
		n := min(size, len(content))
		if err := stream.Send(&nodev1.SubmitFileRequest{Part: &nodev1.SubmitFileRequest_Chunk{Chunk: content[:n]}}); err != nil {
			break // the answer tells why
		}
		content = content[n:]
	}
	return stream.CloseAndRecv()
}

func TestSubmitFile(t *testing.T) {
	n := startNode(t, nil)
	conn := n.overGRPC(t)
	content := bytes.Repeat([]byte("\x7fELF0123456789ab"), 1<<16) // exactly the limit
	ctx := withKey(t, testKey)
	got, err := submit(t, ctx, conn, &nodev1.SubmitFileHeader{Name: `C:\evil\..\a.bin`, Contributor: operator(3), Channel: "extension"}, content, maxChunk)
	require.NoError(t, err)
	sum := sha256.Sum256(content)
	require.Equal(t, hex.EncodeToString(sum[:]), got.Sha256)
	require.EqualValues(t, 1<<20, got.Size)
	require.False(t, got.Known)
	require.Equal(t, "extension", got.Receipt.Channel)
	require.Equal(t, operator(3), got.Receipt.Contributor)

	again, err := submit(t, ctx, conn, &nodev1.SubmitFileHeader{}, content, 1000)
	require.NoError(t, err)
	require.True(t, again.Known)
	require.Equal(t, got.AnalysisId, again.AnalysisId)

	client := nodev1.NewNodeClient(conn)
	analysis, err := client.GetAnalysis(ctx, &nodev1.GetAnalysisRequest{Id: got.AnalysisId})
	require.NoError(t, err)
	require.Equal(t, "queued", analysis.Status)
	require.Equal(t, "queued", analysis.Submission)
	report, err := client.GetReport(ctx, &nodev1.GetReportRequest{Id: got.Sha256})
	require.NoError(t, err)
	require.Equal(t, []string{"a.bin"}, report.Sample.Names)
	require.Equal(t, "elf", report.Sample.GetFileType())
	require.Nil(t, report.Round)
	require.EqualValues(t, 1, n.queued(t))
}

func TestHostileStreams(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	conn := n.overGRPC(t)
	for name, c := range map[string]struct {
		header  *nodev1.SubmitFileHeader
		content string
		chunk   int
		code    codes.Code
		message string
	}{
		"no header":        {nil, "x", 1, codes.InvalidArgument, "header: it has to come first"},
		"nothing":          {nil, "", 1, codes.InvalidArgument, "header: it has to come first"},
		"empty file":       {&nodev1.SubmitFileHeader{}, "", 1, codes.InvalidArgument, "the file is empty"},
		"large chunk":      {&nodev1.SubmitFileHeader{}, strings.Repeat("x", maxChunk+1), maxChunk + 1, codes.InvalidArgument, "want 1..65536"},
		"larger than read": {&nodev1.SubmitFileHeader{}, strings.Repeat("x", 1<<18), 1 << 18, codes.ResourceExhausted, "larger than max"},
		"over the limit":   {&nodev1.SubmitFileHeader{}, strings.Repeat("x", 1<<20+1), maxChunk, codes.InvalidArgument, "limit of 1048576 bytes"},
		"long name":        {&nodev1.SubmitFileHeader{Name: strings.Repeat("n", 4097)}, "x", 1, codes.InvalidArgument, "header.name"},
		"bad contributor":  {&nodev1.SubmitFileHeader{Contributor: "vmt1x"}, "x", 1, codes.InvalidArgument, "contributor"},
		"bad channel":      {&nodev1.SubmitFileHeader{Channel: "fast"}, "x", 1, codes.InvalidArgument, "fast"},
		"other consent":    {&nodev1.SubmitFileHeader{Consent: 99}, "x", 1, codes.InvalidArgument, "consent"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := submit(t, withKey(t, testKey), conn, c.header, []byte(c.content), c.chunk)
			require.Equal(t, c.code, status.Code(err), "%v", err)
			require.ErrorContains(t, err, c.message)
			require.True(t, n.vaultIsEmpty(t), "nothing of it stays")
			require.Zero(t, n.queued(t))
		})
	}
}

func TestSlowStreamIsCutOff(t *testing.T) {
	t.Parallel()
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.UploadGrace = 1 })
	stream, err := nodev1.NewNodeClient(n.overGRPC(t)).SubmitFile(withKey(t, testKey))
	require.NoError(t, err)
	require.NoError(t, stream.Send(&nodev1.SubmitFileRequest{Part: &nodev1.SubmitFileRequest_Header{Header: &nodev1.SubmitFileHeader{}}}))
	require.NoError(t, stream.Send(&nodev1.SubmitFileRequest{Part: &nodev1.SubmitFileRequest_Chunk{Chunk: []byte("x")}}))
	require.ErrorContains(t, stream.RecvMsg(&nodev1.Submission{}), "slower than the limit of 16384 bytes per second")
	require.True(t, n.vaultIsEmpty(t))
}

func TestCallsAreAdmitted(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) {
		cfg.AnonymousRequestsPerMinute, cfg.AnonymousUploadsPerMinute = 1, 1
	})
	conn := n.overGRPC(t)
	client := nodev1.NewNodeClient(conn)
	var told metadata.MD
	_, err := client.ListEngines(t.Context(), &nodev1.ListEnginesRequest{}, grpc.Header(&told))
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, told.Get("ratelimit-limit"))
	_, err = client.ListEngines(t.Context(), &nodev1.ListEnginesRequest{})
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.Equal(t, "TooManyRequestsError", reasonOf(t, err))
	_, err = client.Info(t.Context(), &nodev1.InfoRequest{})
	require.NoError(t, err, "the same for all, so free")

	_, err = submit(t, t.Context(), conn, &nodev1.SubmitFileHeader{}, []byte("x"), 1)
	require.ErrorContains(t, err, "consent", "a person without a key says so with each upload")
	_, err = submit(t, t.Context(), conn, &nodev1.SubmitFileHeader{Consent: 1}, []byte("x"), 1)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))

	_, err = client.ListEngines(withKey(t, testKey), &nodev1.ListEnginesRequest{})
	require.NoError(t, err)
	_, err = client.ListEngines(withKey(t, strings.Repeat("w", 40)), &nodev1.ListEnginesRequest{})
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	require.Equal(t, "WrongCredentialsError", reasonOf(t, err))
	_, err = client.GetReport(withKey(t, testKey), &nodev1.GetReportRequest{Id: hexOf("nobody")})
	require.Equal(t, codes.NotFound, status.Code(err))
	require.Equal(t, "NotFoundError", reasonOf(t, err))
}

func TestCallsNeedAKeyWithoutWeb(t *testing.T) {
	n := startNode(t, func(cfg *Config, _ *Deps) { cfg.Web = false })
	client := nodev1.NewNodeClient(n.overGRPC(t))
	_, err := client.ListEngines(t.Context(), &nodev1.ListEnginesRequest{})
	require.Equal(t, codes.Unauthenticated, status.Code(err))
	_, err = client.ListEngines(withKey(t, testKey), &nodev1.ListEnginesRequest{})
	require.NoError(t, err)
}

// reasonOf is the code of the API in an error over gRPC.
func reasonOf(t *testing.T, err error) string {
	t.Helper()
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	t.Fatalf("%v has no ErrorInfo", err)
	return ""
}

func TestReflection(t *testing.T) {
	n := startNode(t, nil)
	stream, err := reflectionpb.NewServerReflectionClient(n.overGRPC(t)).ServerReflectionInfo(withKey(t, testKey))
	require.NoError(t, err)
	for _, ask := range []*reflectionpb.ServerReflectionRequest{
		{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}},
		{MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: "virusmap.node.v1.Node"}},
	} {
		require.NoError(t, stream.Send(ask))
		answer, err := stream.Recv()
		require.NoError(t, err)
		require.Nil(t, answer.GetErrorResponse())
		require.Contains(t, answer.String(), "virusmap.node.v1")
	}
	require.NoError(t, stream.CloseSend())
}
