package vault

import "errors"

// Kinds of error, found with errors.Is.
var (
	// ErrNotFound means that a block is neither stored here nor served by a
	// peer in time. Trying again later may succeed.
	ErrNotFound = errors.New("content not found")
	// ErrNoKey means that none of the given identities opens the file.
	ErrNoKey = errors.New("no identity opens the file")
	// ErrUndecryptable means that the content under a CID can never be opened:
	// it is not a UnixFS file, not an age file, or was tampered with.
	ErrUndecryptable = errors.New("not a valid encrypted file")
	// ErrTooLarge means that content exceeds the limit in force.
	ErrTooLarge = errors.New("content too large")
)
