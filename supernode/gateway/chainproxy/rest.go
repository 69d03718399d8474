package chainproxy

import (
	"bytes"
	"net/http"
	"path"
	"strings"
)

// roots of the REST paths that are passed on; whatever else the node's server has, such as
// metrics, is its own business.
var roots = []string{"/cosmos/", "/ibc/", "/virusmap/"}

// posts are the two paths that take a body: broadcasting and simulating a transaction.
var posts = map[string]bool{
	"/cosmos/tx/v1beta1/txs":      true,
	"/cosmos/tx/v1beta1/simulate": true,
}

// searchPath lists transactions by their events when it is asked by GET.
const searchPath = "/cosmos/tx/v1beta1/txs"

// REST serves the chain's REST below the stripped prefix: GET, and POST for transactions.
func (p *Proxy) REST(w http.ResponseWriter, r *http.Request) {
	if err := p.serveREST(w, r); err != nil {
		p.cfg.Fail(w, r, err)
	}
}

func (p *Proxy) serveREST(w http.ResponseWriter, r *http.Request) error {
	if p.rest == nil {
		return refuse(http.StatusNotFound, "this supernode does not pass on REST; set chain.rest to have it do so")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		return refuse(http.StatusMethodNotAllowed, "GET or POST is required")
	}
	asked := r.URL.Path
	if len(asked)+len(r.URL.RawQuery) > maxURLBytes {
		return refuse(http.StatusRequestURITooLong, "URL: larger than the limit of %d bytes", maxURLBytes)
	}
	if !served(asked) || (r.Method == http.MethodPost && !posts[asked]) {
		return refuse(http.StatusNotFound, "%s %.128q is not served here", r.Method, asked)
	}
	var body []byte
	if r.Method == http.MethodPost {
		var err error
		if body, err = readBody(w, r); err != nil {
			return err
		}
	}
	calls := 1
	if r.Method == http.MethodGet && asked == searchPath {
		calls = searchWeight
	}
	if err := p.cfg.Admit(w, r, calls); err != nil {
		return err
	}
	target := below(p.rest, asked, r.URL.Query())
	request, err := http.NewRequest(r.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	// The node answers at the height that the client names, as its own server does.
	if height := r.Header.Get("X-Cosmos-Block-Height"); height != "" && isDigits(height) {
		request.Header.Set("X-Cosmos-Block-Height", height)
	}
	return p.exchange(w, r, request)
}

func served(asked string) bool {
	if path.Clean(asked) != asked {
		return false
	}
	for _, root := range roots {
		if strings.HasPrefix(asked, root) {
			return true
		}
	}
	return false
}

func isDigits(text string) bool {
	return len(text) <= 19 && strings.Trim(text, "0123456789") == ""
}
