package indexer

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// filesPerPage are the samples that are opened between two notes of the progress.
const filesPerPage = 32

// Plaintexts opens the content of a sample. An error means that this node cannot.
type Plaintexts func(ctx context.Context, entry samplestypes.SampleEntry) (io.ReadCloser, error)

// Identify finds what the index keeps of a file beside its submissions.
type Identify func(ctx context.Context, content *engine.Content) (index.File, error)

// Rebuild drops what comes from the chain and reads it again, and then finds the hashes and the
// details of files that the index does not know, by opening them. It tells how far it is, and goes on
// where it was left when it was interrupted. Keys, quotas, names and submissions stay.
func (x *Indexer) Rebuild(ctx context.Context, open Plaintexts, identify Identify, tell func(State)) (State, error) {
	last := State{}
	note := func(s State) { last = s; tell(s) }
	p, err := x.deps.Index.Progress(ctx)
	if err != nil {
		return last, err
	}
	if !strings.HasPrefix(p.Phase, rebuild) {
		status, err := x.deps.Chain.Status(ctx)
		if err != nil {
			return last, err
		}
		p = index.Progress{Chain: status.ChainID, Height: status.Height, Phase: rebuild + phaseRounds}
		if err := x.deps.Index.Forget(ctx, p); err != nil {
			return last, err
		}
	}
	if p.Phase != rebuild+phaseFiles {
		if p, err = x.readState(ctx, p, note); err != nil {
			return last, err
		}
	}
	last.Height, last.MissingRounds = p.Height, p.Missing
	if err := x.openFiles(ctx, &p, open, identify, &last, note); err != nil {
		return last, err
	}
	p.Phase, p.Cursor = "", nil
	return last, x.deps.Index.SetProgress(ctx, p)
}

// openFiles looks for the other hashes and the details of what the chain knows by its SHA-256
// alone.
func (x *Indexer) openFiles(ctx context.Context, p *index.Progress, open Plaintexts, identify Identify, state *State, tell func(State)) error {
	for {
		hashes, err := x.deps.Index.SamplesToOpen(ctx, p.Cursor, filesPerPage)
		if err != nil {
			return err
		}
		for _, hash := range hashes {
			err := x.openFile(ctx, hash, open, identify)
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case errors.Is(err, errNode):
				return err
			case err != nil:
				x.log.Debug("a sample cannot be opened here", "sha256", hex.EncodeToString(hash), "error", err)
				state.Unopened++
			default:
				state.Files++
			}
			p.Cursor = hash
		}
		state.Phase = phaseFiles
		tell(*state)
		if len(hashes) < filesPerPage {
			return nil
		}
		if err := x.deps.Index.SetProgress(ctx, *p); err != nil {
			return err
		}
	}
}

// errNode means that it is not the sample's fault.
var errNode = errors.New("the node or the index does not answer")

func (x *Indexer) openFile(ctx context.Context, hash []byte, open Plaintexts, identify Identify) error {
	found, err := x.deps.Chain.Samples().Sample(ctx, &samplestypes.QuerySampleRequest{Sha256: hex.EncodeToString(hash)})
	if status.Code(err) == codes.NotFound {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNode, err)
	}
	found.Entry.Sha256 = hash
	plain, err := open(ctx, found.Entry)
	if err != nil {
		return err
	}
	defer plain.Close()
	content, err := engine.NewContent(plain, int64(found.Entry.Sample.SizeBytes))
	if err != nil {
		return err
	}
	defer content.Close()
	if !bytes.Equal(content.SHA256[:], hash) {
		return errors.New("the content has another hash")
	}
	file, err := identify(ctx, content)
	if err != nil {
		return err
	}
	file.State = index.StateOnChain
	if err := x.deps.Index.AddKnown(ctx, file); err != nil {
		return fmt.Errorf("%w: %w", errNode, err)
	}
	return nil
}
