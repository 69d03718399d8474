package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/virusmap/virusmap/supernode/zipbundle"
)

// maxBundleRequestBytes is more than the most hashes and the longest password need.
const maxBundleRequestBytes = 32 << 10

// bundleAttributes are VirusTotal's of a ZIP file.
type bundleAttributes struct {
	Status     zipbundle.Status `json:"status"`
	Progress   int              `json:"progress"` // percent
	FilesOK    int              `json:"files_ok"`
	FilesError int              `json:"files_error"`
}

func (g *Gateway) bundleRoutes(mux *routeTable, base string) {
	mux.HandleFunc("POST "+base+"/intelligence/zip_files", g.answering(g.createBundle))
	mux.HandleFunc("GET "+base+"/intelligence/zip_files/{id}", g.answering(g.getBundle))
	mux.HandleFunc("GET "+base+"/intelligence/zip_files/{id}/download", g.downloadBundle)
	mux.HandleFunc("GET "+base+"/intelligence/zip_files/{id}/download_url", g.getBundleURL)
}

// createBundle begins a ZIP file of the samples that the account brought or bought. vt-py
// sends its JSON as text, so that the content type is not looked at.
func (g *Gateway) createBundle(w http.ResponseWriter, r *http.Request) (object, error) {
	account, err := g.bundleAccount(r)
	if err != nil {
		return object{}, err
	}
	sent, err := readContribution(w, r, maxBundleRequestBytes)
	if err != nil {
		return object{}, err
	}
	var data struct {
		Hashes   []string `json:"hashes"`
		Password string   `json:"password"`
	}
	if err := json.Unmarshal(sent.Data, &data); err != nil {
		return object{}, badRequest("data: want {hashes: [...], password}: %.200s", err)
	}
	if len(data.Hashes) == 0 || len(data.Hashes) > zipbundle.MaxHashes {
		return object{}, invalidArgument("hashes: %d, want 1..%d", len(data.Hashes), zipbundle.MaxHashes)
	}
	hashes := make([][32]byte, len(data.Hashes))
	for i, written := range data.Hashes {
		id, err := g.fileID(r, written)
		switch {
		case err == nil:
			if hashes[i], err = sampleID(id); err != nil {
				return object{}, err
			}
		case isUnknown(err): // the hash of none: it counts among the errors
			hashes[i] = [32]byte{0: byte(i), 31: 1}
		default:
			return object{}, err
		}
	}
	info, err := g.bundles.Create(account, hashes, data.Password)
	if err != nil {
		return object{}, bundleError(err)
	}
	return g.bundleObject(r, info), nil
}

// bundleAccount is who asks, where bundles are made.
func (g *Gateway) bundleAccount(r *http.Request) (string, error) {
	if g.bundles == nil {
		return "", notFound("Resource not found")
	}
	return g.entitledName(r)
}

func bundleError(err error) error {
	switch {
	case errors.Is(err, zipbundle.ErrRequest):
		return invalidArgument("%s", err)
	case errors.Is(err, zipbundle.ErrBusy):
		return quotaExceeded(10, "%s; wait for it", err)
	case errors.Is(err, zipbundle.ErrFull):
		return transient("%s; try again later", err)
	case errors.Is(err, zipbundle.ErrNotFound):
		return notFound("ZIP file not found; they are kept for an hour")
	case errors.Is(err, zipbundle.ErrUnfinished):
		return &apiError{Code: "NotAvailableYet", Message: err.Error(), status: http.StatusBadRequest, retryAfter: 10}
	}
	return err
}

func (g *Gateway) bundleObject(r *http.Request, info zipbundle.Info) object {
	return object{
		Type: "zip_file", ID: info.ID,
		Links:      map[string]string{"self": g.link(r, "intelligence/zip_files", info.ID)},
		Attributes: bundleAttributes{info.Status, info.Progress, info.FilesOK, info.FilesError},
	}
}

func (g *Gateway) findBundle(r *http.Request) (zipbundle.Info, error) {
	account, err := g.bundleAccount(r)
	if err != nil {
		return zipbundle.Info{}, err
	}
	info, err := g.bundles.Info(account, r.PathValue("id"))
	return info, bundleError(err)
}

func (g *Gateway) getBundle(_ http.ResponseWriter, r *http.Request) (object, error) {
	info, err := g.findBundle(r)
	return g.bundleObject(r, info), err
}

// getBundleURL answers where the file is; the API key is needed there too.
func (g *Gateway) getBundleURL(w http.ResponseWriter, r *http.Request) {
	info, err := g.findBundle(r)
	if err == nil && info.Status != zipbundle.Finished {
		err = bundleError(zipbundle.ErrUnfinished)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, g.link(r, "intelligence/zip_files", info.ID, "download"), nil)
}

// downloadBundle sends the file as it is: vt-go undoes no encoding of downloads.
func (g *Gateway) downloadBundle(w http.ResponseWriter, r *http.Request) {
	account, err := g.bundleAccount(r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	file, err := g.bundles.Open(account, r.PathValue("id"))
	if err != nil {
		g.failWith(w, r, bundleError(err))
		return
	}
	defer file.Close()
	stat, err := file.Stat()
	if err == nil {
		err = takeSlot(r.Context(), g.downloads, "download")
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	defer func() { <-g.downloads }()
	paced := g.paced(w)
	defer paced.done()
	attach(w, "application/zip", r.PathValue("id")+".zip", stat.Size())
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(paced, file) // the client is gone or too slow
}
