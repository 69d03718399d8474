package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"

	"filippo.io/age"

	"github.com/virusmap/virusmap/supernode/vault"
	"github.com/virusmap/virusmap/supernode/weburl"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

const (
	// HeadBytes is how much of a file FileType gets to see.
	HeadBytes = 64 << 10

	maxParts      = 16
	maxFieldBytes = 4 << 10
	// formOverhead is what a form may be larger than its file.
	formOverhead = 256 << 10
)

// form is a received upload: its file is in the vault already.
type form struct {
	sealed      vault.Sealed
	found       bool
	name        string // cleaned
	typeTag     string
	contributor string
	claimSalt   []byte // opens a claim that the contributor made; nil when there is none
	// url is what the content is the canonical text of; nil for a file.
	url *weburl.URL
}

// kind of the sample.
func (f form) kind() samplestypes.Kind {
	if f.url != nil {
		return samplestypes.KIND_URL
	}
	return samplestypes.KIND_FILE
}

// check tells what is wrong with the fields together.
func (f form) check() error {
	if len(f.claimSalt) > 0 && f.contributor == "" {
		return invalidArgument("claim_salt: it needs the contributor who made the claim")
	}
	return nil
}

// readForm reads a multipart form in one pass, in whatever order its fields come, and
// encrypts the file into the vault while it arrives. On an error nothing is left there.
func (g *Gateway) readForm(ctx context.Context, r *http.Request, limit int64, to age.Recipient) (_ form, err error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return form{}, badRequest("Content-Type: multipart/form-data with a boundary is required")
	}
	var f form
	defer func() {
		if err != nil && f.found {
			g.discard(ctx, f.sealed)
		}
	}()
	for count := 0; ; count++ {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			if !f.found {
				return form{}, badRequest("file: the form has no such field")
			}
			return f, f.check()
		case err != nil:
			return form{}, g.bodyError(err, limit)
		case count == maxParts:
			return form{}, badRequest("the form has more than %d fields", maxParts)
		}
		if err := g.readPart(ctx, &f, part, limit, to); err != nil {
			return form{}, err
		}
	}
}

func (g *Gateway) readPart(ctx context.Context, f *form, part *multipart.Part, limit int64, to age.Recipient) error {
	name, _ := disposition(part)
	if name == "file" {
		if f.found {
			return badRequest("file: the form has more than one; send one file per request")
		}
		return g.sealPart(ctx, f, part, limit, to)
	}
	value, err := io.ReadAll(io.LimitReader(part, maxFieldBytes+1))
	if err != nil {
		return g.bodyError(err, limit)
	}
	return f.set(name, string(value))
}

// set takes a field that is not the content.
func (f *form) set(name, value string) error {
	if len(value) > maxFieldBytes {
		return badRequest("%.64q: the field is larger than the limit of %d bytes", name, maxFieldBytes)
	}
	switch name {
	case "contributor":
		if len(value) > 0 {
			if _, err := samplestypes.ParseAddress("contributor", value); err != nil {
				return invalidArgument("contributor: %.100q is not an account address (vmt1...)", value)
			}
		}
		f.contributor = value
	case "claim_salt":
		salt, err := hex.DecodeString(value)
		if err != nil || (len(salt) != 0 && len(salt) != samplestypes.ClaimSaltBytes) {
			return invalidArgument("claim_salt: %.100q is not %d bytes in hex", value, samplestypes.ClaimSaltBytes)
		}
		f.claimSalt = salt
	case "private": // of vt-py before 0.22
		if value != "" && value != "0" {
			return invalidArgument("private: what is sent here is published; send it to /private/files instead. Nothing was kept")
		}
	case "password":
		if len(value) > 0 {
			return invalidArgument("password: archives are not opened with a password; send the file itself without this field")
		}
	}
	return nil
}

func (g *Gateway) sealPart(ctx context.Context, f *form, part *multipart.Part, limit int64, to age.Recipient) error {
	content := &fileReader{from: part, limit: limit}
	sealed, err := g.deps.Vault.Seal(ctx, content, to)
	if err != nil {
		return g.sealError(content.err, err, limit)
	}
	f.sealed, f.found = sealed, true
	if sealed.Size == 0 {
		return badRequest("file: it is empty")
	}
	_, sent := disposition(part)
	f.name = cleanName(sent)
	f.typeTag = g.deps.FileType(content.head)
	return nil
}

// fileReader bounds a file, keeps its first bytes, and remembers why reading failed, to
// tell a bad request from a failing vault.
type fileReader struct {
	from  io.Reader
	limit int64
	size  int64
	head  []byte
	err   error
}

func (f *fileReader) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.from.Read(p)
	f.size += int64(n)
	if f.size > f.limit {
		f.err = fmt.Errorf("file: %w", vault.ErrTooLarge)
		return 0, f.err
	}
	if missing := HeadBytes - len(f.head); missing > 0 {
		f.head = append(f.head, p[:min(n, missing)]...)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

func (g *Gateway) sealError(read, sealing error, limit int64) error {
	if read != nil {
		return g.bodyError(read, limit)
	}
	if errors.Is(sealing, vault.ErrTooLarge) || errors.Is(sealing, context.Canceled) {
		return g.bodyError(sealing, limit)
	}
	g.log.Error("an upload could not be stored", "error", sealing)
	return transient("the file could not be stored; try again later")
}

// bodyError tells a client what was wrong with the body it sent.
func (g *Gateway) bodyError(err error, limit int64) error {
	var tooBig *http.MaxBytesError
	switch {
	case errors.As(err, &tooBig), errors.Is(err, vault.ErrTooLarge):
		return tooLarge(limit)
	case errors.Is(err, errTooSlow):
		return badRequest("the upload is slower than the limit of %d bytes per second", g.cfg.MinUploadRate)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return badRequest("the form ends before its closing boundary")
	default:
		return badRequest("the form is not valid multipart/form-data")
	}
}
