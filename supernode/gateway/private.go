package gateway

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/virusmap/virusmap/supernode/index"
)

// privateHeader is the token that stands for the owner of what was sent without a key.
const privateHeader = "X-Virusmap-Private"

const privateTokenBytes = 16

// Private is the private lane.
type Private struct {
	Enabled       bool  `toml:"enabled" comment:"needs the scanner role in this process"`
	MaxBytes      int64 `toml:"max_bytes" comment:"largest file"`
	MaxTotalBytes int64 `toml:"max_total_bytes" comment:"of all files together"`
	MaxFiles      int64 `toml:"max_files" comment:"of one owner"`
	RetentionDays int   `toml:"retention_days" comment:"after which a file and its results are deleted"`
}

func defaultPrivate() Private {
	return Private{Enabled: true, MaxBytes: 128 << 20, MaxTotalBytes: 10 << 30, MaxFiles: 1000, RetentionDays: 7}
}

func (p Private) validate() error {
	for _, f := range []struct {
		name            string
		value, min, max int64
	}{
		{"max_bytes", p.MaxBytes, 1, maxFileBytes},
		{"max_total_bytes", p.MaxTotalBytes, 1, 1 << 50},
		{"max_files", p.MaxFiles, 1, 1 << 20},
		{"retention_days", int64(p.RetentionDays), 1, 3650},
	} {
		if f.value < f.min || f.value > f.max {
			return fmt.Errorf("%s: %d is not in %d..%d", f.name, f.value, f.min, f.max)
		}
	}
	return nil
}

// privateRoutes are VirusTotal's private scanning for what this supernode's own engines say.
// Whatever is not the client's own is not found.
func (g *Gateway) privateRoutes(mux *routeTable, base string) {
	base += "/private"
	mux.HandleFunc("POST "+base+"/files", g.privately(g.postPrivateFile))
	mux.HandleFunc("GET "+base+"/files", g.privately(g.getPrivateFiles))
	mux.HandleFunc("GET "+base+"/files/upload_url", g.privately(g.getPrivateUploadURL))
	mux.HandleFunc("GET "+base+"/files/{id}", g.privately(g.getPrivateFile))
	mux.HandleFunc("DELETE "+base+"/files/{id}", g.privately(g.deletePrivateFile))
	mux.HandleFunc("POST "+base+"/files/{id}/analyse", g.privately(g.analysePrivateFile))
	mux.HandleFunc("GET "+base+"/analyses", g.privately(g.getPrivateAnalyses))
	mux.HandleFunc("GET "+base+"/analyses/{id}", g.privately(g.getPrivateAnalysis))
}

// PrivateLane tells whether files can be sent on the private lane here.
func (g *Gateway) PrivateLane() bool {
	return g.cfg.Private.Enabled && g.deps.Private != nil && g.deps.ScanPrivate != nil
}

// owner is who may see what was sent on the private lane.
type owner struct {
	tag []byte // what the index knows
	// token is new and told once, when an upload came without a key.
	token string
}

// privately answers on the private lane for the owner of a request.
func (g *Gateway) privately(answer func(http.ResponseWriter, *http.Request, owner) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := error(nil)
		var from owner
		switch {
		case !g.cfg.Private.Enabled:
			err = unavailable("the private lane is switched off here (gateway.private.enabled)")
		case !g.PrivateLane():
			err = unavailable("the private lane needs the scanner role, which this supernode does not run (roles.scanner)")
		default:
			from, err = g.ownerOf(r)
		}
		if err == nil {
			err = answer(w, r, from)
		}
		if err != nil {
			g.failWith(w, r, err)
		}
	}
}

// ownerOf is the account of a key, the key itself where it has none, or who has the token.
func (g *Gateway) ownerOf(r *http.Request) (owner, error) {
	if c := clientIn(r); c != nil {
		switch {
		case c.account != "":
			return owner{tag: g.deps.Private.Tag("account", []byte(c.account))}, nil
		case c.name != "":
			return owner{tag: g.deps.Private.Tag("key", c.source)}, nil
		}
	}
	var o owner
	given := r.Header.Get(privateHeader)
	if given == "" && r.Method == http.MethodPost && r.PathValue("id") == "" {
		token := make([]byte, privateTokenBytes)
		_, _ = rand.Read(token) // ends the process rather than fail
		o.token = hex.EncodeToString(token)
		given = o.token
	}
	if token, err := hex.DecodeString(given); err != nil || len(token) != privateTokenBytes || hex.EncodeToString(token) != given {
		return owner{}, &apiError{
			Code: errNoKey.Code, status: errNoKey.status,
			Message: privateHeader + " header is not the token that came with the upload",
		}
	}
	o.tag = g.deps.Private.Tag("token", []byte(given))
	return o, nil
}

// unavailable is for what the operator has not switched on.
func unavailable(message string) *apiError {
	return &apiError{Code: "TransientError", Message: message, status: http.StatusServiceUnavailable}
}

// privateRecord is what the sealed column of a private file holds.
type privateRecord struct {
	SHA256  string `json:"sha256"`
	SHA1    string `json:"sha1"`
	MD5     string `json:"md5"`
	Name    string `json:"name,omitempty"`
	TypeTag string `json:"type_tag,omitempty"`
}

func (g *Gateway) sealRecord(record any) ([]byte, error) {
	encoded, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	return g.deps.Private.Seal(encoded)
}

func (g *Gateway) unsealRecord(sealed []byte, record any) error {
	encoded, err := g.deps.Private.Unseal(sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(encoded, record)
}

// findPrivate finds a file of an owner by its hash in the path.
func (g *Gateway) findPrivate(r *http.Request, from owner) (index.PrivateFile, error) {
	hash, err := parseHash(r.PathValue("id"))
	switch {
	case err != nil:
		return index.PrivateFile{}, invalidArgument("the id is not a SHA-256 in hex")
	case len(hash) != 32:
		return index.PrivateFile{}, notFound("private files are found by their SHA-256 alone")
	}
	file, err := g.deps.Index.PrivateFile(r.Context(), from.tag, g.deps.Private.Tag("sha256", hash))
	return file, g.shown(err, file.Expires)
}

var errNoPrivate = notFound("Private file or analysis not found")

// shown hides what is not there, or whose time is over.
func (g *Gateway) shown(err error, expires int64) error {
	if isNotFound(err) || (err == nil && expires <= g.now().Unix()) {
		return errNoPrivate
	}
	return err
}
