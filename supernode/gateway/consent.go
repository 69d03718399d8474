package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/virusmap/virusmap/supernode/consent"
)

// consented is the version of the text that a submission agrees to. Over the page it must
// be the one that is shown now; clients with a key have agreed by asking for it, which is 0.
func consented(r *http.Request) (uint32, error) {
	given := r.Header.Get(consent.Header)
	if given == "" && !strings.HasPrefix(r.URL.Path, uiBase+"/") {
		return 0, nil
	}
	version, err := strconv.ParseUint(given, 10, 32)
	if err != nil || version != consent.Version {
		return 0, badRequest("%s: %.20q is not the version of the text that is in force, %d", consent.Header, given, consent.Version)
	}
	return uint32(version), nil
}

// senderOf is who submits, through which channel, and what was agreed to. It is asked before
// anything of a body is read.
func (g *Gateway) senderOf(r *http.Request) (sender, error) {
	through, err := channelOf(r)
	if err != nil {
		return sender{}, err
	}
	version, err := consented(r)
	if err != nil {
		g.count(r.Context(), actionNoConsent)
	}
	return sender{source: sourceOf(r), channel: through, consent: version}, err
}
