// Package node assembles a supernode from its configuration: it opens the parts in
// order, runs the roles that are switched on, starts a failed role again, and stops
// everything in time.
package node

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"github.com/virusmap/virusmap/supernode/broker"
	"github.com/virusmap/virusmap/supernode/custody"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/gateway"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/scanner"
)

// Config is a supernode's config.toml.
type Config struct {
	Roles   Roles          `toml:"roles" comment:"What this process does."`
	Log     Log            `toml:"log"`
	Chain   Chain          `toml:"chain" comment:"The node that this supernode reads from and broadcasts to."`
	Vault   Vault          `toml:"vault" comment:"Encrypted samples and the private swarm that exchanges them; its key is swarm.key."`
	Queue   Queue          `toml:"queue" comment:"Work that must not get lost."`
	Index   Index          `toml:"index" comment:"What the gateway remembers and looks up."`
	Gateway gateway.Config `toml:"gateway" comment:"The HTTP API."`
	Scanner scanner.Config `toml:"scanner" comment:"Scanning and attesting for an operator."`
	Engines Engines        `toml:"engines" comment:"What the scanner scans with."`
	Custody custody.Config `toml:"custody" comment:"Keeping the samples that the chain assigns to the operator; on with the scanner."`
	Broker  broker.Config  `toml:"broker" comment:"Delivering the keys of samples that are sold."`
}

// Roles are the parts of a supernode that can be switched on alone.
type Roles struct {
	Vault   bool `toml:"vault" comment:"store and serve encrypted samples; the others need it"`
	Gateway bool `toml:"gateway" comment:"take in files and answer reports"`
	Scanner bool `toml:"scanner" comment:"scan the samples of each round, attest the verdicts, and keep the assigned samples"`
	Broker  bool `toml:"broker" comment:"deliver the keys of samples that are sold; runs with the scanner, which has the vault keys. Without it every order that the chain assigns to the operator costs a part of its bond"`
}

// Log is how the process tells what it does, on standard error.
type Log struct {
	Level  string `toml:"level" comment:"debug, info, warn or error"`
	Format string `toml:"format" comment:"text or json"`
}

// Chain tells which node and which key to use.
type Chain struct {
	ChainID        string `toml:"chain_id"`
	GRPC           string `toml:"grpc" comment:"host:port, or https://host:port for TLS"`
	RPC            string `toml:"rpc"`
	REST           string `toml:"rest" comment:"URL of the node's API server, such as http://127.0.0.1:1317, to pass /chain/rest on to; empty is off"`
	KeyringDir     string `toml:"keyring_dir" comment:"relative to this folder; the keyring of vmtd keys works too"`
	KeyringBackend string `toml:"keyring_backend" comment:"test or file"`
	Key            string `toml:"key" comment:"signs commits and reveals, and pays the deposits of uploads"`
	GasPrices      string `toml:"gas_prices"`
}

// Vault tells how to reach other supernodes.
type Vault struct {
	Listen  []string `toml:"listen" comment:"multiaddrs; empty listens nowhere but still dials"`
	Peers   []string `toml:"peers" comment:"multiaddrs ending in /p2p/<peer id>"`
	Offline bool     `toml:"offline" comment:"no swarm at all"`
}

// Queue tells where work waits.
type Queue struct {
	URL      string `toml:"url" comment:"an external NATS cluster; empty keeps the queue in this folder"`
	MaxBytes int64  `toml:"max_bytes" comment:"0 means no bound but the disk's"`
	Replicas int    `toml:"replicas" comment:"of each message in an external cluster"`
}

// Index tells where the index is.
type Index struct {
	URL string `toml:"url" comment:"a PostgreSQL database, such as postgres://user:password@host:5432/virusmap, which supernodes may share; empty keeps a SQLite file in this folder"`
}

