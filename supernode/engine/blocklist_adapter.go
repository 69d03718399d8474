package engine

import (
	"bytes"
	"context"
	"crypto/md5" //nolint:gosec // lists of hashes have it
	"fmt"
	"io"
	"time"

	"github.com/virusmap/virusmap/supernode/engine/blocklist"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// BlocklistOptions of an engine of kind "blocklist".
type BlocklistOptions struct {
	// Lists are the files; a changed one is taken up within a second.
	Lists []blocklist.List `mapstructure:"lists"`
}

// BlocklistVersion changes whenever the look-up does.
const BlocklistVersion = "2.0.0"

// blocklistUndetected is how sure "not listed" is: hardly.
const blocklistUndetected = 1

// blocklistAdapter looks up in this process: nothing of a sample is parsed but a URL, which
// every gateway parses too.
type blocklistAdapter struct {
	lists *blocklist.Lists
}

func openBlocklist(_ context.Context, config EngineConfig, pools *pools) (adapter, error) {
	var options BlocklistOptions
	if err := config.decode(&options); err != nil {
		return nil, err
	}
	lists, err := blocklist.Open(options.Lists, pools.config.log().With("engine", config.Name))
	if err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	return &blocklistAdapter{lists}, nil
}

func (a *blocklistAdapter) info(context.Context) (Info, error) {
	now := a.lists.Current()
	return Info{
		Version: BlocklistVersion, Method: "blocklist", Note: fmt.Sprintf("%d entries", now.Set.Len()),
		SignatureDigest: bytes.Clone(now.Files.Digest[:]), SignatureTime: now.Files.Time,
	}, nil
}

func (a *blocklistAdapter) scan(ctx context.Context, content *Content, timeout time.Duration) (Verdict, error) {
	set := a.lists.Current().Set
	match, found := set.SHA256(content.SHA256)
	switch {
	case found:
	case content.Kind == samplestypes.KIND_URL:
		u, err := readURL(content)
		if err != nil {
			return notAURL(err), nil
		}
		match, found = set.URL(u)
	case set.NeedsMD5():
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		sum, err := md5Of(ctx, content)
		if err != nil {
			return Verdict{}, err
		}
		match, found = set.MD5(sum)
	}
	if !found {
		return Verdict{Category: verdictstypes.CATEGORY_UNDETECTED, Confidence: blocklistUndetected}, nil
	}
	verdict := Verdict{
		Category: verdictstypes.CATEGORY_SUSPICIOUS, Confidence: match.Confidence, Label: match.Label, Detail: "listed in " + match.List,
	}
	if match.Malicious {
		verdict.Category = verdictstypes.CATEGORY_MALICIOUS
	}
	return verdict, nil
}

func (a *blocklistAdapter) close() error { return a.lists.Close() }

// md5Of hashes a content until ctx ends.
func md5Of(ctx context.Context, content *Content) (sum [md5.Size]byte, err error) {
	hash := md5.New()
	const step = 16 << 20
	for offset := int64(0); offset < content.Size; offset += step {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		if _, err := io.Copy(hash, io.NewSectionReader(content.File, offset, min(step, content.Size-offset))); err != nil {
			return sum, err
		}
	}
	return [md5.Size]byte(hash.Sum(nil)), nil
}
