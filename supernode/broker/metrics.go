package broker

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator watches.
type metrics struct {
	delivered         prometheus.Counter
	skipped, failures *prometheus.CounterVec
	busy              prometheus.Gauge
}

func newMetrics(registry prometheus.Registerer) *metrics {
	m := &metrics{
		delivered: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "virusmap_broker_delivered_total", Help: "Keys that the chain has taken.",
		}),
		skipped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "virusmap_broker_skipped_total", Help: "Orders without a delivery: blocked, late (their window passed), or taken by another.",
		}, []string{"reason"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "virusmap_broker_failures_total", Help: "Steps that failed and are tried again.",
		}, []string{"reason"}),
		busy: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "virusmap_broker_orders_running", Help: "Orders whose keys are being prepared or sent.",
		}),
	}
	if registry != nil {
		registry.MustRegister(m.delivered, m.skipped, m.failures, m.busy)
	}
	return m
}
