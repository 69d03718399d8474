package indexer

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// filesPerPage are the samples that are opened between two notes of the progress.
const filesPerPage = 32

// Plaintexts opens the content of a sample. An error means that this node cannot.
type Plaintexts func(ctx context.Context, entry samplestypes.SampleEntry) (io.ReadCloser, error)

// FileType names the type of content by its first headBytes bytes.
type FileType struct {
	Of        func(head []byte) string
	HeadBytes int
}

// Rebuild drops what comes from the chain and reads it again, and then finds the hashes of
// files that the index does not know, by opening them. It tells how far it is, and goes on
// where it was left when it was interrupted. Keys, quotas, names and submissions stay.
func (x *Indexer) Rebuild(ctx context.Context, open Plaintexts, fileType FileType, tell func(State)) (State, error) {
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
	if err := x.openFiles(ctx, &p, open, fileType, &last, note); err != nil {
		return last, err
	}
	p.Phase, p.Cursor = "", nil
	return last, x.deps.Index.SetProgress(ctx, p)
}

// openFiles looks for the other hashes of what the chain knows by its SHA-256 alone.
func (x *Indexer) openFiles(ctx context.Context, p *index.Progress, open Plaintexts, fileType FileType, state *State, tell func(State)) error {
	for {
		hashes, err := x.deps.Index.SamplesWithoutFile(ctx, p.Cursor, filesPerPage)
		if err != nil {
			return err
		}
		for _, hash := range hashes {
			err := x.openFile(ctx, hash, open, fileType)
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

func (x *Indexer) openFile(ctx context.Context, hash []byte, open Plaintexts, fileType FileType) error {
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
	file, err := identify(io.LimitReader(plain, int64(found.Entry.Sample.SizeBytes)+1), fileType)
	if err != nil {
		return err
	}
	if !bytes.Equal(file.SHA256[:], hash) {
		return errors.New("the content has another hash")
	}
	if err := x.deps.Index.AddKnown(ctx, file); err != nil {
		return fmt.Errorf("%w: %w", errNode, err)
	}
	return nil
}

// identify hashes a content. Nothing is known of its submissions.
func identify(content io.Reader, fileType FileType) (index.File, error) {
	head := make([]byte, fileType.HeadBytes)
	n, err := io.ReadFull(content, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return index.File{}, err
	}
	head = head[:n]
	hash256, hash1, hash5 := sha256.New(), sha1.New(), md5.New()
	size, err := io.Copy(io.MultiWriter(hash256, hash1, hash5), io.MultiReader(bytes.NewReader(head), content))
	if err != nil {
		return index.File{}, err
	}
	return index.File{
		SHA256: [32]byte(hash256.Sum(nil)), SHA1: [20]byte(hash1.Sum(nil)), MD5: [16]byte(hash5.Sum(nil)),
		Size: size, TypeTag: fileType.Of(head), State: index.StateOnChain,
	}, nil
}
