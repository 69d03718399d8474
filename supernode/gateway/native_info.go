package gateway

import (
	"context"
	"encoding/hex"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/consent"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	// The coin as people see it: docs/registry/assetlist.json.
	displayDenom    = "VMT"
	displayDecimals = 6

	trustMaxAge = 10 * time.Second
)

// Info answers the same to everybody.
func (n native) Info(ctx context.Context, _ *nodev1.InfoRequest) (*nodev1.InfoResponse, error) {
	info := &nodev1.InfoResponse{
		ChainId:      n.cfg.ChainID,
		Bech32Prefix: sdk.GetConfig().GetBech32AccountAddrPrefix(),
		Denom:        samplestypes.Denom,
		DisplayDenom: displayDenom,
		Decimals:     displayDecimals,
		Version:      buildVersion(),
		Consent:      &nodev1.Consent{Version: consent.Version, Text: consent.Text},
		Limits: &nodev1.Limits{
			MaxFileBytes:               n.maxFileBytes(ctx),
			AnonymousRequestsPerMinute: int64(n.cfg.AnonymousRequestsPerMinute),
			AnonymousUploadsPerMinute:  int64(n.cfg.AnonymousUploadsPerMinute),
		},
		PrivateLane: n.Gateway.PrivateLane(),
		FetchEngine: n.cfg.FetchEngine,
		GasPrice:    n.cfg.GasPrice,
		Trust:       n.trustRoot(ctx),
	}
	if n.cfg.Operator != "" {
		info.Operator = &n.cfg.Operator
		if moniker, err := n.monikerOf(ctx, n.cfg.Operator); err == nil && moniker != n.cfg.Operator {
			info.Moniker = &moniker
		}
	}
	return info, nil
}

// maxFileBytes is this gateway's limit or, when that is known, the chain's lower one.
func (g *Gateway) maxFileBytes(ctx context.Context) int64 {
	terms, err := g.currentTerms(ctx)
	if err != nil {
		return g.cfg.MaxFileBytes
	}
	return min(g.cfg.MaxFileBytes, terms.maxBytes)
}

type trustCache struct {
	mu    sync.Mutex
	trust chain.Trust
	read  time.Time
}

// trustRoot is nil while the chain is out of reach: an old root would be of less use than
// none.
func (g *Gateway) trustRoot(ctx context.Context) *nodev1.Trust {
	g.trust.mu.Lock()
	defer g.trust.mu.Unlock()
	if time.Since(g.trust.read) > trustMaxAge {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), queryTimeout)
		defer cancel()
		trust, err := g.deps.Chain.TrustRoot(ctx)
		if err != nil {
			g.log.Warn("no trust root can be given", "error", err)
			trust = chain.Trust{}
		}
		g.trust.trust, g.trust.read = trust, time.Now()
	}
	if g.trust.trust.Height == 0 {
		return nil
	}
	return &nodev1.Trust{
		Height:        g.trust.trust.Height,
		Hash:          strings.ToUpper(hex.EncodeToString(g.trust.trust.Hash)),
		PeriodSeconds: int64(g.trust.trust.Period / time.Second),
	}
}

// buildVersion is what `supernode version` prints first.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
