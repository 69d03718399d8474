package gateway

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain/light"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	cachedMonikers = 1024
	monikerMaxAge  = time.Minute
)

// results turns the verdicts of a round into VirusTotal's map of entries, as encoded
// light.Results, and counts them by category.
func (g *Gateway) results(ctx context.Context, verdicts []verdictstypes.EngineVerdict) (json.RawMessage, light.Stats, error) {
	keys, err := g.engineKeys(ctx, verdicts)
	if err != nil {
		return nil, nil, err
	}
	stats := noStats()
	results := make(light.Results, len(verdicts))
	for i, v := range verdicts {
		results[keys[i]] = resultOf(keys[i], v)
		stats[results[keys[i]].Category]++
	}
	encoded, err := json.Marshal(results)
	return encoded, stats, err
}

// noStats has all eight categories, as clients index them without looking.
func noStats() light.Stats {
	stats := make(light.Stats, len(light.Categories))
	for _, category := range light.Categories {
		stats[category] = 0
	}
	return stats
}

func resultOf(key string, v verdictstypes.EngineVerdict) light.EngineResult {
	result := light.EngineResult{
		Category:        light.CategoryName(v.Category),
		EngineName:      key,
		EngineVersion:   v.Version,
		Method:          light.MethodAttested,
		Confidence:      v.Confidence,
		Operator:        v.Operator,
		Engine:          v.Engine,
		SignatureDigest: hex.EncodeToString(v.SignatureDigest),
	}
	if v.SignatureTime != 0 {
		result.EngineUpdate = time.Unix(v.SignatureTime, 0).UTC().Format("20060102")
	}
	label := v.Label
	if v.Category == verdictstypes.CATEGORY_UNDECRYPTABLE {
		label = light.LabelUndecryptable
	}
	if label != "" {
		result.Label = &label
	}
	return result
}

// engineKeys names each verdict's engine: by the engine's name where only one supernode
// runs it, else "name@moniker", else "name@operator" where monikers are alike too.
func (g *Gateway) engineKeys(ctx context.Context, verdicts []verdictstypes.EngineVerdict) ([]string, error) {
	byName := make(map[string]int, len(verdicts))
	for _, v := range verdicts {
		byName[v.Engine]++
	}
	keys := make([]string, len(verdicts))
	taken := make(map[string]bool, len(verdicts))
	unclear := make(map[string]bool)
	for i, v := range verdicts {
		keys[i] = v.Engine
		if byName[v.Engine] > 1 {
			name, err := g.monikerOf(ctx, v.Operator)
			if err != nil {
				return nil, err
			}
			keys[i] = v.Engine + "@" + name
		}
		unclear[v.Engine] = unclear[v.Engine] || taken[keys[i]]
		taken[keys[i]] = true
	}
	for i, v := range verdicts {
		if unclear[v.Engine] {
			keys[i] = v.Engine + "@" + v.Operator
		}
	}
	return keys, nil
}

type moniker struct {
	name string
	read time.Time
}

// showable refuses monikers that pass for the address of another operator.
func showable(moniker string) bool {
	return moniker != "" && !strings.HasPrefix(strings.ToLower(moniker), sdk.GetConfig().GetBech32AccountAddrPrefix()+"1")
}

// monikerOf is the display name of an operator, or its address when it has none to show:
// it may have retired since.
func (g *Gateway) monikerOf(ctx context.Context, operator string) (string, error) {
	if cached, ok := g.reports.monikers.Get(operator); ok && time.Since(cached.read) < monikerMaxAge {
		return cached.name, nil
	}
	found := moniker{name: operator, read: time.Now()}
	answer, err := g.deps.Supernodes.Supernode(ctx, &supernodetypes.QuerySupernodeRequest{Operator: operator})
	switch {
	case err == nil && showable(answer.Supernode.Profile.Moniker):
		found.name = answer.Supernode.Profile.Moniker
	case err != nil && status.Code(err) != codes.NotFound:
		return "", err
	}
	g.reports.monikers.Add(operator, found)
	return found.name, nil
}
