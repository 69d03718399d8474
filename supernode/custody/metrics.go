package custody

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator watches.
type metrics struct {
	held, missing, progress             prometheus.Gauge
	fetched, dropped, proofs            prometheus.Counter
	failedFetches, failedProofs, passes prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) *metrics {
	var all []prometheus.Collector
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "virusmap_custody_" + name, Help: help})
		all = append(all, g)
		return g
	}
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "virusmap_custody_" + name + "_total", Help: help})
		all = append(all, c)
		return c
	}
	m := &metrics{
		held:          gauge("held_samples", "Assigned samples that are here, by the newest pass."),
		missing:       gauge("missing_samples", "Assigned samples that are not here, by the newest pass."),
		progress:      gauge("pass_progress", "How far the running pass over all samples is, 0 to 1."),
		passes:        counter("passes", "Passes over all samples that came to their end."),
		fetched:       counter("fetched", "Assigned samples that were fetched from peers."),
		failedFetches: counter("fetch_failures", "Fetches that failed and are tried again."),
		dropped:       counter("dropped", "Samples that were handed over, expired or taken down."),
		proofs:        counter("proofs", "Storage challenges that were answered."),
		failedProofs:  counter("proof_failures", "Storage challenges whose deadline passed unanswered."),
	}
	if registry != nil {
		registry.MustRegister(all...)
	}
	return m
}
