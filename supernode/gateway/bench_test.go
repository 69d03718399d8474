package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// BenchmarkReportLookup measures look-ups of a finished report with 40 engines over
// loopback HTTP, on as many connections as there are processors.
func BenchmarkReportLookup(b *testing.B) {
	n := startNode(b, func(cfg *Config, _ *Deps) { cfg.ReportMaxAge = 2 })
	verdicts := make([]verdictstypes.EngineVerdict, 40)
	for i := range verdicts {
		verdicts[i] = verdictstypes.EngineVerdict{
			Engine: fmt.Sprint("engine-", i), Operator: operator(1), Version: "1.0",
			Category: verdictstypes.CATEGORY_MALICIOUS, Label: "Some.Label", SignatureTime: time.Now().Unix(),
		}
	}
	n.chain.finish("content", 1, verdictstypes.OUTCOME_MALICIOUS, verdicts...)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			request, _ := http.NewRequest(http.MethodGet, n.url+"/api/v3/files/"+hexOf("content"), nil)
			request.Header.Set("X-Apikey", testKey)
			response, err := client.Do(request)
			if err != nil {
				b.Error(err)
				return
			}
			var body struct{ Data struct{ ID string } }
			if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.Data.ID == "" {
				b.Error("no report", err)
			}
			response.Body.Close()
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reports/s")
}
