package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

const (
	// metadataMaxAge is how long engines are believed without asking again.
	metadataMaxAge = time.Minute
	// maxEnginePages bounds what is read of the engines, 100 a page.
	maxEnginePages = 50
)

// metadataAnswer is what VirusTotal's clients build their commands from.
type metadataAnswer struct {
	Engines       map[string]engineMetadata     `json:"engines"`
	Relationships map[string][]relationMetadata `json:"relationships"`
	Privileges    []string                      `json:"privileges"`
}

type engineMetadata struct {
	Description string `json:"description,omitempty"`
	// Operators run an engine of this name in the current epoch.
	Operators []string `json:"operators"`
}

type relationMetadata struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

type engineCache struct {
	mu      sync.Mutex
	engines map[string]engineMetadata
	read    time.Time
}

func (g *Gateway) metadataRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/metadata", g.getMetadata)
}

// getMetadata answers the engines of the current epoch, and the relations of each kind of
// items, which are just those that have routes.
func (g *Gateway) getMetadata(w http.ResponseWriter, r *http.Request) {
	engines, err := g.currentEngines(r.Context())
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	answer := metadataAnswer{Engines: engines, Relationships: map[string][]relationMetadata{}, Privileges: []string{}}
	for _, k := range g.kinds {
		for _, rel := range k.relations {
			answer.Relationships[k.name] = append(answer.Relationships[k.name], relationMetadata{rel.name, rel.description})
		}
	}
	if g.deps.Feeds != nil {
		for feed := range feedTypes {
			answer.Privileges = append(answer.Privileges, privilegeOf(feed))
		}
		slices.Sort(answer.Privileges)
	}
	respond(w, r, answer, nil)
}

// currentEngines are those whose operators have a seat, by name. While the chain is out of
// reach they are the last ones that were read.
func (g *Gateway) currentEngines(ctx context.Context) (map[string]engineMetadata, error) {
	cache := &g.engines
	cache.mu.Lock()
	defer cache.mu.Unlock()
	if time.Since(cache.read) < metadataMaxAge {
		return cache.engines, nil
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	fresh, err := g.readEngines(ctx)
	switch {
	case err == nil:
		cache.engines, cache.read = fresh, time.Now()
	case cache.engines == nil:
		return nil, err
	default:
		g.log.Warn("going on with the engines that were read last", "error", err)
	}
	return cache.engines, nil
}

func (g *Gateway) readEngines(ctx context.Context) (map[string]engineMetadata, error) {
	engines := make(map[string]engineMetadata)
	current, err := g.deps.Supernodes.Epoch(ctx, &supernodetypes.QueryEpochRequest{})
	if status.Code(err) == codes.NotFound {
		return engines, nil // no epoch has begun
	}
	if err != nil {
		return nil, fmt.Errorf("read epoch: %w", err)
	}
	seated := make(map[string]bool, len(current.Seats))
	for _, seat := range current.Seats {
		seated[seat.Operator] = true
	}
	request := &verdictstypes.QueryEnginesRequest{Pagination: &query.PageRequest{Limit: 100}}
	for range maxEnginePages {
		answer, err := g.deps.Verdicts.Engines(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("read engines: %w", err)
		}
		for _, engine := range answer.Engines {
			if seated[engine.Operator] {
				known := engines[engine.Name]
				if known.Description == "" {
					known.Description = engine.Description
				}
				known.Operators = append(known.Operators, engine.Operator)
				engines[engine.Name] = known
			}
		}
		if answer.Pagination == nil || len(answer.Pagination.NextKey) == 0 {
			return engines, nil
		}
		request.Pagination.Key = answer.Pagination.NextKey
	}
	return nil, errors.New("read engines: there are more than can be listed")
}
