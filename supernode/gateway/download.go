package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/zipbundle"
)

func (g *Gateway) downloadRoutes(mux *routeTable, base string) {
	mux.HandleFunc("GET "+base+"/files/{id}/download", g.downloadFile)
	mux.HandleFunc("GET "+base+"/files/{id}/download_url", g.getDownloadURL)
	mux.HandleFunc("GET "+base+"/operations/{id}", func(w http.ResponseWriter, r *http.Request) {
		fail(w, r, notFound("Operation %.80q not found", r.PathValue("id")))
	})
}

// ownSample opens the content of a file that the account of a request brought or bought. To
// all others it tells how content is had: who pays its contributor gets the key to it, and
// that key never passes a gateway.
func (g *Gateway) ownSample(ctx context.Context, r *http.Request) (community.Item, io.ReadCloser, error) {
	item, err := g.knownItem(r, g.kind("file"), r.PathValue("id"))
	if err != nil {
		return item, nil, err
	}
	hash, err := sampleID(item.ID)
	if err != nil {
		return item, nil, err
	}
	content, err := io.ReadCloser(nil), error(zipbundle.ErrNotEntitled)
	if account, unknown := g.bundleAccount(r); unknown == nil {
		content, err = g.openEntitled(ctx, account, hash)
	}
	if errors.Is(err, zipbundle.ErrNotEntitled) {
		err = forbidden("the content of %s is sold on chain: buy it with \"virusmap buy %s\", which opens it on your own machine; "+
			"what an account brought or bought it may download here with its own key", item, item.ID)
	}
	return item, content, err
}

// getDownloadURL answers where the content is; the API key is needed there too.
func (g *Gateway) getDownloadURL(w http.ResponseWriter, r *http.Request) {
	item, content, err := g.ownSample(r.Context(), r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	_ = content.Close() // nothing was read
	respond(w, r, g.link(r, "files", item.ID, "download"), nil)
}

// downloadFile sends the content of a file as it is. It is read twice: only at its end it is
// known to be genuine, and no plaintext may wait on disk for that.
func (g *Gateway) downloadFile(w http.ResponseWriter, r *http.Request) {
	if err := takeSlot(r.Context(), g.downloads, "download"); err != nil {
		g.failWith(w, r, err)
		return
	}
	defer func() { <-g.downloads }()
	_, content, err := g.ownSample(r.Context(), r)
	var size int64
	if err == nil {
		size, err = io.Copy(io.Discard, content)
		err = errors.Join(err, content.Close())
	}
	var item community.Item
	if err == nil {
		item, content, err = g.ownSample(r.Context(), r)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	defer content.Close()
	g.sendFile(w, r, content, "application/octet-stream", item.ID, size)
}

// sendFile sends size bytes, without any encoding as clients undo none of downloads. Who
// reads slower than uploads have to be is cut off.
func (g *Gateway) sendFile(w http.ResponseWriter, r *http.Request, from io.Reader, mediaType, name string, size int64) {
	header := w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	header.Set("Content-Length", strconv.FormatInt(size, 10))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	paced := &pacedWriter{
		ResponseWriter: w, conn: http.NewResponseController(w),
		grace: time.Duration(g.cfg.UploadGrace) * time.Second, rate: g.cfg.MinUploadRate,
	}
	defer paced.done()
	_, _ = io.Copy(paced, from) // the client is gone or too slow
}
