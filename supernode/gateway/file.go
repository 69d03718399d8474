package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/virusmap/virusmap/supernode/index"
)

func (g *Gateway) fileRoutes(mux *routeTable, base string) {
	mux.HandleFunc("POST "+base+"/files", g.postFile)
	mux.HandleFunc("GET "+base+"/files/upload_url", g.getUploadURL)
}

// getUploadURL answers where to send a file; it is the place small files go to as well.
func (g *Gateway) getUploadURL(w http.ResponseWriter, r *http.Request) {
	respond(w, r, g.link(r, "files"), nil)
}

// fileKind are files, by their MD5, SHA-1 or SHA-256. Only files that this node took in, or
// opened for its engines, can be found by MD5 or SHA-1: the chain knows SHA-256 alone.
func (g *Gateway) fileKind() *itemKind {
	return &itemKind{
		name: "file", path: "files", discussed: true,
		resolve: g.fileID, object: g.fileObject, relations: g.fileRelations(),
	}
}

// fileID is the SHA-256 in hex of a file that a client named by one of its hashes.
func (g *Gateway) fileID(r *http.Request, written string) (string, error) {
	written = strings.ToLower(written)
	hash, err := parseHash(written)
	if err != nil {
		return "", invalidArgument("%.80q is not an MD5, SHA-1 or SHA-256 in hex", written)
	}
	if len(hash) == sha256.Size {
		return written, nil
	}
	local, err := g.localFile(r, hash)
	if err != nil {
		return "", err
	}
	if local == nil {
		return "", notFound("File %q not found", written)
	}
	return hex.EncodeToString(local.SHA256[:]), nil
}

// fileObject is the report of a file.
func (g *Gateway) fileObject(r *http.Request, id string) (object, error) {
	hash, err := hex.DecodeString(id)
	if err != nil {
		return object{}, err
	}
	local, err := g.localFile(r, hash)
	if err != nil {
		return object{}, err
	}
	v, err := g.look(r.Context(), [32]byte(hash))
	if err != nil {
		return object{}, err
	}
	if local == nil && v.sample == nil && v.report == nil || isURL(v, local) {
		return object{}, notFound("File %q not found", id)
	}
	attributes := g.attributesOf([32]byte(hash), v, local)
	if attributes.communityAttributes, err = g.communityOf(r.Context(), "file", id); err != nil {
		return object{}, err
	}
	return object{Type: "file", ID: id, Links: map[string]string{"self": g.link(r, "files", id)}, Attributes: attributes}, nil
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
