package handlers

import (
	"context"
	"math"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"smartscheduler/db"
	"smartscheduler/events"
	"smartscheduler/events/broker"
	"smartscheduler/events/relay"
)

// Metrics counts what the server does, in a registry of its own. Its methods
// are safe for concurrent use and never block.
type Metrics struct {
	registry *prometheus.Registry

	requests    *prometheus.CounterVec
	requestTime *prometheus.HistogramVec
	assigns     *prometheus.CounterVec
	assignTime  prometheus.Histogram

	relayLag  prometheus.Histogram
	lastLag   prometheus.Gauge
	published prometheus.Counter
	queued    prometheus.Counter
	failures  *prometheus.CounterVec
	reads     prometheus.Counter
	readRows  prometheus.Counter
	refusals  *prometheus.CounterVec

	streams  *prometheus.GaugeVec
	ended    *prometheus.CounterVec
	lagged   *prometheus.CounterVec
	resyncs  *prometheus.CounterVec
	replayed prometheus.Counter
	writes   prometheus.Counter
	frames   prometheus.Counter
	bytes    prometheus.Counter
	looks    *prometheus.CounterVec

	unreported prometheus.Counter
	delivery   deliveryCounts
}

// NewMetrics returns metrics that are all zero.
func NewMetrics() *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	quick := []float64{.002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}

	m.requests = m.counters("http_requests_total", "Answered requests.", "method", "route", "status")
	m.requestTime = m.histograms("http_request_seconds", "Time from request to answer, without streams.", quick, "route")
	m.assigns = m.counters("assign_total", "Commands that change an assignment, by what they did and how they ended.", "act", "outcome")
	m.assignTime = m.histogram("assign_seconds", "Time of the commands that change an assignment.", quick)

	m.relayLag = m.histogram("relay_lag_seconds", "Age of the oldest event of a batch when it was published.", quick)
	m.lastLag = m.gauge("relay_last_lag_seconds", "The lag of the last batch.")
	m.published = m.counter("relay_events_total", "Published events.")
	m.queued = m.counter("relay_receivers_total", "Connections that published events were queued to.")
	m.failures = m.counters("relay_failures_total", "Failures of the relay, by what it tried.", "act")
	m.reads = m.counter("relay_replay_reads_total", "Reads of the log for replays.")
	m.readRows = m.counter("relay_replay_rows_total", "Events read from the log for replays.")
	m.refusals = m.counters("relay_resyncs_total", "Replays that were refused, by reason.", "reason")

	m.streams = m.gauges("streams", "Open streams.", "audience")
	m.ended = m.counters("streams_ended_total", "Ended streams, by reason; evicted ones were too slow.", "audience", "reason")
	m.lagged = m.counters("streams_lagged_total", "Queues that overflowed, so that the stream went back to the log.", "audience")
	m.resyncs = m.counters("stream_resyncs_total", "Resync frames, by reason.", "reason")
	m.replayed = m.counter("stream_replayed_events_total", "Events sent to streams from the log.")
	m.writes = m.counter("stream_writes_total", "Writes to streams.")
	m.frames = m.counter("stream_frames_total", "Frames written to streams.")
	m.bytes = m.counter("stream_bytes_total", "Bytes written to streams.")
	m.looks = m.counters("rights_looks_total", "Looks at the rights of open streams: because the database called, or because time has passed.", "because")
	m.unreported = m.counter("delivery_reports_failed_total", "Reports for the operator's page that could not be written.")
	return m
}

// Handler serves the metrics and the profiles of CPU and heap; for the admin
// listener only.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry}))
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.Handle("GET /debug/pprof/heap", pprof.Handler("heap"))
	return mux
}

// WatchPool adds the state of a pool of connections. Call it once per name.
func (m *Metrics) WatchPool(name string, pool *db.DB) {
	labels := prometheus.Labels{"pool": name}
	add := func(metric, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Name: metric, Help: help, ConstLabels: labels,
		}, value))
	}
	add("db_connections", "Open connections.", func() float64 { return float64(pool.Stats().OpenConnections) })
	add("db_connections_in_use", "Connections at work.", func() float64 { return float64(pool.Stats().InUse) })
	add("db_waits", "Times that a connection had to be waited for.", func() float64 { return float64(pool.Stats().WaitCount) })
	add("db_wait_seconds", "Time waited for connections in all.", func() float64 { return pool.Stats().WaitDuration.Seconds() })
}

// WatchLog adds the age of the oldest event that is committed and not published
// by this process, 0 when there is none. It is asked of pool at each scrape,
// because a relay that is stuck counts nothing, and is NaN while the database
// makes no answer. published is the last position that was, zero before the
// relay has begun, which is NaN as well. Call it once.
func (m *Metrics) WatchLog(pool *db.DB, published func() events.Position) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "relay_oldest_unpublished_seconds",
		Help: "Age of the oldest committed event that this process has not published.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
		defer cancel()
		last := published()
		age, err := pool.OldestAfter(ctx, last)
		if err != nil || last.Epoch == 0 {
			return math.NaN()
		}
		return age.Seconds()
	}))
}