// Engines mirrors engine.Config.
type Engines struct {
	Workers     int      `toml:"workers" comment:"isolated worker processes per pool; 0 means one per CPU"`
	MemoryBytes uint64   `toml:"memory_bytes" comment:"bound of one worker; 0 means 1 GiB"`
	Engines     []Engine `toml:"engines"`
}

// Engine mirrors engine.EngineConfig.
type Engine struct {
	Name           string         `toml:"name"`
	Kind           string         `toml:"kind" comment:"clamd, yara, heuristics, exec, blocklist, urlrules, lookalike or fetch"`
	TimeoutSeconds uint32         `toml:"timeout_seconds"`
	Samples        []string       `toml:"samples,omitempty"`
	Options        map[string]any `toml:"options,omitempty"`
}

// Files and folders of a home.
const (
	configFile   = "config.toml"
	swarmKeyFile = "swarm.key"
	identityFile = "identity.age"
	indexFile    = "index.db"
	vaultDir     = "vault"
	queueDir     = "queue"
	feedsDir     = "feeds"
	bundlesDir   = "bundles"
	enginesDir   = "engines"
	scannerDir   = "scanner"
	privateDir   = "private"
	// peerKeysFile keeps the vault keys that peers gave, sealed to the identity.
	peerKeysFile = "vault-keys.age"
	// claimSecretFile holds the secret behind the salts of the gateway's claims.
	claimSecretFile = "claims.key"
	// peerKeyFile is where the vault keeps its libp2p key.
	peerKeyFile = vaultDir + "/libp2p.key"
)

// DefaultConfig is what Init writes.
func DefaultConfig(home string) Config {
	cfg := Config{
		Roles: Roles{Vault: true, Gateway: true, Scanner: true, Broker: true},
		Log:   Log{Level: "info", Format: "text"},
		Chain: Chain{
			ChainID: "virusmap-demo-1", GRPC: "127.0.0.1:9090", RPC: "http://127.0.0.1:26657",
			KeyringBackend: "test", Key: "sidecar", GasPrices: "0.025uvmt",
		},
		Vault:   Vault{Listen: []string{"/ip4/127.0.0.1/tcp/4001"}, Peers: []string{}},
		Gateway: gateway.DefaultConfig(),
		Scanner: scanner.DefaultConfig(),
		Custody: custody.DefaultConfig(),
		Broker:  broker.DefaultConfig(),
	}
	engines := engine.DefaultConfig(filepath.Join(home, enginesDir))
	cfg.Engines.Workers, cfg.Engines.MemoryBytes = engines.Workers, engines.MemoryBytes
	for _, e := range engines.Engines {
		cfg.Engines.Engines = append(cfg.Engines.Engines, Engine(e))
	}
	return cfg
}

