package gateway

import (
	"errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"

	"github.com/virusmap/virusmap/supernode/chain"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// refusedForGood tells whether the chain will never take a batch as it is. Everything
// else, such as an empty account, a full mempool or a chain that is out of reach, passes
// some day, and until then the submissions wait in the queue.
func refusedForGood(err error) bool {
	var refusal *chain.Error
	if !errors.As(err, &refusal) {
		return false
	}
	return refusal.Codespace == samplestypes.ModuleName ||
		errors.Is(err, sdkerrors.ErrInvalidAddress) ||
		errors.Is(err, sdkerrors.ErrTxTooLarge)
}
