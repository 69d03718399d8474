package gateway

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/virusmap/virusmap/web/staticfile"
)

// envelope is the outside of every answer of the API: data or an error.
type envelope struct {
	Data  any               `json:"data,omitempty"`
	Meta  any               `json:"meta,omitempty"`
	Links map[string]string `json:"links,omitempty"`
	Err   *apiError         `json:"error,omitempty"`
}

// object is one resource. Clients insist on type and id.
type object struct {
	Type              string                  `json:"type"`
	ID                string                  `json:"id"`
	Links             map[string]string       `json:"links,omitempty"`
	Attributes        any                     `json:"attributes,omitempty"`
	ContextAttributes any                     `json:"context_attributes,omitempty"`
	Relationships     map[string]relationship `json:"relationships,omitempty"`
	// Err stands in a list for an item that cannot be given.
	Err *apiError `json:"error,omitempty"`
}

// relationship is what an object shows of one of its relations.
type relationship struct {
	Data  any               `json:"data"` // an object, a list of objects, or null
	Links map[string]string `json:"links,omitempty"`
	Meta  any               `json:"meta,omitempty"`
}

const (
	// gzipFrom is the size in bytes above which compressing pays.
	gzipFrom = 1400
	// writeTimeout bounds how long a client may take to receive an answer.
	writeTimeout = 30 * time.Second
)

var gzips = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return w
}}

// respond answers 200 with data and meta.
func respond(w http.ResponseWriter, r *http.Request, data, meta any) {
	writeJSON(w, r, http.StatusOK, envelope{Data: data, Meta: meta})
}

// respondEmpty answers 200 with nothing, and says so by its length.
func respondEmpty(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
}

// fail answers with an error of the API.
func fail(w http.ResponseWriter, r *http.Request, err *apiError) {
	if err.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(err.retryAfter))
	}
	writeJSON(w, r, err.status, envelope{Err: err})
}

// writeJSON sends one complete body with its length: vt-go takes a chunked empty
// answer for an error, and reads gzip only when the header says so.
func writeJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	encoded, err := json.Marshal(body)
	if err != nil {
		status, encoded = http.StatusInternalServerError, []byte(`{"error":{"code":"TransientError","message":"answer could not be encoded"}}`)
	}
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	header.Add("Vary", "Accept-Encoding")
	if len(encoded) > gzipFrom && staticfile.AcceptsGzip(r) {
		encoded = compress(encoded)
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(encoded)))
	// A test recorder has no deadline to set; a connection always has.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
	w.WriteHeader(status)
	_, _ = w.Write(encoded) // the client is gone; nobody is left to tell
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w := gzips.Get().(*gzip.Writer)
	defer gzips.Put(w)
	w.Reset(&out)
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	return out.Bytes()
}
