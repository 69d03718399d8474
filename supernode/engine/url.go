package engine

import (
	"errors"
	"io"

	"github.com/virusmap/virusmap/supernode/weburl"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// errNotCanonical refuses a content that is another writing of a URL: its hash is not the
// URL's id, so nobody who looks the URL up would find what is said of it.
var errNotCanonical = errors.New("content is a URL, but not its canonical form")

// readURL reads the content of a sample of kind URL.
func readURL(content *Content) (weburl.URL, error) {
	text, err := io.ReadAll(io.NewSectionReader(content.File, 0, min(content.Size, weburl.MaxBytes+1)))
	if err != nil {
		return weburl.URL{}, err
	}
	u, err := weburl.Parse(string(text))
	if err != nil {
		return weburl.URL{}, err
	}
	if u.String() != string(text) {
		return weburl.URL{}, errNotCanonical
	}
	return u, nil
}

func notAURL(err error) Verdict {
	return Verdict{Category: verdictstypes.CATEGORY_TYPE_UNSUPPORTED, Detail: err.Error()}
}
