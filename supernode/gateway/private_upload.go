package gateway

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/virusmap/virusmap/supernode/index"
	"github.com/virusmap/virusmap/supernode/private"
	"github.com/virusmap/virusmap/supernode/vault"
)

// privateMeta goes with the answer to a private upload.
type privateMeta struct {
	FileInfo fileInfo `json:"file_info"`
	VirusMap struct {
		Private bool `json:"private"` // true
		// Expires is when the file and its results are deleted, unix seconds.
		Expires int64 `json:"expires"`
		// Token is what to send in X-Virusmap-Private from now on; told once.
		Token string `json:"token,omitempty"`
	} `json:"virusmap"`
}

// privateForm is a received private file.
type privateForm struct {
	content private.Content
	found   bool
	name    string
	typeTag string
}

// postPrivateFile takes a file in that stays here.
func (g *Gateway) postPrivateFile(w http.ResponseWriter, r *http.Request, from owner) error {
	form, err := g.takePrivate(w, r)
	if err != nil {
		g.metrics.uploads.WithLabelValues("failed").Inc()
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), registerTimeout)
	defer cancel()
	stored, analysis, err := g.registerPrivate(ctx, r, form, from)
	if err != nil {
		return err
	}
	g.metrics.uploads.WithLabelValues("private").Inc()
	g.metrics.received.Add(float64(form.content.Size))
	meta := privateMeta{FileInfo: fileInfoOf(form.content)}
	meta.VirusMap.Private, meta.VirusMap.Expires, meta.VirusMap.Token = true, stored.Expires, from.token
	respond(w, r, g.privateDescriptor(r, analysis), meta)
	return nil
}

func (g *Gateway) privateDescriptor(r *http.Request, analysis string) object {
	return object{
		Type: "private_analysis", ID: analysis, Links: map[string]string{"self": g.link(r, "private", "analyses", analysis)},
	}
}

// takePrivate reads the form; on an error nothing is left of it.
func (g *Gateway) takePrivate(w http.ResponseWriter, r *http.Request) (privateForm, error) {
	if err := takeSlot(r.Context(), g.slots, "upload"); err != nil {
		return privateForm{}, err
	}
	defer func() { <-g.slots }()
	limit := g.cfg.Private.MaxBytes
	if r.ContentLength > limit+formOverhead {
		return privateForm{}, tooLarge(limit)
	}
	body := &pacedBody{
		ReadCloser: http.MaxBytesReader(w, r.Body, limit+formOverhead), conn: http.NewResponseController(w),
		grace: time.Duration(g.cfg.UploadGrace) * time.Second, rate: g.cfg.MinUploadRate,
	}
	r.Body = body
	form, err := g.readPrivateForm(r, limit)
	body.done(err != nil)
	if err != nil && form.found {
		err = errors.Join(err, g.deps.Private.Remove(form.content.ID))
	}
	return form, err
}

// readPrivateForm encrypts the file while it arrives. The other fields of VirusTotal's form
// choose a sandbox and mean nothing here; those that would give the file away are refused.
func (g *Gateway) readPrivateForm(r *http.Request, limit int64) (form privateForm, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return form, badRequest("Content-Type: multipart/form-data with a boundary is required")
	}
	for count := 0; ; count++ {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && !form.found:
			return form, badRequest("file: the form has no such field")
		case errors.Is(err, io.EOF):
			return form, nil
		case err != nil:
			return form, g.bodyError(err, limit)
		case count == maxParts:
			return form, badRequest("the form has more than %d fields", maxParts)
		}
		switch name, _ := disposition(part); name {
		case "file":
			if form.found {
				return form, badRequest("file: the form has more than one; send one file per request")
			}
			if form, err = g.storePart(r.Context(), part, limit); err != nil {
				return form, err
			}
		case "contributor", "claim_salt":
			return form, invalidArgument("%s: nobody is credited with a private file", name)
		case "password":
			return form, invalidArgument("password: archives are not opened with a password; send the file itself without this field")
		}
	}
}

func (g *Gateway) storePart(ctx context.Context, part *multipart.Part, limit int64) (form privateForm, err error) {
	content := &fileReader{from: part, limit: limit}
	form.content, err = g.deps.Private.Put(ctx, content, limit)
	switch {
	case content.err != nil:
		return form, g.bodyError(content.err, limit)
	case err != nil:
		return form, g.sealError(nil, err, limit)
	}
	form.found = true
	if form.content.Size == 0 {
		return form, badRequest("file: it is empty")
	}
	_, sent := disposition(part)
	form.name, form.typeTag = cleanName(sent), g.deps.FileType(content.head)
	return form, nil
}

// registerPrivate writes the file down for its owner and has it scanned.
func (g *Gateway) registerPrivate(ctx context.Context, r *http.Request, form privateForm, from owner) (stored index.PrivateFile, analysis string, err error) {
	content := form.content
	info := fileInfoOf(content)
	sealed, err := g.sealRecord(privateRecord{SHA256: info.SHA256, SHA1: info.SHA1, MD5: info.MD5, Name: form.name, TypeTag: form.typeTag})
	if err != nil {
		return stored, "", errors.Join(err, g.deps.Private.Remove(content.ID))
	}
	now := g.now().Unix()
	analysis = private.NewID()
	stored, err = g.deps.Index.AddPrivateFile(ctx, index.PrivateFile{
		ID: content.ID, Owner: from.tag, Tag: g.deps.Private.Tag("sha256", content.SHA256[:]), Size: content.Size,
		Created: now, Expires: now + int64(g.cfg.Private.RetentionDays)*secondsPerDay, Sealed: sealed,
	}, index.PrivateAnalysis{ID: analysis, Owner: from.tag, Created: now},
		index.PrivateRoom{Bytes: g.cfg.Private.MaxTotalBytes, FilesPerOwner: g.cfg.Private.MaxFiles},
		g.entry(r, actionPrivateUpload, "", resultDone))
	if err != nil || stored.ID != content.ID { // the owner has it already
		err = errors.Join(err, g.deps.Private.Remove(content.ID))
	}
	if errors.Is(err, index.ErrTooMuchPrivate) {
		return stored, "", quotaExceeded(0, "the private lane has no room for the file now; delete one that is not needed")
	}
	if err != nil {
		return stored, "", err
	}
	return stored, analysis, g.queuePrivate(ctx, analysis)
}

func fileInfoOf(c private.Content) fileInfo {
	return infoOf(vault.Sealed{SHA256: c.SHA256, SHA1: c.SHA1, MD5: c.MD5, Size: c.Size})
}

// secondsPerDay is for the retention of what is private and of the audit log.
const secondsPerDay = 24 * 60 * 60
