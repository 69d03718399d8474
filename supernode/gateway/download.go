package gateway

import (
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/zipbundle"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// downloadPiece is what is read of a sample before the piece before it is sent.
const downloadPiece = 64 << 10

func (g *Gateway) downloadRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/files/{id}/download", g.getDownload)
	mux.HandleFunc("GET "+base+"/files/{id}/download_url", g.getDownloadURL)
}

// getDownload sends the content of a file, as it is, to an account that brought or bought it.
func (g *Gateway) getDownload(w http.ResponseWriter, r *http.Request) {
	if err := g.download(w, r); err != nil {
		g.failWith(w, r, err)
	}
}

// getDownloadURL answers where the content is; the API key is needed there too.
func (g *Gateway) getDownloadURL(w http.ResponseWriter, r *http.Request) {
	item, err := g.knownItem(r, g.kind("file"), r.PathValue("id"))
	if err == nil {
		_, _, err = g.entitledTo(r, item)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, g.link(r, "files", item.ID, "download"), nil)
}

func (g *Gateway) download(w http.ResponseWriter, r *http.Request) error {
	item, err := g.knownItem(r, g.kind("file"), r.PathValue("id"))
	if err != nil {
		return err
	}
	id, sample, err := g.entitledTo(r, item)
	if err != nil {
		return err
	}
	paced := g.paced(w)
	defer paced.done()
	if err := takeSlot(r.Context(), g.downloads, "download"); err != nil {
		return err
	}
	defer func() { <-g.downloads }()
	content, err := g.unseal(r.Context(), id, sample)
	if err != nil {
		g.log.Warn("a sample could not be opened for its download", "sha256", item.ID, "error", err)
		return transient("this supernode cannot open the file now; try again later")
	}
	defer func() { _ = content.Close() }() // it was only read
	attach(w, "application/octet-stream", item.ID, int64(sample.SizeBytes))
	if r.Method == http.MethodHead {
		return nil
	}
	err = sendGenuine(paced, content)
	switch {
	case err == nil:
		return nil
	case paced.written > 0:
		g.log.Warn("a download ended early", "sha256", item.ID, "error", err)
		panic(http.ErrAbortHandler) // a part must not look like the whole
	}
	w.Header().Del("Content-Disposition")
	return err
}

// attach announces size bytes to be saved, without any encoding as clients undo none of
// downloads.
func attach(w http.ResponseWriter, mediaType, name string, size int64) {
	header := w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Length", strconv.FormatInt(size, 10))
}

// sendGenuine copies one piece behind what it has read. Content that proves at its end to be
// another than its record says so lacks its last piece.
func sendGenuine(w io.Writer, content io.Reader) error {
	held, next := make([]byte, 0, downloadPiece), make([]byte, downloadPiece)
	for {
		n, err := io.ReadFull(content, next)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return err
		}
		if _, err := w.Write(held); err != nil {
			return err
		}
		if ended {
			_, err := w.Write(next[:n])
			return err
		}
		held, next = next[:n], held[:cap(held)]
	}
}

// entitledTo is the sample of a file that the asking account brought or bought.
func (g *Gateway) entitledTo(r *http.Request, item community.Item) (id [32]byte, sample samplestypes.Sample, err error) {
	account, err := g.entitledName(r)
	if err != nil {
		return id, sample, err
	}
	if id, err = sampleID(item.ID); err != nil {
		return id, sample, err
	}
	sample, err = g.entitledSample(r.Context(), account, id)
	if errors.Is(err, zipbundle.ErrNotEntitled) {
		err = forbidden("the content of %s is for accounts that brought or bought it: buy it with \"virusmap buy %s\"", item, item.ID)
	}
	return id, sample, err
}

// entitledName is who asks for content: the name of the account with the source under which
// its submissions are counted.
func (g *Gateway) entitledName(r *http.Request) (string, error) {
	name := g.nameOf(r)
	if name == "" {
		return "", errNoKey
	}
	return name + "/" + hex.EncodeToString(sourceOf(r)), nil
}
