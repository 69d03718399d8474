package system

//lint:file-ignore SA1019 the SDK serves no newer version of the reflection protocol

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
)

func TestRestartAndQueryAtAnOldHeight(t *testing.T) {
	w := sharedWorld(t)
	validator := w.Validators[0]
	found := w.submitAndWait(t, sample(t, "old.txt", freshText("asked about later")))
	submitted := w.record(t.Context(), found.SHA256).SubmittedHeight
	final := w.chainReport(t, found.SHA256).Round.FinalHeight
	w.requireProgress(t, 3)
	validator.Stop()
	require.NoError(t, validator.Start())
	w.requireHealthy(t)

	at := func(height int64) printed {
		return run(t, exec.CommandContext(t.Context(), filepath.Join(programs, "vmtd"), "query", "samples", "sample", found.SHA256,
			"--height", strconv.FormatInt(height, 10), "--node", validator.RPC, "--output", "json"))
	}
	before := at(submitted - 1)
	require.NotZero(t, before.code)
	require.Contains(t, before.stderr, "not found")
	for height, status := range map[int64]string{submitted: "STATUS_SCANNING", final - 1: "STATUS_SCANNING", final: "STATUS_FINAL", final + 1: "STATUS_FINAL"} {
		p := at(height)
		require.Zero(t, p.code, p.stderr)
		var answer struct {
			Entry struct {
				Sample struct {
					Status string `json:"status"`
				} `json:"sample"`
			} `json:"entry"`
		}
		require.NoError(t, json.Unmarshal([]byte(p.stdout), &answer))
		require.Equal(t, status, answer.Entry.Sample.Status, "height %d of %d..%d", height, submitted, final)
	}
}

func TestMetrics(t *testing.T) {
	w := sharedWorld(t)
	w.submitAndWait(t, sample(t, "counted.txt", freshText("counted")))
	supernode := body(t, w.Supernodes[0].URL+"/metrics", http.StatusOK)
	require.Positive(t, metric(t, supernode, "virusmap_scanner_rounds_total"))
	require.Positive(t, metric(t, supernode, `virusmap_scanner_verdicts_total{category="undetected"}`))
	require.Contains(t, supernode, "virusmap_scanner_failures_total ")
	require.Positive(t, metric(t, supernode, "virusmap_gateway_submissions_on_chain_total"))
	node := body(t, w.Validators[0].Metrics+"/metrics", http.StatusOK)
	require.Contains(t, node, "cometbft_consensus_height{")
}

func TestREST(t *testing.T) {
	w := sharedWorld(t)
	found := w.detected(t)
	rest := w.Validators[0].REST
	var answer struct {
		Report struct {
			Outcome  string `json:"outcome"`
			Verdicts []struct {
				Engine   string `json:"engine"`
				Category string `json:"category"`
				Label    string `json:"label"`
			} `json:"verdicts"`
		} `json:"report"`
	}
	require.NoError(t, json.Unmarshal([]byte(body(t, rest+"/virusmap/verdicts/v1/reports/"+found.SHA256, http.StatusOK)), &answer))
	require.Equal(t, "OUTCOME_MALICIOUS", answer.Report.Outcome)
	labels := map[string]string{}
	for _, verdict := range answer.Report.Verdicts {
		labels[verdict.Engine] = verdict.Label
	}
	require.Len(t, labels, allEngines)
	require.Equal(t, "Win.Test.EICAR_HDB-1", labels["ClamAV"])

	require.Contains(t, body(t, rest+"/virusmap/verdicts/v1/reports/"+hashOf(nil), http.StatusNotFound), "is not known")
	require.Contains(t, body(t, rest+"/virusmap/verdicts/v1/reports/xyz", http.StatusBadRequest), "sha256")

	require.Contains(t, body(t, rest+"/swagger/", http.StatusOK), "<html")
	var document struct {
		Paths map[string]any `json:"paths"`
	}
	require.NoError(t, json.Unmarshal([]byte(body(t, rest+"/openapi.json", http.StatusOK)), &document))
	require.Contains(t, document.Paths, "/virusmap/verdicts/v1/reports/{sha256}")
	require.Contains(t, document.Paths, "/virusmap/samples/v1/samples/{sha256}")
}

func TestReflection(t *testing.T) {
	w := sharedWorld(t)
	conn, err := grpc.NewClient(w.Validators[0].GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	stream, err := grpc_reflection_v1alpha.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	require.NoError(t, err)
	require.NoError(t, stream.Send(&grpc_reflection_v1alpha.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1alpha.ServerReflectionRequest_ListServices{},
	}))
	answer, err := stream.Recv()
	require.NoError(t, err)
	var services []string
	for _, service := range answer.GetListServicesResponse().GetService() {
		services = append(services, service.Name)
	}
	for _, service := range []string{"virusmap.samples.v1.Query", "virusmap.verdicts.v1.Query", "virusmap.supernode.v1.Query"} {
		require.Contains(t, services, service)
		require.NoError(t, stream.Send(&grpc_reflection_v1alpha.ServerReflectionRequest{
			MessageRequest: &grpc_reflection_v1alpha.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service},
		}))
		answer, err := stream.Recv()
		require.NoError(t, err)
		require.NotEmpty(t, answer.GetFileDescriptorResponse().GetFileDescriptorProto(), "%s: %s", service, answer.GetErrorResponse())
	}
}

// The gateway tells nothing without a key, and no more than needed about health.
func TestGatewayWithoutAKey(t *testing.T) {
	w := sharedWorld(t)
	require.Contains(t, body(t, w.Supernodes[0].URL+"/api/v3/files/"+hashOf(nil), http.StatusUnauthorized), "AuthenticationRequiredError")
	require.Contains(t, body(t, w.Supernodes[0].URL+"/healthz", http.StatusOK), `"status":"ok"`)
}

func body(t *testing.T, url string, code int) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, code, response.StatusCode, "%s: %s", url, text)
	return string(text)
}

// metric is the value of a series in the text format of Prometheus.
func metric(t *testing.T, text, series string) float64 {
	t.Helper()
	for line := range strings.Lines(text) {
		if rest, found := strings.CutPrefix(line, series+" "); found {
			value, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			require.NoError(t, err)
			return value
		}
	}
	require.Fail(t, "no such series", series)
	return 0
}
