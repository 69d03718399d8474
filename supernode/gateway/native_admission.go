package gateway

import (
	"context"
	"crypto/sha256"
	"net/http"

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
	case len(given) < minKeyChars || len(given) > maxKeyChars:
		return nil, errWrongKey
	}
	holder, err := g.clientOf(r.Context(), sha256.Sum256([]byte(given)))
	if err != nil {
		return nil, err
	}
	switch {
	case c == costNothing:
		return holder, nil
	case c == costLookup && holder.rights != nil && holder.rights.plan:
		return holder, g.spendLookup(w, r, holder)
	case holder.limiter != nil:
		return holder, holder.spendRequest(w)
	}
	return holder, nil
}

// clientOfCall is who makes an admitted call.
func clientOfCall(ctx context.Context) *client {
	c, _ := ctx.Value(clientContext{}).(*client)
	return c
}
