package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// RegisterKey hands in the statement that authorises an API key, with the public key and
// the signature of its account.
func (c *Client) RegisterKey(ctx context.Context, statement string, pubKey, signature []byte) error {
	body, err := json.Marshal(struct {
		Statement string `json:"statement"`
		PubKey    []byte `json:"pub_key"`
		Signature []byte `json:"signature"`
	}{statement, pubKey, signature})
	if err != nil {
		return err
	}
	return retry(ctx, func() error {
		address := strings.TrimSuffix(c.base.String(), "/") + "/virusmap/node/v1/keys"
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		_, err = c.do(request)
		return err
	})
}
