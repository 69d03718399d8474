package engine

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/go-viper/mapstructure/v2"

	"github.com/virusmap/virusmap/supernode/engine/fetch"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// Config lists the engines of a node.
type Config struct {
	// Workers is the number of isolated worker processes per pool; 0 means one per CPU.
	Workers int `mapstructure:"workers"`
	// MemoryBytes bounds the private memory of one worker; 0 means 1 GiB.
	MemoryBytes uint64         `mapstructure:"memory_bytes"`
	Engines     []EngineConfig `mapstructure:"engines"`
	// Pool is the parser pool to share with others, such as analysis. When it is nil
	// the engines make one, and close it with the last of them.
	Pool *worker.Pool `mapstructure:"-"`
	// Fetched hears what engines of kind "fetch" saw of a URL sample; nil for nobody.
	Fetched func(sample [32]byte, facts fetch.Facts) `mapstructure:"-"`
	// Log hears of what an engine does on its own, such as taking up a changed list; nil
	// means the default.
	Log *slog.Logger `mapstructure:"-"`
}

func (c Config) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.Default()
}

// EngineConfig is one engine.
type EngineConfig struct {
	// Name on chain: 1..32 characters of [A-Za-z0-9._-], unique in the node.
	Name string `mapstructure:"name"`
	// Kind of adapter: clamd, yara, heuristics, exec, blocklist, urlrules, lookalike or fetch.
	Kind string `mapstructure:"kind"`
	// TimeoutSeconds for one attempt; 0 means 30. A scan makes up to two.
	TimeoutSeconds uint32 `mapstructure:"timeout_seconds"`
	// Samples the engine takes: file, url, intel; empty means file.
	Samples []string `mapstructure:"samples"`
	// Options of the kind: ClamdOptions, YaraOptions, ExecOptions, BlocklistOptions,
	// LookalikeOptions or FetchOptions.
	Options map[string]any `mapstructure:"options"`
}

const (
	defaultTimeoutSeconds = 30
	maxTimeoutSeconds     = 3600
	// maxEngines is x/verdicts' bound on the engines of one supernode.
	maxEngines = 16
)

// DefaultConfig is the six engines that come with VirusMap: three for files, two for URLs,
// and the blocklist for all. dir holds their signatures, rules and lists (the repository's
// engines/ folder, or where engines.Install put it); it must be readable for everybody when
// the node runs as root.
func DefaultConfig(dir string) Config {
	list := func(file, category string) map[string]any {
		return map[string]any{
			"path": filepath.Join(dir, "blocklist", file), "category": category, "name": "shipped-" + category,
		}
	}
	return Config{Engines: []EngineConfig{
		{Name: "ClamAV", Kind: "clamd", TimeoutSeconds: 60, Options: map[string]any{
			"signatures": filepath.Join(dir, "clamav"),
		}},
		{Name: "YARA", Kind: "yara", TimeoutSeconds: 30, Options: map[string]any{
			"rules": filepath.Join(dir, "yara"),
		}},
		{Name: "Heuristics", Kind: "heuristics", TimeoutSeconds: 30},
		{Name: "Blocklist", Kind: "blocklist", TimeoutSeconds: 30, Samples: []string{"file", "url", "intel"}, Options: map[string]any{
			"lists": []map[string]any{
				list("hashes.txt", "malware"), list("hosts.txt", "malware"), list("phishing.txt", "phishing"),
				list("counterfeit.txt", "counterfeit"), list("cryptomining.txt", "cryptomining"), list("suspicious.txt", "suspicious"),
			},
		}},
		{Name: "URLRules", Kind: "urlrules", TimeoutSeconds: 10, Samples: []string{"url"}},
		{Name: "Lookalike", Kind: "lookalike", TimeoutSeconds: 10, Samples: []string{"url"}, Options: map[string]any{
			"brands": filepath.Join(dir, "urlrules", "brands.txt"),
		}},
	}}
}

// Validate tells the first field that is wrong.
func (c Config) Validate() error {
	if c.Workers < 0 {
		return fmt.Errorf("workers: %d, want 0 or more", c.Workers)
	}
	if len(c.Engines) > maxEngines {
		return fmt.Errorf("engines: %d, at most %d", len(c.Engines), maxEngines)
	}
	seen := map[string]bool{}
	for i, engine := range c.Engines {
		if err := engine.validate(); err != nil {
			return fmt.Errorf("engines[%d]: %w", i, err)
		}
		if seen[engine.Name] {
			return fmt.Errorf("engines[%d]: name %q is taken", i, engine.Name)
		}
		seen[engine.Name] = true
	}
	return nil
}

func (c EngineConfig) validate() error {
	if err := verdictstypes.ValidateEngineName(c.Name); err != nil {
		return err
	}
	if _, ok := kinds[c.Kind]; !ok {
		return fmt.Errorf("%s: kind %q is none of clamd, yara, heuristics, exec, blocklist, urlrules, lookalike, fetch", c.Name, c.Kind)
	}
	if c.TimeoutSeconds > maxTimeoutSeconds {
		return fmt.Errorf("%s: timeout_seconds %d, at most %d", c.Name, c.TimeoutSeconds, maxTimeoutSeconds)
	}
	_, err := c.samples()
	return err
}

func (c EngineConfig) timeout() time.Duration {
	if c.TimeoutSeconds == 0 {
		return defaultTimeoutSeconds * time.Second
	}
	return time.Duration(c.TimeoutSeconds) * time.Second
}

func (c EngineConfig) samples() ([]samplestypes.Kind, error) {
	if len(c.Samples) == 0 {
		return []samplestypes.Kind{samplestypes.KIND_FILE}, nil
	}
	names := map[string]samplestypes.Kind{
		"file": samplestypes.KIND_FILE, "url": samplestypes.KIND_URL, "intel": samplestypes.KIND_INTEL,
	}
	var kinds []samplestypes.Kind
	for _, name := range c.Samples {
		kind, ok := names[name]
		if !ok {
			return nil, fmt.Errorf("%s: samples: %q is none of file, url, intel", c.Name, name)
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

// decode reads the options strictly: a misspelt option is an error.
func (c EngineConfig) decode(into any) error {
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{ErrorUnused: true, WeaklyTypedInput: true, Result: into})
	if err != nil {
		return err
	}
	if err := decoder.Decode(c.Options); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	return nil
}
