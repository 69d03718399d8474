package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/indexer"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// keepTimeout bounds what is done for the index with a file that is open for the engines.
const keepTimeout = 30 * time.Second

// identify finds what the index keeps of a file. A file that breaks its worker has no details.
func (n *Node) identify(analyser *analysis.Analyser) indexer.Identify {
	return func(ctx context.Context, content *engine.Content) (index.File, error) {
		known, err := analysis.Identify(content)
		if err != nil {
			return index.File{}, err
		}
		file := index.File{
			SHA256: known.SHA256, SHA1: known.SHA1, MD5: known.MD5, Size: known.Size, TypeTag: known.TypeTag, State: index.StateOnChain,
		}
		found, err := analyser.Details(ctx, content)
		if err != nil {
			n.log.Warn("a file has no details", "sha256", hex.EncodeToString(content.SHA256[:]), "error", err)
			return file, nil
		}
		file.Details = &index.Details{SSDEEP: found.SSDEEP, TLSH: found.TLSH, Authentihash: found.Authentihash}
		if found.PE != nil {
			file.Details.PE, err = json.Marshal(found.PE)
		}
		return file, err
	}
}

// keepDetails keeps for reports what the content of a file tells that was opened for the
// engines. Without an index nobody asks; losing it costs a few attributes until the file is
// opened again.
func (n *Node) keepDetails(analyser *analysis.Analyser) func(*engine.Content) {
	if n.index == nil {
		return nil
	}
	identify := n.identify(analyser)
	return func(content *engine.Content) {
		if content.Kind != samplestypes.KIND_FILE {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
		defer cancel()
		known, err := n.index.HasDetails(ctx, content.SHA256)
		if err == nil && !known {
			var file index.File
			if file, err = identify(ctx, content); err == nil {
				err = n.index.AddKnown(ctx, file)
			}
		}
		if err != nil {
			n.log.Warn("the details of a file are not kept", "sha256", hex.EncodeToString(content.SHA256[:]), "error", err)
		}
	}
}
