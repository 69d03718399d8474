package system

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/network"
)

const (
	chainID = "virusmap-system-1"
	// patience bounds every single wait; the slowest takes about 40 seconds.
	patience = 2 * time.Minute
)

// world is a running network with a person who uses it and an account with funds.
type world struct {
	*network.Network
	person network.Person
	chain  *chain.Client
}

// setup says what differs from one world to another.
type setup struct {
	// supernodes are how many run; the last joiners of them are not registered yet.
	supernodes, joiners int
	// genesis holds values by path.
	genesis map[string]any
	// config changes the configuration of each supernode; nil leaves it.
	config func(config map[string]any)
}

// newWorld starts a network with one validator.
func newWorld(name string, with setup) (*world, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	net, err := network.New(ctx, network.Config{
		Dir: filepath.Join(networks, name), Bin: programs, ChainID: chainID,
		Validators: 1, Supernodes: with.supernodes, Joiners: with.joiners, PortOffset: -1,
		Genesis: func(genesis map[string]any) {
			network.FastGenesis(genesis)
			for path, value := range with.genesis {
				network.Set(genesis, path, value)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	w := &world{Network: net}
	for _, supernode := range net.Supernodes {
		if err := addMarkerEngine(supernode.Home); err != nil {
			return nil, err
		}
		if with.config == nil {
			continue
		}
		if err := editConfig(supernode.Home, with.config); err != nil {
			return nil, err
		}
	}
	if err := net.Start(ctx); err != nil {
		net.Stop()
		return w, err
	}
	if w.person, err = net.NewPerson(ctx); err != nil {
		return w, err
	}
	w.chain, err = w.dial(ctx, "validator")
	return w, err
}

// dial connects to the chain with a key of the first validator's keyring.
func (w *world) dial(ctx context.Context, key string) (*chain.Client, error) {
	validator := w.Validators[0]
	return chain.Dial(ctx, chain.Config{
		GRPC: validator.GRPC, RPC: validator.RPC, ChainID: chainID, GasPrices: "0.025uvmt",
		KeyringDir: validator.Home, KeyringBackend: "test", Key: key,
	})
}

// shared is the network of all tests that leave it as they found it.
var shared = sync.OnceValues(func() (*world, error) { return newWorld("shared", setup{supernodes: 1}) })

// sharedWorld gives the shared network to a test, working.
func sharedWorld(t *testing.T) *world {
	t.Helper()
	w, err := shared()
	showLogs(t, w)
	require.NoError(t, err)
	w.requireHealthy(t)
	return w
}

// ownWorld starts a network for one test.
func ownWorld(t *testing.T, name string, with setup) *world {
	t.Helper()
	w, err := newWorld(name, with)
	showLogs(t, w)
	require.NoError(t, err)
	t.Cleanup(w.Stop)
	return w
}

// showLogs prints the ends of the logs when the test fails.
func showLogs(t *testing.T, w *world) {
	t.Helper()
	if w == nil {
		return
	}
	t.Cleanup(func() {
		if !t.Failed() {
			return
		}
		for _, supernode := range w.Supernodes {
			t.Logf("── end of %s\n%s", supernode.Log, tail(supernode.Log))
		}
		for _, validator := range w.Validators {
			t.Logf("── end of %s\n%s", validator.Log, tail(validator.Log))
		}
	})
}

// tail is every error in a log and its last lines.
func tail(path string) string {
	const shown = 40
	log, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	last := max(0, len(lines)-shown)
	var errors []string
	for _, line := range lines[:last] {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, " ERR ") {
			errors = append(errors, line)
		}
	}
	return strings.Join(append(errors, lines[last:]...), "\n")
}

// Samples that hold these make the marker engine slow, or make it crash.
const (
	slowMarker  = "VIRUSMAP-TEST-SLOW"
	crashMarker = "VIRUSMAP-TEST-CRASH"
	slowSeconds = 3
)

// allEngines are how many a supernode has: the shipped ones and the marker engine.
const allEngines = 7

// markerEngine stands for an engine in another language with a parser that breaks.
var markerEngine = fmt.Sprintf(`#!/bin/sh
content=$(head -c 64 | tr -d '\000')
case $content in
*%s*) sleep %d ;;
*%s*) kill -ABRT $$ ;;
esac
printf '{"category":"undetected","confidence":1}\n'
`, slowMarker, slowSeconds, crashMarker)

// addMarkerEngine adds an engine of kind exec to a supernode's configuration.
func addMarkerEngine(home string) error {
	script := filepath.Join(home, "engines", "marker", "marker.sh")
	if err := os.MkdirAll(filepath.Dir(script), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(script, []byte(markerEngine), 0o755); err != nil {
		return err
	}
	return editConfig(home, func(config map[string]any) {
		engines := config["engines"].(map[string]any)
		engines["engines"] = append(engines["engines"].([]any), map[string]any{
			"name": "Marker", "kind": "exec", "timeout_seconds": 10,
			"options": map[string]any{"command": []string{script}, "version": "1.0.0"},
		})
	})
}

func editConfig(home string, edit func(map[string]any)) error {
	path := filepath.Join(home, "config.toml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	config := map[string]any{}
	if err := toml.Unmarshal(data, &config); err != nil {
		return err
	}
	edit(config)
	if data, err = toml.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}
