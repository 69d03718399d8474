package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the gateway's counters; names follow Prometheus' conventions.
type metrics struct {
	requests  *prometheus.CounterVec
	duration  *prometheus.HistogramVec
	uploads   *prometheus.CounterVec
	received  prometheus.Counter
	uploading prometheus.Gauge

	downloading prometheus.Gauge
	sent        prometheus.Counter

	submitted prometheus.Counter
	refused   prometheus.Counter
	retried   prometheus.Counter
	claimed   prometheus.Counter
	sightings *prometheus.CounterVec
	reports   *prometheus.CounterVec
}

// depthTimeout bounds how long a scrape waits for the queue.
const depthTimeout = 2 * time.Second

func newMetrics(registry *prometheus.Registry, submissions Queue) (*metrics, error) {
	if registry == nil {
		return nil, errors.New("metrics registry is required")
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "virusmap", Subsystem: "gateway", Name: name, Help: help})
	}
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "virusmap", Subsystem: "gateway", Name: name, Help: help}, labels)
	}
	m := &metrics{
		requests: counters("requests_total", "API requests by route and status.", "route", "status"),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "virusmap", Subsystem: "gateway", Name: "request_seconds", Help: "Duration of API requests by route.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .02, .05, .1, .5, 1, 5, 30, 120},
		}, []string{"route"}),
		uploads:  counters("uploads_total", "Uploads by result: new, known or failed.", "result"),
		received: counter("received_bytes_total", "Bytes of uploaded files."),
		uploading: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "virusmap", Subsystem: "gateway", Name: "uploads_running", Help: "Uploads that run now.",
		}),
		downloading: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: "virusmap", Subsystem: "gateway", Name: "downloads_running", Help: "Encrypted files that are sent now.",
		}),
		sent:      counter("sent_bytes_total", "Bytes of encrypted files that were sent."),
		submitted: counter("submissions_on_chain_total", "Submissions that reached the chain."),
		refused:   counter("submissions_refused_total", "Submissions that the chain refused for good."),
		retried:   counter("submission_retries_total", "Batches that failed to reach the chain and come again."),
		claimed:   counter("claims_total", "Claims made ahead of submissions."),
		sightings: counters("sightings_total", "Files of others that were brought here too, by what became of the word: queued, reported or dropped.", "result"),
		reports:   counters("reports_total", "Report look-ups by where the answer came from: cache, chain or stale.", "from"),
	}
	for _, through := range channels {
		if err := registry.Register(queuedGauge(submissions, through)); err != nil {
			return nil, err
		}
	}
	for _, c := range []prometheus.Collector{
		m.requests, m.duration, m.uploads, m.received, m.uploading, m.downloading, m.sent, m.submitted, m.refused, m.retried,
		m.claimed, m.sightings, m.reports,
	} {
		if err := registry.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// queuedGauge tells how much of a channel waits.
func queuedGauge(submissions Queue, through channel) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "virusmap", Subsystem: "gateway", Name: "submissions_queued", Help: "Submissions on their way to the chain; -1 when unknown.",
		ConstLabels: prometheus.Labels{"channel": string(through)},
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), depthTimeout)
		defer cancel()
		all := 0.0
		for _, subject := range through.subjects() {
			depth, err := submissions.Depth(ctx, subject)
			if err != nil {
				return -1
			}
			all += float64(depth)
		}
		return all
	})
}

// observed counts and times requests by the route that mux has for them.
func (m *metrics) observed(mux *http.ServeMux, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, route := mux.Handler(r)
		start := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(recorder, r)
		m.requests.WithLabelValues(route, strconv.Itoa(recorder.status)).Inc()
		m.duration.WithLabelValues(route).Observe(time.Since(start).Seconds())
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
