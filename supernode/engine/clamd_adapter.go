package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/clamd"
	"github.com/virusmap/virusmap/supernode/engine/signatures"
	"github.com/virusmap/virusmap/supernode/engine/worker"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// ClamdOptions of an engine of kind "clamd". With Address it uses a running
// daemon; without, it runs one of its own.
type ClamdOptions struct {
	// Address of a running daemon: unix:/path or tcp:host:port.
	Address string `mapstructure:"address"`
	// Database is the folder that daemon loads, for the signature digest; empty when
	// it is on another machine.
	Database string `mapstructure:"database"`
	// Program to run; empty means /usr/sbin/clamd.
	Program string `mapstructure:"program"`
	// Official is freshclam's folder; empty means /var/lib/clamav. It is used when it
	// holds the main and daily sets.
	Official string `mapstructure:"official"`
	// Signatures is the folder used when Official holds no sets.
	Signatures string `mapstructure:"signatures"`
	// MaxFileMegabytes a daemon of our own looks at; 0 means 256.
	MaxFileMegabytes uint32 `mapstructure:"max_file_megabytes"`
	// ReconnectSeconds to wait for a daemon that is starting again, within the
	// timeout; 0 means 20.
	ReconnectSeconds uint32 `mapstructure:"reconnect_seconds"`
}

const (
	projectNote  = "project test signatures; official updates not reachable"
	officialNote = "official ClamAV signatures"
	// testSet stands in the attested version for the number of the official set, so
	// that every report says on what its verdict rests.
	testSet = "test-set"

	// How sure "nothing found" is: a test set knows next to nothing.
	officialUndetected = 10
	projectUndetected  = 2
	// How sure a finding is.
	signatureConfidence = 15
	hintConfidence      = 8
)

type clamdAdapter struct {
	client    clamd.Client
	daemon    *clamd.Daemon // nil when it is not ours
	database  string
	reconnect time.Duration
	digest    signatures.Digester
}

func openClamd(ctx context.Context, config EngineConfig, _ *pools) (adapter, error) {
	options := ClamdOptions{Official: "/var/lib/clamav", MaxFileMegabytes: 256, ReconnectSeconds: 20}
	if err := config.decode(&options); err != nil {
		return nil, err
	}
	adapter := &clamdAdapter{
		database: options.Database, reconnect: time.Duration(options.ReconnectSeconds) * time.Second,
		digest: signatures.Digester{Match: clamd.IsDatabase},
	}
	if options.Address != "" {
		client, err := clamd.ParseAddress(options.Address)
		if err != nil {
			return nil, fmt.Errorf("options: %w", err)
		}
		adapter.client = client
		return adapter, nil
	}
	daemon, err := clamd.Start(ctx, clamd.DaemonConfig{
		Program: options.Program, Official: options.Official, Signatures: options.Signatures,
		MaxFileBytes: int64(options.MaxFileMegabytes) << 20, ScanTimeout: config.timeout(),
	})
	if err != nil {
		return nil, err
	}
	adapter.client, adapter.daemon, adapter.database = daemon.Client, daemon, daemon.Database
	return adapter, nil
}

func (a *clamdAdapter) info(ctx context.Context) (Info, error) {
	version, err := a.client.Version(ctx)
	if err != nil {
		return Info{}, err
	}
	info := Info{Version: version.Engine, Method: "signatures", SignatureTime: version.Date, Note: officialNote}
	if a.database != "" {
		set, err := a.digest.Of([]string{a.database})
		if err != nil {
			return Info{}, err
		}
		info.SignatureDigest = set.Digest[:]
		if info.SignatureTime.IsZero() {
			info.SignatureTime = set.Time
		}
	}
	switch {
	case !a.official():
		info.Note, info.Version = projectNote, version.Engine+"/"+testSet
	case version.Signatures != "":
		info.Version = version.Engine + "/" + version.Signatures
	case a.daemon == nil:
		info.Note = "signatures of the operator's own; not the official sets"
	}
	return info, nil
}

// official is false when only the project's test signatures are loaded.
func (a *clamdAdapter) official() bool { return a.daemon == nil || a.daemon.Official }

func (a *clamdAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	giveUp := time.Now().Add(a.reconnect)
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		result, err := a.client.Scan(ctx, content.File, content.Size)
		switch {
		case err == nil:
			return a.verdict(result), nil
		case ctx.Err() != nil:
			return Verdict{}, worker.ErrTimeout
		case errors.Is(err, clamd.ErrClosed): // the content may have been the cause
			return Verdict{}, &worker.CrashError{State: err.Error()}
		case !errors.Is(err, clamd.ErrUnreachable) || time.Now().After(giveUp):
			return Verdict{}, err
		}
		select { // it is being started again
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func (a *clamdAdapter) verdict(result clamd.Result) Verdict {
	switch {
	case result.TooLarge:
		return Verdict{
			Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED,
			Detail:   "content is larger than clamd's StreamMaxLength",
		}
	case strings.HasPrefix(result.Name, "Heuristics.Limits.Exceeded"):
		return Verdict{
			Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED,
			Detail:   "content exceeds a limit of clamd: " + result.Name,
		}
	case result.Name == "" && a.official():
		return Verdict{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: officialUndetected}
	case result.Name == "":
		return Verdict{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: projectUndetected, Detail: projectNote}
	case strings.HasPrefix(result.Name, "Heuristics.") || strings.HasPrefix(result.Name, "PUA."):
		return Verdict{Category: verdictstypes.CATEGORY_SUSPICIOUS, Confidence: hintConfidence, Label: result.Name}
	}
	return Verdict{Category: verdictstypes.CATEGORY_MALICIOUS, Confidence: signatureConfidence, Label: result.Name}
}

func (a *clamdAdapter) close() error {
	if a.daemon == nil {
		return nil
	}
	return a.daemon.Close()
}
