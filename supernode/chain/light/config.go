package light

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"
)

const (
	// DefaultMaxAge is how old the newest block may be.
	DefaultMaxAge = 5 * time.Minute

	maxTrustFileBytes = 64 << 10
	maxServers        = 16
)

// Config says whom to trust and whom to ask.
type Config struct {
	ChainID string
	// RPC are CometBFT RPC addresses. The first serves the headers, the others
	// are witnesses; all of them may lie.
	RPC   []string
	Trust Trust
	// Home keeps verified headers in Home/light, so that the next run goes on from
	// them; empty keeps them in memory.
	Home string
	// MaxAge of the newest block; 0 means DefaultMaxAge.
	MaxAge time.Duration
}

// Trust is the block from which everything else is derived. It has to come from a
// source that the user trusts, and not from the servers.
type Trust struct {
	Height int64
	Hash   []byte
	// Period in which validators of a block can still be punished; shorter than the
	// chain's unbonding time.
	Period time.Duration
}

// trustFile is the JSON form: {"chain_id", "rpc", "height", "hash", "period_seconds"}.
type trustFile struct {
	ChainID       string   `json:"chain_id"`
	RPC           []string `json:"rpc"`
	Height        int64    `json:"height"`
	Hash          string   `json:"hash"`
	PeriodSeconds int64    `json:"period_seconds"`
}

// ReadTrustFile reads trust.json. Home and MaxAge are left to the caller.
func ReadTrustFile(path string) (Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return Config{}, err
	}
	defer file.Close()
	decoder := json.NewDecoder(io.LimitReader(file, maxTrustFileBytes))
	decoder.DisallowUnknownFields()
	var trust trustFile
	if err := decoder.Decode(&trust); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	hash, err := hex.DecodeString(trust.Hash)
	if err != nil {
		return Config{}, fmt.Errorf("%s: hash is not hex", path)
	}
	config := Config{
		ChainID: trust.ChainID,
		RPC:     trust.RPC,
		Trust: Trust{
			Height: trust.Height,
			Hash:   hash,
			Period: time.Duration(trust.PeriodSeconds) * time.Second,
		},
	}
	if err := config.validate(); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return config, nil
}

// WriteTrustFile writes what ReadTrustFile reads.
func WriteTrustFile(path string, config Config) error {
	if err := config.validate(); err != nil {
		return err
	}
	document, err := json.MarshalIndent(trustFile{
		ChainID:       config.ChainID,
		RPC:           config.RPC,
		Height:        config.Trust.Height,
		Hash:          hex.EncodeToString(config.Trust.Hash),
		PeriodSeconds: int64(config.Trust.Period / time.Second),
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(document, '\n'), 0o644)
}

// The chain id becomes part of a directory name.
var chainIDPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$`)

func (c Config) validate() error {
	switch {
	case !chainIDPattern.MatchString(c.ChainID):
		return fmt.Errorf("chain_id %.64q is not 1..50 characters of [A-Za-z0-9._-]", c.ChainID)
	case len(c.RPC) == 0 || len(c.RPC) > maxServers:
		return fmt.Errorf("rpc has %d addresses, want 1..%d", len(c.RPC), maxServers)
	case c.Trust.Height < 1:
		return fmt.Errorf("height is %d, want at least 1", c.Trust.Height)
	case len(c.Trust.Hash) != 32:
		return fmt.Errorf("hash has %d bytes, want 32", len(c.Trust.Hash))
	case c.Trust.Period < time.Second || c.Trust.Period > 365*24*time.Hour:
		return fmt.Errorf("period_seconds is %d, want 1 second to 365 days", int64(c.Trust.Period/time.Second))
	case c.MaxAge < 0:
		return fmt.Errorf("max age %s is negative", c.MaxAge)
	}
	return nil
}
