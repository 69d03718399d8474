package light

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/webvectors"
)

// conversation is one check of a report for the web app's light client to repeat.
type conversation struct {
	Name   string    `json:"name"`
	Config webConfig `json:"config"`
	// Report is null where it is the true one.
	Report json.RawMessage `json:"report"`
	// Servers by address. A server without an entry does not answer.
	Servers map[string]webServer `json:"servers"`
	// Claims that the Go client made, or its error.
	Claims []webClaim `json:"claims,omitempty"`
	Error  string     `json:"error,omitempty"`
}

type webConfig struct {
	RPC           []string `json:"rpc"`
	ChainID       string   `json:"chainId"`
	Trust         webTrust `json:"trust"`
	MaxAgeSeconds int64    `json:"maxAgeSeconds,omitempty"`
}

type webTrust struct {
	Height        int64  `json:"height"`
	Hash          string `json:"hash"`
	PeriodSeconds int64  `json:"periodSeconds"`
}

// webServer is what a server answers: as the honest one, by index, and else.
type webServer struct {
	Same    []int   `json:"same"`
	Answers answers `json:"answers"`
}

// webExchange is a request to the honest server with its answer.
type webExchange struct {
	Request string          `json:"request"`
	Answer  json.RawMessage `json:"answer"`
}

// webClaim has the detail of a claim that holds. What a failed one says is not fixed.
type webClaim struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

type webVectors struct {
	Now           time.Time       `json:"now"`
	Report        json.RawMessage `json:"report"`
	Honest        []webExchange   `json:"honest"`
	Conversations []conversation  `json:"conversations"`
}

// bubbleTime is the clock at the start of a synctest bubble.
var bubbleTime = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// webKeys are the same in every run.
func webKeys(name string, count int) []types.MockPV {
	keys := make([]types.MockPV, count)
	for i := range keys {
		secret := fmt.Appendf(nil, "%s %d", name, i)
		keys[i] = types.NewMockPVWithParams(ed25519.GenPrivKeyFromSecret(secret), false, false)
	}
	return keys
}

func webAddress(i int) string { return fmt.Sprintf("http://server-%d", i) }

// webCase is a check that is to be recorded.
type webCase struct {
	name string
	// world is set where it is not the first one.
	world *world
	// handlers of the servers in order; nil stands for one that does not answer.
	handlers []http.Handler
	change   func(*Config)
	rewrite  func(address, method string, answer []byte) []byte
	document []byte // nil is the true report
	// failed are the claims that have to fail, unless there is an error.
	failed []string
	error  string
}

// record runs a case of a world, whose honest answers need not be kept again.
func (c webCase) record(t *testing.T, w *world, honest []webExchange) conversation {
	t.Helper()
	recorder := &recorder{t: t, handlers: map[string]http.Handler{}, rewrite: c.rewrite}
	var addresses []string
	for i, handler := range c.handlers {
		addresses = append(addresses, webAddress(i))
		if handler != nil {
			recorder.handlers[webAddress(i)] = handler
		}
	}
	config := w.config(addresses...)
	if c.change != nil {
		c.change(&config)
	}
	recorded := conversation{Name: c.name, Report: c.document, Servers: map[string]webServer{}, Config: webConfig{
		RPC: addresses, ChainID: config.ChainID, MaxAgeSeconds: int64(config.MaxAge / time.Second),
		Trust: webTrust{config.Trust.Height, hex.EncodeToString(config.Trust.Hash), int64(config.Trust.Period / time.Second)},
	}}
	document := c.document
	if document == nil {
		document = w.document(t)
	}
	report, err := ParseReport(document)
	require.NoError(t, err)
	var result Result
	synctest.Test(t, func(t *testing.T) {
		verifier := recorder.verifier(config)
		result, err = verifier.Verify(t.Context(), report)
		require.NoError(t, verifier.Close())
	})
	if c.error != "" {
		require.ErrorContains(t, err, c.error)
		recorded.Error = c.error
	} else {
		require.NoError(t, err)
		require.Equal(t, c.failed, failed(result), "%s: %+v", c.name, result.Claims)
	}
	for _, claim := range result.Claims {
		kept := webClaim{Name: claim.Name, OK: claim.OK}
		if claim.OK || strings.HasPrefix(claim.Detail, "not checked") {
			kept.Detail = claim.Detail
		}
		recorded.Claims = append(recorded.Claims, kept)
	}
	recorder.askAll(honest)
	for address := range recorder.handlers {
		recorded.Servers[address] = differing(recorder.answered[address], honest)
	}
	return recorded
}

// differing keeps the answers that are not those of the honest server.
func differing(all answers, honest []webExchange) webServer {
	kept := webServer{Same: []int{}, Answers: maps.Clone(all)}
	for i, exchange := range honest {
		if bytes.Equal(all[exchange.Request], exchange.Answer) {
			kept.Same = append(kept.Same, i)
			delete(kept.Answers, exchange.Request)
		}
	}
	return kept
}

func TestWebVectors(t *testing.T) {
	w := newWorldAt(t, bubbleTime, webKeys("validator", 4)...)
	var honest []webExchange
	alone := webCase{name: "honest", handlers: []http.Handler{w.handler(nil)}}.record(t, w, nil)
	for _, request := range slices.Sorted(maps.Keys(alone.Servers[webAddress(0)].Answers)) {
		honest = append(honest, webExchange{request, alone.Servers[webAddress(0)].Answers[request]})
	}
	var recorded []conversation
	for _, c := range slices.Concat(honestCases(t, w), lyingCases(t, w), falseCases(t, w), headerCases(t, w), stateCases(t)) {
		on := w
		if c.world != nil {
			on = c.world
		}
		recorded = append(recorded, c.record(t, on, honest))
	}
	webvectors.Require(t, "light/testdata/conversations.json", webVectors{
		Now: bubbleTime, Report: w.document(t), Honest: honest, Conversations: recorded,
	})
}
