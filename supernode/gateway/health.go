package gateway

import (
	"context"
	"maps"
	"net/http"
	"sync"
	"time"
)

const (
	healthTimeout = 5 * time.Second
	// healthMaxAge keeps a crowd of probes from becoming load on the parts.
	healthMaxAge = time.Second
)

// healthReport is the body of /healthz: ok or failing, as a whole and by part.
type healthReport struct {
	Status string            `json:"status"`
	Checks map[string]string `json:"checks"`
}

type healthCache struct {
	mu     sync.Mutex
	report healthReport
	read   time.Time
}

// getHealth answers 200 when every part works, else 503. Why one fails is in the log.
func (g *Gateway) getHealth(w http.ResponseWriter, r *http.Request) {
	report := g.checkHealth(r.Context())
	code := http.StatusOK
	if report.Status != "ok" {
		code = http.StatusServiceUnavailable
	}
	writeJSON(w, r, code, report)
}

func (g *Gateway) checkHealth(ctx context.Context) healthReport {
	g.health.mu.Lock()
	defer g.health.mu.Unlock()
	if time.Since(g.health.read) < healthMaxAge {
		return g.health.report
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthTimeout)
	defer cancel()
	checks := maps.Clone(g.deps.Checks)
	if checks == nil {
		checks = make(map[string]func(context.Context) error)
	}
	checks["vault key"] = g.checkVaultKey
	report := healthReport{Status: "ok", Checks: make(map[string]string, len(checks))}
	var wait sync.WaitGroup
	var results sync.Mutex
	for name, check := range checks {
		wait.Go(func() {
			result := "ok"
			if err := check(ctx); err != nil {
				g.log.Warn("a part is failing", "part", name, "error", err)
				result = "failing"
			}
			results.Lock()
			defer results.Unlock()
			report.Checks[name] = result
			if result != "ok" {
				report.Status = result
			}
		})
	}
	wait.Wait()
	g.health.report, g.health.read = report, time.Now()
	return report
}

// checkVaultKey tells whether uploads can be encrypted.
func (g *Gateway) checkVaultKey(ctx context.Context) error {
	_, err := g.currentTerms(ctx)
	return err
}
