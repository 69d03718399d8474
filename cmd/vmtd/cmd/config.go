package cmd

import (
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/virusmap/virusmap/app"
)

const (
	minGasPrices = app.MinGasPrice + app.Denom
	// queryGasLimit bounds what one query of a stranger may cost the node.
	queryGasLimit = 50_000_000
	// commitTimeout makes blocks of one second with what proposing and voting take.
	commitTimeout = 900 * time.Millisecond
	// snapshotInterval is in blocks: about every half hour.
	snapshotInterval   = 2000
	metricsKeptSeconds = 60
)

// indexedEvents are what transactions can be searched by. The attestations in the
// events of rounds are for followers; as search keys they would fill the disk.
var indexedEvents = []string{
	"message.action", "message.module", "message.sender",
	"transfer.sender", "transfer.recipient",
	"virusmap.samples.v1.EventSubmitted.sha256", "virusmap.samples.v1.EventSubmitted.contributor",
	"virusmap.supernode.v1.EventDelegated.delegator", "virusmap.supernode.v1.EventDelegated.operator",
	"virusmap.supernode.v1.EventUndelegated.delegator", "virusmap.supernode.v1.EventRewardsWithdrawn.address",
	"virusmap.verdicts.v1.EventCommitted.round", "virusmap.verdicts.v1.EventRevealed.round",
	"virusmap.verdicts.v1.EventAppealed.sha256", "virusmap.verdicts.v1.EventAppealed.party",
	"virusmap.bounty.v1.EventCredited.contributor", "virusmap.bounty.v1.EventClaimed.contributor",
	"virusmap.bounty.v1.EventBountyPosted.funder", "virusmap.bounty.v1.EventBountyPaid.recipient",
}

// nodeConfig is what `init` writes to app.toml.
func nodeConfig() serverconfig.Config {
	config := serverconfig.DefaultConfig()
	config.MinGasPrices = minGasPrices
	config.QueryGasLimit = queryGasLimit
	config.IndexEvents = indexedEvents
	config.AppDBBackend = "pebbledb"
	config.API.Enable = true
	config.API.Swagger = true
	config.GRPC.Address = "127.0.0.1:9090"
	config.API.Address = "tcp://127.0.0.1:1317"
	//lint:ignore SA1019 the modules of the SDK still count here; OpenTelemetry is set up by otel.yaml
	metrics := &config.Telemetry
	metrics.Enabled = true
	metrics.PrometheusRetentionTime = metricsKeptSeconds
	config.StateSync.SnapshotInterval = snapshotInterval
	config.StateSync.SnapshotKeepRecent = 2
	return *config
}

// cometConfig is what `init` writes to config.toml. The block store keeps CometBFT's
// default database, as its Pebble needs a build tag; the state above is in Pebble.
func cometConfig() *cmtcfg.Config {
	config := cmtcfg.DefaultConfig()
	config.Consensus.TimeoutCommit = commitTimeout
	config.Mempool.MaxTxBytes = 2 * app.FreeTxMaxBytes
	config.Instrumentation.Prometheus = true
	config.Instrumentation.PrometheusListenAddr = "127.0.0.1:26660"
	return config
}
