package scanner

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator watches.
type metrics struct {
	rounds   prometheus.Counter
	skipped  prometheus.Counter
	failures prometheus.Counter
	verdicts *prometheus.CounterVec
	scan     prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		rounds: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "virusmap_scanner_rounds_total", Help: "Rounds for which an answer was made.",
		}),
		skipped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "virusmap_scanner_rounds_skipped_total", Help: "Rounds that were over before their scan began.",
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "virusmap_scanner_failures_total", Help: "Steps that failed and are tried again.",
		}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "virusmap_scanner_verdicts_total", Help: "Verdicts of the engines by category.",
		}, []string{"category"}),
		scan: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "virusmap_scanner_scan_seconds", Help: "Time to scan one sample with all engines.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 14),
		}),
	}
	if registry != nil {
		registry.MustRegister(m.rounds, m.skipped, m.failures, m.verdicts, m.scan)
	}
	return m
}

func (m *metrics) count(f finding) {
	for _, answer := range f.answers {
		name := strings.ToLower(strings.TrimPrefix(answer.Category.String(), "CATEGORY_"))
		m.verdicts.WithLabelValues(name).Inc()
	}
}
