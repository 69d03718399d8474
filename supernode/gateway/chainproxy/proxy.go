// Package chainproxy passes what wallets and pages ask on to the one node that a supernode
// is configured with: CometBFT's JSON-RPC and the chain's REST, reading and broadcasting
// only. Both sides are strangers: requests are read and written anew, and answers are
// passed on as JSON, whatever the node calls them.
package chainproxy

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bounds of one exchange.
const (
	// MaxRequestBytes is the largest body; a transaction is well below it.
	MaxRequestBytes = 1 << 20
	// MaxAnswerBytes is the largest answer, such as block_results of a full block.
	MaxAnswerBytes = 64 << 20
	// MaxBatch is how many calls one JSON-RPC batch may have.
	MaxBatch = 32

	maxURLBytes = 16 << 10
	// maxExchanges run at one time; more are told to come again.
	maxExchanges = 64

	dialTimeout = 5 * time.Second
	// answerTimeout is how long the node may take until its answer begins.
	answerTimeout = 20 * time.Second
	// exchangeTimeout bounds an exchange as a whole.
	exchangeTimeout = 2 * time.Minute
	bodyTimeout     = 30 * time.Second
)

// Admit takes a request of n calls from what its sender may send. It may set headers on
// w; an error is given to Fail.
type Admit func(w http.ResponseWriter, r *http.Request, n int) error

// Config says where the node is and how the surrounding API admits and answers.
type Config struct {
	// RPC is the URL of the node's CometBFT RPC, REST of its API server; empty is off.
	RPC, REST string
	Admit     Admit
	// Fail answers with an error of Error, or with one of Admit.
	Fail func(w http.ResponseWriter, r *http.Request, err error)
	Log  *slog.Logger
}

// Error is a refusal with its HTTP status.
type Error struct {
	Status  int
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// Proxy is an open proxy. Its RPC and REST are handlers.
type Proxy struct {
	cfg       Config
	rpc, rest *url.URL
	client    *http.Client
	slots     chan struct{}
}

// New checks the addresses. The node need not be up.
func New(cfg Config) (*Proxy, error) {
	p := &Proxy{cfg: cfg, slots: make(chan struct{}, maxExchanges)}
	var err error
	if p.rpc, err = parseNode("rpc", cfg.RPC); err != nil {
		return nil, err
	}
	if p.rest, err = parseNode("rest", cfg.REST); err != nil {
		return nil, err
	}
	p.client = &http.Client{
		Timeout: exchangeTimeout,
		// A node that sends elsewhere would make this process ask strangers.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  answerTimeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    maxExchanges,
			IdleConnTimeout:        time.Minute,
			DisableCompression:     true, // what unpacks to more than its bound is not unpacked
		},
	}
	return p, nil
}

func parseNode(name, address string) (*url.URL, error) {
	if address == "" {
		return nil, nil
	}
	if rest, ok := strings.CutPrefix(address, "tcp://"); ok { // as CometBFT's own clients take it
		address = "http://" + rest
	}
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("%s: %q is not an http or https URL of a node", name, address)
	}
	return u, nil
}

// below is the address of a decoded path under a node's URL. It encodes the path anew, once:
// joining it as text would decode what was encoded twice.
func below(node *url.URL, path string, query url.Values) *url.URL {
	return &url.URL{
		Scheme: node.Scheme, Host: node.Host,
		Path: strings.TrimSuffix(node.Path, "/") + path, RawQuery: query.Encode(),
	}
}
