package gateway

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// v2Base is VirusTotal's API v2 (https://docs.virustotal.com/v2.0/reference), which some
// clients still speak. What it answers is what v3 has, in its older words.
const v2Base = "/vtapi/v2"

const (
	// maxV2Form bounds the parameters of a request in bytes.
	maxV2Form = 64 << 10
	// maxV2Resources bounds how many a request may name at once.
	maxV2Resources = 4
	// v2KeyPeek is how far into a form of several parts its key may stand.
	v2KeyPeek = 8 << 10

	v2TimeFormat = "2006-01-02 15:04:05"
)

// Response codes of v2, which stand in bodies of status 200.
const (
	v2Found   = 1
	v2Unknown = 0
	v2Invalid = -1
	v2Queued  = -2
)

// v2Status begins every answer of v2.
type v2Status struct {
	Code    int    `json:"response_code"`
	Message string `json:"verbose_msg"`
	// Resource is what the client asked about.
	Resource string `json:"resource,omitempty"`
}

func (g *Gateway) v2Routes() *routeTable {
	mux := newRouteTable()
	get := func(path string, handle http.HandlerFunc) {
		mux.HandleFunc("GET "+v2Base+path, handle)
		mux.HandleFunc("POST "+v2Base+path, handle)
	}
	get("/file/report", g.v2List("resource", g.v2FileReport))
	get("/url/report", g.v2List("resource", g.v2URLReport))
	get("/domain/report", g.v2Domain)
	get("/ip-address/report", g.v2Address)
	get("/comments/get", g.v2GetComments)
	mux.HandleFunc("POST "+v2Base+"/file/scan", g.v2Scan)
	mux.HandleFunc("GET "+v2Base+"/file/scan/upload_url", g.v2UploadURL)
	mux.HandleFunc("POST "+v2Base+"/file/rescan", g.v2List("resource", g.v2Rescan))
	mux.HandleFunc("POST "+v2Base+"/url/scan", g.v2List("url", g.v2ScanURL))
	mux.HandleFunc("POST "+v2Base+"/comments/put", g.v2PutComment)
	return mux
}

// v2Authenticated lets requests with a known key in the parameter apikey through. v2 answers
// a wrong key by 403 and too many requests by 204, without a body.
func (g *Gateway) v2Authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, err := v2Key(w, r)
		var c *client
		if err == nil {
			c, err = g.clientWith(r.Context(), key)
		}
		if err == nil {
			r = withClient(r, c)
			err = c.allow(r)
		}
		if err == nil {
			err = g.spend(w, v3Equivalent(r), c)
		}
		if err != nil {
			g.v2Fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// v3Equivalent is what a request counts as in quotas: a look-up, or none.
func v3Equivalent(r *http.Request) *http.Request {
	same := r.Clone(r.Context())
	same.URL.Path, same.Method = apiBase+strings.TrimPrefix(r.URL.Path, v2Base), http.MethodPost
	if strings.HasSuffix(r.URL.Path, "/report") || strings.HasSuffix(r.URL.Path, "/get") {
		same.Method = http.MethodGet
	}
	return same
}

// v2Fail answers an error by its status alone where clients look at nothing else.
func (g *Gateway) v2Fail(w http.ResponseWriter, r *http.Request, err error) {
	var shown *apiError
	if !errors.As(err, &shown) {
		g.failWith(w, r, err)
		return
	}
	code := shown.status
	switch code {
	case http.StatusUnauthorized:
		code = http.StatusForbidden
	case http.StatusTooManyRequests:
		code = http.StatusNoContent
	default:
		writeJSON(w, r, code, v2Status{Code: v2Invalid, Message: shown.Message})
		return
	}
	if code != http.StatusNoContent { // which has no length
		w.Header().Set("Content-Length", "0")
	}
	w.WriteHeader(code)
}

// v2Key finds the key in the query, in a form, or in the first parts of an upload, which is
// left to be read from its begin.
func v2Key(w http.ResponseWriter, r *http.Request) (string, error) {
	if key := r.URL.Query().Get("apikey"); key != "" {
		return key, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || !strings.HasSuffix(r.URL.Path, "/scan") || strings.HasSuffix(r.URL.Path, "/url/scan") {
		form, err := v2Form(w, r)
		return form.Get("apikey"), err
	}
	var read bytes.Buffer
	body := r.Body
	parts := multipart.NewReader(io.TeeReader(io.LimitReader(body, v2KeyPeek), &read), params["boundary"])
	defer func() { r.Body = rejoined{io.MultiReader(&read, body), body} }()
	for {
		part, err := parts.NextPart()
		if err != nil || part.FileName() != "" {
			return "", errNoKey
		}
		if part.FormName() == "apikey" {
			key, err := io.ReadAll(io.LimitReader(part, maxKeyChars+1))
			if err != nil {
				return "", errNoKey
			}
			return string(key), nil
		}
	}
}

// rejoined is a body whose begin was read before.
type rejoined struct {
	io.Reader
	io.Closer
}

// v2Form reads the parameters of a request from the query and from a form in either encoding.
func v2Form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if r.Form == nil {
		r.Body = http.MaxBytesReader(w, r.Body, maxV2Form)
		err := r.ParseMultipartForm(maxV2Form)
		if err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return url.Values{}, badRequest("the parameters are not a form of at most %d bytes", maxV2Form)
		}
	}
	return r.Form, nil
}

// v2List answers each of the resources that a parameter names: one as it is, several as a list.
func (g *Gateway) v2List(parameter string, answer func(r *http.Request, resource string) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		form, err := v2Form(w, r)
		var resources []string
		if err == nil {
			commas := !strings.HasPrefix(r.URL.Path, v2Base+"/url/")
			resources, err = v2Resources(parameter, strings.Join(form[parameter], "\n"), commas)
		}
		var answers []any
		for _, resource := range resources {
			var one any
			if err == nil {
				one, err = answer(r, resource)
			}
			answers = append(answers, one)
		}
		switch {
		case err != nil:
			g.v2Fail(w, r, err)
		case len(answers) == 1:
			writeJSON(w, r, http.StatusOK, answers[0])
		default:
			writeJSON(w, r, http.StatusOK, answers)
		}
	}
}

// v2Resources splits a list at line ends, and at commas where no resource has one.
func v2Resources(parameter, text string, commas bool) ([]string, error) {
	var resources []string
	for _, resource := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || (commas && r == ',') }) {
		if resource = strings.TrimSpace(resource); resource != "" {
			resources = append(resources, resource)
		}
	}
	if len(resources) == 0 || len(resources) > maxV2Resources {
		return nil, badRequest("%s: %d are named, want 1..%d", parameter, len(resources), maxV2Resources)
	}
	return resources, nil
}

// permalink is the page that shows an item.
func (g *Gateway) permalink(r *http.Request, itemType, id string) string {
	return g.base(r) + "/" + itemType + "/" + id
}
