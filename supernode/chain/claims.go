package chain

import (
	"context"

	"cosmossdk.io/collections"

	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// HasClaim tells whether x/samples holds a claim, which it does for as long as the claim
// can be opened. It waits for the node as long as the node is away.
func (c *Client) HasClaim(ctx context.Context, hash []byte) (found bool, err error) {
	key, err := collections.EncodeKeyWithPrefix(samplestypes.ClaimsPrefix, collections.BytesKey, hash)
	if err != nil {
		return false, err
	}
	err = c.persist(ctx, "claim", func(ctx context.Context) error {
		result, err := c.rpc.ABCIQuery(ctx, "/store/"+samplestypes.StoreKey+"/key", key)
		if err != nil {
			return err
		}
		response := result.Response
		if response.IsErr() {
			return &Error{Codespace: response.Codespace, Code: response.Code, Log: response.Log}
		}
		found = len(response.Value) > 0
		return nil
	})
	return found, err
}
