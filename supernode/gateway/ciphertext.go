package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/ipfs/go-cid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/virusmap/virusmap/supernode/vault"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// fetchTimeout bounds how long a ciphertext may take to come from peers.
const fetchTimeout = 10 * time.Minute

// getCiphertext streams the encrypted file of a sample as an IPFS gateway does. It is the
// same for everybody and opens with the key that its buyer is sent.
func (g *Gateway) getCiphertext(w http.ResponseWriter, r *http.Request) {
	if err := g.serveCiphertext(w, r); err != nil {
		g.failWith(w, r, err)
	}
}

func (g *Gateway) serveCiphertext(w http.ResponseWriter, r *http.Request) error {
	id, size, err := g.ciphertextOf(r.Context(), r.PathValue("cid"))
	if err != nil {
		return err
	}
	paced := g.paced(w)
	defer paced.done()
	if r.Method == http.MethodHead {
		// The record tells the size: nothing is read, so nothing needs to be fetched.
		sendCiphertext(paced, r, id, io.NewSectionReader(nil, 0, size))
		return nil
	}
	if err := takeSlot(r.Context(), g.downloads, "download"); err != nil {
		return err
	}
	defer func() { <-g.downloads }()
	g.metrics.downloading.Inc()
	defer g.metrics.downloading.Dec()

	file, err := g.openCiphertext(r.Context(), id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	sendCiphertext(paced, r, id, file)
	g.metrics.sent.Add(float64(paced.written))
	return nil
}

// ciphertextOf is the CID that a text names, and its size, when the chain has a record of
// a sample under it. Whatever else is in the vault is not for clients.
func (g *Gateway) ciphertextOf(ctx context.Context, text string) (cid.Cid, int64, error) {
	data, err := samplestypes.ParseCID(text)
	if err != nil {
		return cid.Undef, 0, invalidArgument("%.80q is not a CID of version 1, raw or dag-pb, with sha2-256", text)
	}
	id, err := cid.Cast(data)
	if err != nil {
		return cid.Undef, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	found, err := g.deps.Samples.SampleByCID(ctx, &samplestypes.QuerySampleByCIDRequest{Cid: id.String()})
	switch {
	case status.Code(err) == codes.NotFound:
		return cid.Undef, 0, notFound("No sample has the CID %s", id)
	case err != nil:
		return cid.Undef, 0, err
	case found.Entry.Sample.Status == samplestypes.STATUS_BLOCKED:
		return cid.Undef, 0, errTakenDown
	}
	return id, int64(found.Entry.Sample.Sealing.SizeBytes), nil
}

// openCiphertext opens what is stored here, or fetches it first. The file reads until ctx ends.
func (g *Gateway) openCiphertext(ctx context.Context, id cid.Cid) (io.ReadSeekCloser, error) {
	ctx, cancel := context.WithCancel(ctx)
	patience := time.AfterFunc(fetchTimeout, cancel)
	file, err := g.deps.Vault.Ciphertext(ctx, id)
	switch {
	case err == nil && patience.Stop():
		return file, nil
	case err == nil:
		_ = file.Close() // its context has ended just now
		err = vault.ErrNotFound
	}
	cancel()
	switch {
	case errors.Is(err, vault.ErrNotFound):
		return nil, transient("no supernode sends the file %s now; try again later", id)
	case errors.Is(err, vault.ErrUndecryptable), errors.Is(err, vault.ErrTooLarge):
		return nil, notFound("What is under the CID %s is not a file", id)
	default:
		return nil, err
	}
}

// sendCiphertext answers with a file, or with the ranges of it that are asked for.
func sendCiphertext(w http.ResponseWriter, r *http.Request, id cid.Cid, file io.ReadSeeker) {
	header := w.Header()
	header.Set("Content-Type", "application/octet-stream")
	header.Set("Content-Disposition", `attachment; filename="`+id.String()+`.age"`)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "private, max-age=29030400, immutable")
	header.Set("ETag", `"`+id.String()+`"`)
	header.Set("X-Ipfs-Path", "/ipfs/"+id.String())
	http.ServeContent(w, r, "", time.Time{}, file)
}
