package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/virusmap/virusmap/supernode/weburl"
)

// maxURLForm bounds the body of a submission: percent-encoding triples a URL.
const maxURLForm = 64 << 10

// urlInfo is the meta.url_info of an analysis.
type urlInfo struct {
	ID  string `json:"id"`
	URL string `json:"url"`
}

// urlMeta goes with the answer to a submission.
type urlMeta struct {
	URLInfo  urlInfo   `json:"url_info"`
	VirusMap submitted `json:"virusmap"`
}

// postURL takes a URL in, as a sample like any other. Nothing is fetched here.
func (g *Gateway) postURL(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxURLForm)
	form, err := g.readURLForm(r)
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	g.submitURL(w, r, form)
}

// postURLAnalyse has a URL that was submitted here scanned again, as postAnalyse does.
func (g *Gateway) postURLAnalyse(w http.ResponseWriter, r *http.Request) {
	id, err := resolveURL(r, r.PathValue("id"))
	var known *urlRecord
	if err == nil {
		known, err = g.knownURL(r, id)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	if known.local == nil {
		fail(w, r, notFound("URL %q is known by its hash alone; submit it to have it analysed", id))
		return
	}
	g.respondRescan(w, r, known.local)
}

func (g *Gateway) submitURL(w http.ResponseWriter, r *http.Request, f form) {
	receipt, err := g.receiveURL(r, f)
	if err != nil {
		g.metrics.uploads.WithLabelValues("failed").Inc()
		g.failWith(w, r, err)
		return
	}
	result := "new"
	if receipt.known {
		result = "known"
	}
	g.metrics.uploads.WithLabelValues(result).Inc()
	meta := urlMeta{
		URLInfo:  urlInfo{ID: receipt.file.SHA256, URL: f.url.String()},
		VirusMap: submitted{receipt.known, g.signReceipt(receipt)},
	}
	respond(w, r, object{
		Type:  "analysis",
		ID:    receipt.analysis.ID,
		Links: map[string]string{"self": g.link(r, "analyses", receipt.analysis.ID), "item": g.link(r, "urls", receipt.file.SHA256)},
	}, meta)
}

func (g *Gateway) receiveURL(r *http.Request, f form) (receipt, error) {
	from, err := g.senderOf(r)
	if err != nil {
		return receipt{}, err
	}
	return g.takeInURL(r.Context(), f, from)
}

// takeInURL seals the canonical text into the vault and registers it.
func (g *Gateway) takeInURL(ctx context.Context, f form, from sender) (receipt, error) {
	if err := takeSlot(ctx, g.slots, "upload"); err != nil {
		return receipt{}, err
	}
	defer func() { <-g.slots }()
	terms, err := g.currentTerms(ctx)
	if err != nil {
		return receipt{}, err
	}
	f.sealed, err = g.deps.Vault.Seal(ctx, strings.NewReader(f.url.String()), terms.recipient)
	if err != nil {
		return receipt{}, g.sealError(nil, err, weburl.MaxBytes)
	}
	f.found, f.typeTag = true, filetypeURL
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), registerTimeout)
	defer cancel()
	return g.register(ctx, f, terms.epoch, from)
}

// readURLForm reads the field url, and those that uploads have too, from a multipart or an
// urlencoded form.
func (g *Gateway) readURLForm(r *http.Request) (form, error) {
	var f form
	fields, err := formFields(r)
	if err != nil {
		return f, err
	}
	for _, field := range fields {
		if field.name != "url" {
			if err := f.set(field.name, field.value); err != nil {
				return f, err
			}
			continue
		}
		if f.url != nil {
			return f, badRequest("url: the form has more than one; send one URL per request")
		}
		u, err := weburl.Parse(field.value)
		if err != nil {
			return f, invalidArgument("url: %v", err)
		}
		f.url = &u
	}
	if f.url == nil {
		return f, badRequest("url: the form has no such field")
	}
	return f, f.check()
}

type formField struct{ name, value string }

// formFields reads a whole form, whose body is bounded.
func formFields(r *http.Request) ([]formField, error) {
	parts, err := r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return urlencodedFields(r)
	}
	if err != nil {
		return nil, badRequest("Content-Type: multipart/form-data needs a boundary")
	}
	var fields []formField
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, formError(err)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return nil, formError(err)
		}
		if fields = append(fields, formField{part.FormName(), string(value)}); len(fields) > maxParts {
			return nil, badRequest("the form has more than %d fields", maxParts)
		}
	}
}

func urlencodedFields(r *http.Request) ([]formField, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, formError(err)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, badRequest("the form is neither multipart/form-data nor application/x-www-form-urlencoded")
	}
	var fields []formField
	for name, all := range values {
		for _, value := range all {
			if fields = append(fields, formField{name, value}); len(fields) > maxParts {
				return nil, badRequest("the form has more than %d fields", maxParts)
			}
		}
	}
	return fields, nil
}

func formError(err error) error {
	var tooBig *http.MaxBytesError
	if errors.As(err, &tooBig) {
		return badRequest("the form is larger than the limit of %d bytes", maxURLForm)
	}
	return badRequest("the form is not valid")
}
