package chainproxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// methods are CometBFT's (https://docs.cometbft.com/main/rpc) that read the chain or
// broadcast, without those that hold connections, unmask peers or run for long.
var methods = map[string]bool{
	"abci_info": true, "abci_query": true, "block": true, "block_by_hash": true, "block_results": true,
	"block_search": true, "blockchain": true, "broadcast_tx_async": true, "broadcast_tx_sync": true,
	"commit": true, "consensus_params": true, "genesis_chunked": true, "header": true, "header_by_hash": true,
	"health": true, "status": true, "tx": true, "tx_search": true, "validators": true,
}

// searchWeight is how many calls one of searches counts as: the node reads its index of all
// transactions or blocks for it.
const searchWeight = 20

var searches = map[string]bool{"block_search": true, "tx_search": true}

func weight(method string) int {
	if searches[method] {
		return searchWeight
	}
	return 1
}

const maxIDBytes = 128

// call is one JSON-RPC request, with nothing in it but what the specification names.
type call struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params,omitempty"`
}

// RPC serves POST with a JSON-RPC call or batch at the root, and GET with the method as
// path and its parameters as query, as CometBFT does. The prefix must be stripped.
func (p *Proxy) RPC(w http.ResponseWriter, r *http.Request) {
	var err error
	switch {
	case p.rpc == nil:
		err = refuse(http.StatusNotFound, "this supernode does not pass on JSON-RPC")
	case r.Method == http.MethodGet:
		err = p.getRPC(w, r)
	case r.Method == http.MethodPost:
		err = p.postRPC(w, r)
	default:
		w.Header().Set("Allow", "GET, POST, OPTIONS")
		err = refuse(http.StatusMethodNotAllowed, "GET or POST is required")
	}
	if err != nil {
		p.cfg.Fail(w, r, err)
	}
}

func (p *Proxy) getRPC(w http.ResponseWriter, r *http.Request) error {
	method := strings.TrimPrefix(r.URL.Path, "/")
	if !methods[method] {
		return refuse(http.StatusNotFound, "method %.64q is not served here", method)
	}
	if len(r.URL.RawQuery) > maxURLBytes {
		return refuse(http.StatusRequestURITooLong, "query: larger than the limit of %d bytes; use POST", maxURLBytes)
	}
	if err := p.cfg.Admit(w, r, weight(method)); err != nil {
		return err
	}
	target := below(p.rpc, "/"+method, r.URL.Query())
	request, err := http.NewRequest(http.MethodGet, target.String(), nil)
	if err != nil {
		return err
	}
	return p.exchange(w, r, request)
}

func (p *Proxy) postRPC(w http.ResponseWriter, r *http.Request) error {
	if strings.Trim(r.URL.Path, "/") != "" {
		return refuse(http.StatusNotFound, "JSON-RPC is posted to /chain/rpc itself")
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	calls, batch, err := readCalls(body)
	if err != nil {
		return refuse(http.StatusBadRequest, "%s", err)
	}
	all := 0
	for _, c := range calls {
		all += weight(c.Method)
	}
	if err := p.cfg.Admit(w, r, all); err != nil {
		return err
	}
	for _, c := range calls {
		if !methods[c.Method] {
			return refuse(http.StatusForbidden, "method %.64q is not served here", c.Method)
		}
	}
	var message any = calls
	if !batch {
		message = calls[0]
	}
	encoded, err := json.Marshal(message)
	if err != nil {
		return refuse(http.StatusBadRequest, "body: it cannot be passed on: %.100s", err)
	}
	request, err := http.NewRequest(http.MethodPost, p.rpc.String(), bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	return p.exchange(w, r, request)
}

// readCalls reads one call or a batch of 1..MaxBatch. Whatever else stands in a call is
// dropped, so that the node reads the method that was checked here.
func readCalls(body []byte) (calls []call, batch bool, err error) {
	body = bytes.TrimSpace(body)
	if batch = bytes.HasPrefix(body, []byte("[")); batch {
		var raw []json.RawMessage
		if err := json.Unmarshal(body, &raw); err != nil {
			return nil, false, fmt.Errorf("body: it is no JSON-RPC batch: %.100w", err)
		}
		if len(raw) < 1 || len(raw) > MaxBatch {
			return nil, false, fmt.Errorf("body: %d calls in one batch, want 1..%d", len(raw), MaxBatch)
		}
		for _, one := range raw {
			c, err := readCall(one)
			if err != nil {
				return nil, false, err
			}
			calls = append(calls, c)
		}
		return calls, true, nil
	}
	c, err := readCall(body)
	return []call{c}, false, err
}

func readCall(raw []byte) (call, error) {
	var c call
	if !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return call{}, fmt.Errorf("body: a JSON-RPC call is an object")
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return call{}, fmt.Errorf("body: it is no JSON-RPC call: %.100w", err)
	}
	switch {
	case c.Version != "2.0":
		return call{}, fmt.Errorf("jsonrpc: %.16q is not 2.0", c.Version)
	case len(c.ID) == 0 || len(c.ID) > maxIDBytes || !isIn(c.ID[0], `"-0123456789`):
		return call{}, fmt.Errorf("id: a string or number of at most %d bytes is required", maxIDBytes)
	case len(c.Params) > 0 && !isIn(c.Params[0], "{[n"): // null stands for none
		return call{}, fmt.Errorf("params: an object or a list is required")
	}
	return c, nil
}

func isIn(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }
