package gateway

import (
	"context"
	"net/http"
	"net/url"

	"github.com/virusmap/virusmap/supernode/api/nodev1"
)

// costOfMethod is what a call of the native API takes.
func costOfMethod(method string) cost {
	switch method {
	case nodev1.Node_Info_FullMethodName, nodev1.Node_GetAnalysis_FullMethodName, nodev1.Node_WatchAnalysis_FullMethodName:
		return costNothing
	case nodev1.Node_SubmitFile_FullMethodName, nodev1.Node_SubmitURL_FullMethodName:
		return costUpload
	default:
		return costLookup
	}
}

// admitted lets a request to the native API through: with a key within its account's
// rights, without one as a visitor.
func (g *Gateway) admitted(method string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := g.admit(w, r, costOfMethod(method))
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), clientContext{}, c)))
	})
}

func (g *Gateway) admit(w http.ResponseWriter, r *http.Request, c cost) (*client, error) {
	given := r.Header.Get("X-Apikey")
	switch {
	case given == "" && !g.cfg.Web:
		return nil, errNoKey
	case given == "":
		return g.welcome(w, r, c)
	}
	holder, err := g.clientWith(r.Context(), given)
	if err != nil {
		return nil, err
	}
	if c == costUpload && holder.role < roleUploader {
		return nil, forbidden("this API key may not submit anything")
	}
	return holder, g.spendCall(w, r, holder, c)
}

// spendCall takes a call from what the holder of a key may send, by the rules of spend: a
// look-up counts as one in VirusTotal's API does.
func (g *Gateway) spendCall(w http.ResponseWriter, r *http.Request, holder *client, c cost) error {
	if c == costNothing {
		return nil
	}
	counted := r.Clone(r.Context())
	counted.Method, counted.URL = http.MethodGet, &url.URL{Path: apiBase + "/native"}
	if c == costUpload {
		counted.Method = http.MethodPost
	}
	return g.spend(w, counted, holder)
}

// clientOfCall is who makes an admitted call.
func clientOfCall(ctx context.Context) *client {
	c, _ := ctx.Value(clientContext{}).(*client)
	return c
}
