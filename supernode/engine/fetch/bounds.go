package fetch

import (
	"encoding/json"
	"net/http"
)

const (
	keptCookies = 64
	// maxHopBytes of an encoded hop, which has to fit into a worker's answer.
	maxHopBytes = 56 << 10
)

// cookiesOf are the names and values of the cookies that an answer sets, bounded.
func cookiesOf(answer *http.Response) map[string]string {
	set := answer.Cookies()
	if len(set) == 0 {
		return nil
	}
	cookies := make(map[string]string)
	for _, cookie := range set[:min(len(set), keptCookies)] {
		cookies[cut(cookie.Name, 128)] = cut(cookie.Value, keptValue)
	}
	return cookies
}

// fit leaves out what is least worth telling until the rest can be told: a server must not
// get out of being judged by what it sends along.
func (h *Hop) fit() {
	for _, drop := range []func(){
		func() { h.Cookies = nil },
		func() { h.Headers = nil },
		func() { h.Certificate = nil },
	} {
		if encoded, err := json.Marshal(h); err == nil && len(encoded) <= maxHopBytes {
			return
		}
		drop()
	}
}
