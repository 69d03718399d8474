package chain

import (
	"errors"
	"fmt"
	"strings"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
)

var (
	// ErrExpired is returned by Broadcast when the transaction is in no block and can no
	// longer get into one. Sending the same messages again cannot do them twice.
	ErrExpired = errors.New("chain: transaction expired without being included")
	// ErrPruned is returned by Follow when the node no longer has a block that is due.
	ErrPruned = errors.New("chain: block is pruned")
	// ErrNoKey is returned by Broadcast and Sign on a client without a key.
	ErrNoKey = errors.New("chain: no signing key configured")
	// ErrNoAccount is returned by Broadcast when the signer has never received a coin.
	ErrNoAccount = errors.New("chain: account does not exist on the chain")
	// ErrWrongChain is returned when the node serves another chain than the configured one.
	ErrWrongChain = errors.New("chain: node serves another chain")
)

// Error is the chain's refusal of a transaction, in CheckTx, in simulation or in a block.
// errors.Is finds the module error it stands for, such as verdictstypes.ErrCommitted.
type Error struct {
	Codespace string
	Code      uint32
	Log       string
}

func (e *Error) Error() string {
	return fmt.Sprintf("chain: %s/%d: %s", e.Codespace, e.Code, e.Log)
}

// Is tells whether target is the registered error with the same codespace and code.
func (e *Error) Is(target error) bool {
	var registered *errorsmod.Error
	return errors.As(target, &registered) &&
		registered.Codespace() == e.Codespace && registered.ABCICode() == e.Code
}

// beforeFirstBlock tells the refusal of a node that has finished no block since it was
// started: until then it takes the year 1 for the time, so that every timeout is too far
// away. The SDK has no code of its own for that, and this client's timeouts never are.
func (e *Error) beforeFirstBlock() bool {
	return errors.Is(e, sdkerrors.ErrInvalidRequest) && strings.Contains(e.Log, "unordered tx ttl exceeds")
}