// scrapeTime bounds the query of a scrape.
const scrapeTime = 2 * time.Second

// Assigned counts a command on an assignment: act is assign, reassign, move or
// remove; outcome is done, conflict, invalid, unavailable or failed.
func (m *Metrics) Assigned(act, outcome string, took time.Duration) {
	m.assigns.WithLabelValues(act, outcome).Inc()
	m.assignTime.Observe(took.Seconds())
}

func (m *Metrics) request(method, route string, status int, took time.Duration, stream bool) {
	if route == "" {
		route = "none"
	}
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodHead:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	if !stream {
		m.requestTime.WithLabelValues(route).Observe(took.Seconds())
	}
}

// Trouble notes what went wrong in delivery, for relay.Options.
func (m *Metrics) Trouble(act string, err error) { m.delivery.trouble(time.Now(), act, err) }

// Delivery returns what was counted since the start, without the open streams,
// and the last errors, newest first.
func (m *Metrics) Delivery() (db.DeliveryCounters, []db.DeliveryError) {
	return m.delivery.snapshot(time.Now())
}

// Unreported counts a report of Delivery that could not be written.
func (m *Metrics) Unreported() { m.unreported.Inc() }

// Relay returns what counts for the relay.
func (m *Metrics) Relay() relay.Metrics { return relayMetrics{m} }

type relayMetrics struct{ m *Metrics }

// Delivered implements relay.Metrics.
func (r relayMetrics) Delivered(published, receivers int, lag time.Duration) {
	r.m.published.Add(float64(published))
	r.m.queued.Add(float64(receivers))
	r.m.relayLag.Observe(lag.Seconds())
	r.m.lastLag.Set(lag.Seconds())
	r.m.delivery.change(func(c *db.DeliveryCounters) {
		took := max(0, lag.Milliseconds())
		c.Published, c.LastMillis = c.Published+int64(published), &took
	})
}

// Failed implements relay.Metrics.
func (r relayMetrics) Failed(act string) { r.m.failures.WithLabelValues(act).Inc() }

// Replayed implements relay.Metrics.
func (r relayMetrics) Replayed(events int) {
	r.m.reads.Inc()
	r.m.readRows.Add(float64(events))
}

// Resynced implements relay.Metrics.
func (r relayMetrics) Resynced(reason string) { r.m.refusals.WithLabelValues(reason).Inc() }

// Broker returns what counts for the broker.
func (m *Metrics) Broker() broker.Metrics { return brokerMetrics{m} }

type brokerMetrics struct{ m *Metrics }

// StreamOpened implements broker.Metrics.
func (b brokerMetrics) StreamOpened(audience string) { b.m.streams.WithLabelValues(audience).Inc() }

// StreamClosed implements broker.Metrics.
func (b brokerMetrics) StreamClosed(audience string, why broker.End) {
	b.m.streams.WithLabelValues(audience).Dec()
	b.m.ended.WithLabelValues(audience, string(why)).Inc()
	if why == broker.EndEvicted {
		b.m.delivery.eviction(time.Now())
	}
}

// StreamRefused implements broker.Metrics.
func (b brokerMetrics) StreamRefused(audience string, why broker.End) {
	b.m.ended.WithLabelValues(audience, string(why)).Inc()
	b.m.delivery.change(func(c *db.DeliveryCounters) { c.Refused++ })
}

// Lagged implements broker.Metrics.
func (b brokerMetrics) Lagged(audience string) {
	b.m.lagged.WithLabelValues(audience).Inc()
	b.m.delivery.change(func(c *db.DeliveryCounters) { c.Lagged++ })
}

// Resynced implements broker.Metrics.
func (b brokerMetrics) Resynced(reason string) {
	b.m.resyncs.WithLabelValues(reason).Inc()
	b.m.delivery.change(func(c *db.DeliveryCounters) {
		if c.Resyncs == nil {
			c.Resyncs = make(map[string]int64)
		}
		c.Resyncs[reason]++
	})
}

// Replayed implements broker.Metrics.
func (b brokerMetrics) Replayed(events int) {
	b.m.replayed.Add(float64(events))
	if events > 0 {
		b.m.delivery.change(func(c *db.DeliveryCounters) {
			c.Replays, c.ReplayedEvents = c.Replays+1, c.ReplayedEvents+int64(events)
		})
	}
}

// Written implements broker.Metrics.
func (b brokerMetrics) Written(writes, frames, bytes int) {
	b.m.writes.Add(float64(writes))
	b.m.frames.Add(float64(frames))
	b.m.bytes.Add(float64(bytes))
}