// Load reads the configuration of a home. A field that does not exist is an error.
func Load(home string) (Config, error) {
	path := filepath.Join(home, configFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, fmt.Errorf("%s does not exist; make it with: supernode init --home %s", path, home)
	}
	if err != nil {
		return Config{}, err
	}
	cfg := DefaultConfig(home)
	cfg.Engines.Engines = nil // those in the file are all there are
	decoder := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields()
	if err := decoder.Decode(&cfg); err != nil {
		var unknown *toml.StrictMissingError
		if errors.As(err, &unknown) {
			return Config{}, fmt.Errorf("%s has fields that do not exist:\n%s", path, unknown.String())
		}
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := cfg.Validate(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, nil
}

// Encode renders the configuration as TOML with a comment for each field.
func (c Config) Encode() ([]byte, error) {
	var out bytes.Buffer
	encoder := toml.NewEncoder(&out).SetArraysMultiline(true)
	err := encoder.Encode(c)
	return out.Bytes(), err
}

// Validate names the first field that is wrong. Whether a key or an engine works is
// found out by opening it.
func (c Config) Validate() error {
	if _, err := c.Log.level(); err != nil {
		return fmt.Errorf("log: level: %w", err)
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		return fmt.Errorf("log: format: %q is not text or json", c.Log.Format)
	}
	if (c.Roles.Gateway || c.Roles.Scanner) && !c.Roles.Vault {
		return errors.New("roles: gateway and scanner need the vault")
	}
	if !c.Roles.Vault {
		return errors.New("roles: none is on")
	}
	if c.Roles.Gateway {
		if err := c.Gateway.Validate(); err != nil {
			return fmt.Errorf("gateway: %w", err)
		}
	}
	if c.Roles.Scanner {
		if err := c.Custody.Validate(); err != nil {
			return fmt.Errorf("custody: %w", err)
		}
		if err := c.Broker.Validate(); err != nil {
			return fmt.Errorf("broker: %w", err)
		}
		if err := c.engines().Validate(); err != nil {
			return fmt.Errorf("engines: %w", err)
		}
		if c.Roles.Gateway && c.Gateway.Private.Enabled && c.Gateway.Private.MaxBytes > c.Scanner.MemoryBytes {
			return fmt.Errorf("gateway: private: max_bytes: %d is more than scanner.memory_bytes, %d", c.Gateway.Private.MaxBytes, c.Scanner.MemoryBytes)
		}
		if len(c.Engines.Engines) == 0 {
			return errors.New("engines: the scanner needs at least one")
		}
	}
	return nil
}

// scanner is the scanner's configuration in a home.
func (c Config) scanner(home string) scanner.Config {
	cfg := c.Scanner
	cfg.Dir = filepath.Join(home, scannerDir)
	return cfg
}

// gateway is the gateway's configuration; it reports sightings for the scanner's operator.
func (c Config) gateway() gateway.Config {
	cfg := c.Gateway
	cfg.ChainID, cfg.Operator = c.Chain.ChainID, c.Scanner.Operator
	cfg.FetchEngine = slices.ContainsFunc(c.Engines.Engines, func(e Engine) bool { return e.Kind == "fetch" })
	cfg.ChainRPC, cfg.ChainREST, cfg.GasPrice = c.Chain.RPC, c.Chain.REST, c.Chain.GasPrices
	return cfg
}

// index is where the index of a home is.
func (c Config) index(home string) index.Config {
	return index.Config{Path: filepath.Join(home, indexFile), URL: c.Index.URL}
}

// custody is the custody's configuration; it works for the scanner's operator.
func (c Config) custody() custody.Config {
	cfg := c.Custody
	cfg.Operator = c.Scanner.Operator
	return cfg
}

// broker is the broker's configuration; it works for the scanner's operator.
func (c Config) broker() broker.Config {
	cfg := c.Broker
	cfg.Operator = c.Scanner.Operator
	return cfg
}

// checkStart tells what is still missing after Init.
func (c Config) checkStart(home string) error {
	if !c.Roles.Scanner {
		return nil
	}
	if c.Scanner.Operator == "" {
		return errors.New("scanner: operator is empty: set the address of the registered supernode, or roles.scanner = false")
	}
	if err := c.scanner(home).Validate(); err != nil {
		return fmt.Errorf("scanner: %w", err)
	}
	return nil
}

func (c Config) engines() engine.Config {
	cfg := engine.Config{Workers: c.Engines.Workers, MemoryBytes: c.Engines.MemoryBytes}
	for _, e := range c.Engines.Engines {
		cfg.Engines = append(cfg.Engines, engine.EngineConfig(e))
	}
	return cfg
}

// keyringDir is where the signing key is.
func (c Config) keyringDir(home string) string {
	if filepath.IsAbs(c.Chain.KeyringDir) {
		return c.Chain.KeyringDir
	}
	return filepath.Join(home, c.Chain.KeyringDir)
}

func (l Log) level() (level slog.Level, err error) {
	err = level.UnmarshalText([]byte(l.Level))
	return level, err
}

// Logger writes to standard error.
func (l Log) Logger() (*slog.Logger, error) {
	level, err := l.level()
	if err != nil {
		return nil, err
	}
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options)), nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options)), nil
}
