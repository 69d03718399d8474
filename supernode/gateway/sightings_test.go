package gateway

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// ownOperator is whose sidecar the gateway of these tests is.
var ownOperator = operator(8)

func startSighting(t *testing.T, change func(*Config)) *node {
	t.Helper()
	n := startNode(t, func(cfg *Config, _ *Deps) {
		cfg.Operator = ownOperator
		if change != nil {
			change(cfg)
		}
	})
	n.chain.seats = []string{operator(7), ownOperator}
	return n
}

// reporting runs the reporter until the test ends.
func (n *node) reporting(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.ReportSightings(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

// elsewhere puts a file on chain that somebody brought to another gateway.
func (c *scriptedChain) elsewhere(content string) {
	c.set(func() {
		c.samples[hexOf(content)] = samplestypes.Sample{
			Kind: samplestypes.KIND_FILE, SizeBytes: uint64(len(content)), Contributor: operator(1), Gateway: operator(2),
			Status: samplestypes.STATUS_QUEUED,
		}
	})
}

func (c *scriptedChain) sighted() (all []bountytypes.Sighted) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, message := range c.sightings {
		all = append(all, message.Sightings...)
	}
	return all
}

func (n *node) sightingsOf(t *testing.T, result string) float64 {
	t.Helper()
	counter, err := n.metrics.sightings.GetMetricWithLabelValues(result)
	require.NoError(t, err)
	return countOf(t, counter)
}

func TestFileOfOthersIsReportedOnce(t *testing.T) {
	n := startSighting(t, nil)
	n.chain.elsewhere("content")
	n.reporting(t)
	n.upload(t, field{"contributor", "", operator(3)}, file("content")).resource(t)
	eventually(t, func() bool { return len(n.chain.sighted()) == 1 }, "reported")
	n.chain.set(func() {
		message := n.chain.sightings[0]
		require.Equal(t, n.chain.Address().String(), message.Sidecar)
		require.Equal(t, ownOperator, message.Operator)
		require.Equal(t, hexOf("content"), fmt.Sprintf("%x", message.Sightings[0].Sha256))
		require.Equal(t, operator(3), message.Sightings[0].Contributor)
	})
	eventually(t, func() bool {
		told, err := n.index.Sighted(context.Background(), [32]byte(mustHash(t, hexOf("content"))))
		return err == nil && told
	}, "remembered")

	// Others who bring it, and the next start of the gateway, change nothing.
	n.upload(t, field{"contributor", "", operator(4)}, file("content")).resource(t)
	n.chain.elsewhere("another")
	n.upload(t, file("another")).resource(t)
	eventually(t, func() bool { return len(n.chain.sighted()) == 2 }, "the next one is reported")
	require.Equal(t, hexOf("another"), fmt.Sprintf("%x", n.chain.sighted()[1].Sha256))
	require.Empty(t, n.chain.sighted()[1].Contributor)
}

// TestWhatIsNoSighting ends with a file that is one, which shows that the rest was passed over.
func TestWhatIsNoSighting(t *testing.T) {
	n := startSighting(t, nil)
	n.submitting(t)
	n.upload(t, field{"contributor", "", operator(1)}, file("came through here")).resource(t)
	n.upload(t, file("the gateway's own")).resource(t)
	eventually(t, func() bool { return len(n.chain.accepted()) == 2 }, "submitted")
	n.chain.elsewhere("brought again by its contributor")
	n.chain.elsewhere("claimed by its uploader")
	n.upload(t, field{"contributor", "", operator(3)}, file("came through here")).resource(t)
	n.upload(t, field{"contributor", "", operator(3)}, file("the gateway's own")).resource(t)
	n.upload(t, field{"contributor", "", operator(1)}, file("brought again by its contributor")).resource(t)
	n.upload(t, field{"contributor", "", operator(3)}, field{"claim_salt", "", hexOf("salt")}, file("claimed by its uploader")).resource(t)
	n.chain.elsewhere("a sighting")
	n.upload(t, file("a sighting")).resource(t)
	n.reporting(t)
	eventually(t, func() bool { return n.sightingsOf(t, sightingReported) > 0 }, "reported")
	require.Len(t, n.chain.sighted(), 1)
	require.Equal(t, hexOf("a sighting"), fmt.Sprintf("%x", n.chain.sighted()[0].Sha256))
}

func TestSightingsAreDropped(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*scriptedChain){
		"without a seat":           func(c *scriptedChain) { c.seats = []string{operator(7)} },
		"when the chain refuses":   func(c *scriptedChain) { c.refuseSightings = refusal(bountytypes.ErrInvalidSighting.ABCICode()) },
		"when another is sidecar":  func(c *scriptedChain) { c.refuseSightings = refusal(bountytypes.ErrForeignSidecar.ABCICode()) },
		"when the seat is gone by": func(c *scriptedChain) { c.refuseSightings = refusal(bountytypes.ErrNotSeated.ABCICode()) },
	} {
		t.Run(name, func(t *testing.T) {
			n := startSighting(t, nil)
			change(n.chain)
			n.chain.elsewhere("content")
			n.upload(t, file("content")).resource(t)
			n.reporting(t)
			eventually(t, func() bool { return n.sightingsOf(t, sightingDropped) == 1 }, "dropped")
			eventually(t, func() bool {
				depth, err := n.queue.Depth(context.Background(), SightingsSubject)
				return err == nil && depth == 0
			}, "out of the queue")
			require.Empty(t, n.chain.sighted())
		})
	}
}

