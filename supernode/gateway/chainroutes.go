package gateway

import (
	"errors"
	"net/http"

	"github.com/virusmap/virusmap/supernode/gateway/chainproxy"
)

const (
	chainBase = "/chain"
	rpcBase   = chainBase + "/rpc"
	restBase  = chainBase + "/rest"
)

func (g *Gateway) newProxy() (*chainproxy.Proxy, error) {
	return chainproxy.New(chainproxy.Config{
		RPC: g.cfg.ChainRPC, REST: g.cfg.ChainREST, Log: g.log,
		Admit: func(w http.ResponseWriter, r *http.Request, calls int) error {
			site := siteOf(addressOf(r, g.visitors.proxies))
			return spendTokens(w, g.visitors.at(site).chain, calls)
		},
		Fail: g.failProxy,
	})
}

// chainRoutes pass on to the node. Wallets ask from pages of other sites and from
// extensions; what they get is the same for everybody.
func (g *Gateway) chainRoutes() *routeTable {
	mux := newRouteTable()
	const methods = "GET, POST, OPTIONS"
	rpc := shared(methods, http.StripPrefix(rpcBase, http.HandlerFunc(g.proxy.RPC)))
	mux.Handle(rpcBase, rpc)
	mux.Handle(rpcBase+"/{method...}", rpc)
	mux.Handle(restBase+"/{path...}", shared(methods, http.StripPrefix(restBase, http.HandlerFunc(g.proxy.REST))))
	return mux
}

func (g *Gateway) failProxy(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *chainproxy.Error
	if !errors.As(err, &refusal) {
		g.failWith(w, r, err)
		return
	}
	shown := &apiError{Code: "BadRequestError", Message: refusal.Message, status: refusal.Status}
	switch refusal.Status {
	case http.StatusNotFound:
		shown.Code = "NotFoundError"
	case http.StatusForbidden:
		shown.Code = "ForbiddenError"
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		shown.Code, shown.retryAfter = "TransientError", 5
	}
	fail(w, r, shown)
}
