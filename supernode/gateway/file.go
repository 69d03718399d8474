package gateway

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/index"
)

func (g *Gateway) fileRoutes(mux *routeTable, base string) {
	mux.HandleFunc("POST "+base+"/files", g.postFile)
	mux.HandleFunc("GET "+base+"/files/upload_url", g.getUploadURL)
	mux.HandleFunc("GET "+base+"/files/{id}", g.getFile)
}

// getUploadURL answers where to send a file; it is the place small files go to as well.
func (g *Gateway) getUploadURL(w http.ResponseWriter, r *http.Request) {
	respond(w, r, g.link(r, "files"), nil)
}

// getFile answers the report of a file by its MD5, SHA-1 or SHA-256. Only files that
// this node has seen itself can be found by MD5 or SHA-1: the chain knows SHA-256 alone.
func (g *Gateway) getFile(w http.ResponseWriter, r *http.Request) {
	id := strings.ToLower(r.PathValue("id"))
	hash, err := parseHash(id)
	if err != nil {
		fail(w, r, invalidArgument("%.80q is not an MD5, SHA-1 or SHA-256 in hex", id))
		return
	}
	local, err := g.localFile(r, hash)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	var sha256 [32]byte
	switch {
	case local != nil:
		sha256 = local.SHA256
	case len(hash) == len(sha256):
		sha256 = [32]byte(hash)
	default:
		fail(w, r, notFound("File %q not found", id))
		return
	}
	v, err := g.look(r.Context(), sha256)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	if local == nil && v.sample == nil && v.report == nil || isURL(v, local) {
		fail(w, r, notFound("File %q not found", id))
		return
	}
	attributes, err := selected(g.attributesOf(sha256, v, local), r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	name := hex.EncodeToString(sha256[:])
	respond(w, r, object{
		Type:       "file",
		ID:         name,
		Links:      map[string]string{"self": g.link(r, "files", name)},
		Attributes: attributes,
	}, nil)
}

// localFile is what this node saw of a file, nil when nothing.
func (g *Gateway) localFile(r *http.Request, hash []byte) (*index.File, error) {
	file, err := g.deps.Index.File(r.Context(), hash)
	if errors.Is(err, index.ErrNotFound) {
		return nil, nil
	}
	return &file, err
}

var errBadHash = errors.New("not a hash")

func parseHash(text string) ([]byte, error) {
	if len(text) != 32 && len(text) != 40 && len(text) != 64 {
		return nil, errBadHash
	}
	return hex.DecodeString(text)
}