func refusal(code uint32) error {
	return &chain.Error{Codespace: bountytypes.ModuleName, Code: code, Log: "refused"}
}

func TestSightingsWaitForTheChain(t *testing.T) {
	t.Parallel()
	n := startSighting(t, nil)
	n.chain.refuseSightings = errors.New("node is away")
	n.chain.elsewhere("content")
	n.upload(t, file("content")).resource(t)
	eventually(t, func() bool { return n.sightingsOf(t, sightingQueued) == 1 }, "queued")
	n.reporting(t)
	eventually(t, func() (tried bool) {
		n.chain.set(func() { tried = n.chain.broadcasts > 0 })
		return tried
	}, "tried")
	n.chain.set(func() { n.chain.refuseSightings = nil })
	eventually(t, func() bool { return len(n.chain.sighted()) == 1 }, "reported in the end")
}

func TestSightingsCanBeSwitchedOff(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"by the operator":     func(cfg *Config) { cfg.Sightings = false },
		"without an operator": func(cfg *Config) { cfg.Operator = "" },
	} {
		t.Run(name, func(t *testing.T) {
			require.False(t, startSighting(t, change).ReportsSightings())
		})
	}
}

func TestUnreadableSightingIsPassedOver(t *testing.T) {
	n := startSighting(t, nil)
	require.NoError(t, n.queue.Publish(context.Background(), SightingsSubject, "junk", []byte("\xff\xff")))
	n.chain.elsewhere("content")
	n.upload(t, file("content")).resource(t)
	n.reporting(t)
	eventually(t, func() bool { return len(n.chain.sighted()) == 1 }, "reported")
}

// TestSightingOnTheRealChain: the message is signed and reaches the module, whether or not
// the module counts it, and the queue is empty afterwards.
func TestSightingOnTheRealChain(t *testing.T) {
	t.Parallel()
	n, real := startRealChainWith(t, func(cfg *Config, real *realChain) {
		supernode := real.chain.Supernodes[0]
		real.account = supernode.Sidecar
		cfg.Operator = supernode.Operator.Address.String()
	})
	other := real.chain.Accounts[1]
	real.chain.Run(real.chain.Sign(other, other.Submit(chaintest.Submission([]byte("content"), 1))))
	n.reporting(t)
	n.upload(t, field{"contributor", "", operator(3)}, file("content")).resource(t)
	eventually(t, func() bool { return n.sightingsOf(t, sightingReported)+n.sightingsOf(t, sightingDropped) == 1 }, "told")
	eventually(t, func() bool {
		depth, err := n.queue.Depth(context.Background(), SightingsSubject)
		return err == nil && depth == 0
	}, "out of the queue")
}
