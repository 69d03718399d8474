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

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// attested is the method of every entry: what the engine said was committed,
	// revealed and counted on chain.
	attested = "attested"

	cachedMonikers = 1024
	monikerMaxAge  = time.Minute
)

// stats counts entries by VirusTotal's eight categories.
type stats struct {
	Malicious        int `json:"malicious"`
	Suspicious       int `json:"suspicious"`
	Undetected       int `json:"undetected"`
	Harmless         int `json:"harmless"`
	Timeout          int `json:"timeout"`
	ConfirmedTimeout int `json:"confirmed-timeout"`
	Failure          int `json:"failure"`
	TypeUnsupported  int `json:"type-unsupported"`
}

// entry is what one engine said, in VirusTotal's words and ours.
type entry struct {
	Category        string  `json:"category"`
	EngineName      string  `json:"engine_name"`
	EngineVersion   string  `json:"engine_version"`
	EngineUpdate    string  `json:"engine_update,omitempty"` // YYYYMMDD of the signature set
	Method          string  `json:"method"`
	Result          *string `json:"result"`
	Confidence      uint32  `json:"confidence"` // 0..15
	Operator        string  `json:"operator"`
	Engine          string  `json:"engine"`
	SignatureDigest string  `json:"signature_digest,omitempty"` // hex
}

// undecryptable is the result of an engine that could not open the sample, for which
// VirusTotal has no category.
const undecryptable = "undecryptable"

// count adds one verdict and returns the category's name.
func (s *stats) count(category verdictstypes.Category) string {
	switch category {
	case verdictstypes.CATEGORY_MALICIOUS:
		s.Malicious++
		return "malicious"
	case verdictstypes.CATEGORY_SUSPICIOUS:
		s.Suspicious++
		return "suspicious"
	case verdictstypes.CATEGORY_UNDETECTED:
		s.Undetected++
		return "undetected"
	case verdictstypes.CATEGORY_HARMLESS:
		s.Harmless++
		return "harmless"
	case verdictstypes.CATEGORY_TIMEOUT:
		s.Timeout++
		return "timeout"
	case verdictstypes.CATEGORY_CONFIRMED_TIMEOUT:
		s.ConfirmedTimeout++
		return "confirmed-timeout"
	case verdictstypes.CATEGORY_TYPE_UNSUPPORTED:
		s.TypeUnsupported++
		return "type-unsupported"
	default: // CATEGORY_FAILURE, CATEGORY_UNDECRYPTABLE
		s.Failure++
		return "failure"
	}
}

// results turns the verdicts of a round into VirusTotal's map of entries.
func (g *Gateway) results(ctx context.Context, verdicts []verdictstypes.EngineVerdict) (json.RawMessage, stats, error) {
	keys, err := g.engineKeys(ctx, verdicts)
	if err != nil {
		return nil, stats{}, err
	}
	var counted stats
	entries := make(map[string]entry, len(verdicts))
	for i, v := range verdicts {
		e := entry{
			Category:        counted.count(v.Category),
			EngineName:      keys[i],
			EngineVersion:   v.Version,
			Method:          attested,
			Confidence:      v.Confidence,
			Operator:        v.Operator,
			Engine:          v.Engine,
			SignatureDigest: hex.EncodeToString(v.SignatureDigest),
		}
		if v.SignatureTime > 0 {
			e.EngineUpdate = time.Unix(v.SignatureTime, 0).UTC().Format("20060102")
		}
		switch {
		case v.Category == verdictstypes.CATEGORY_UNDECRYPTABLE:
			result := undecryptable
			e.Result = &result
		case v.Label != "":
			e.Result = &v.Label
		}
		entries[keys[i]] = e
	}
	encoded, err := json.Marshal(entries)
	return encoded, counted, err
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
