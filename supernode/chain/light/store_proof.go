package light

import (
	"bytes"
	"context"
	"math"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/merkle"
	"github.com/cometbft/cometbft/proto/tendermint/crypto"
	ics23 "github.com/cosmos/ics23/go"

	"cosmossdk.io/collections"

	"github.com/cosmos/cosmos-sdk/store/v2/rootmulti"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// StoreProof is an ICS-23 proof of one key in a module's store under an app hash.
type StoreProof struct {
	Store string `json:"store"`
	Key   []byte `json:"key"`
	// Value is absent when the proof shows that the key does not exist.
	Value []byte           `json:"value,omitempty"`
	Ops   *crypto.ProofOps `json:"ops"`
}

// state is the application state after a block: AppHash stands in the next header.
type state struct {
	servers []*server
	height  int64
	appHash []byte
}

// prove reads a key that has to exist.
func (s state) prove(ctx context.Context, store string, key []byte) (StoreProof, error) {
	proof := StoreProof{Store: store, Key: key}
	err := ask(ctx, s.servers, "/store/"+store+"/key", key, s.height, true, func(answer abci.ResponseQuery) error {
		proof.Value, proof.Ops = answer.Value, answer.ProofOps
		if len(answer.Value) == 0 {
			if proof.verify(s.appHash) == nil {
				return refute("key %X is not in store %s at height %d", key, store, s.height)
			}
			return refute("no value for key %X in store %s at height %d, and no proof that there is none", key, store, s.height)
		}
		return proof.verify(s.appHash)
	})
	return proof, err
}

// proveIfAny reads a key; the proof has no value when the key does not exist.
func (s state) proveIfAny(ctx context.Context, store string, key []byte) (StoreProof, error) {
	proof := StoreProof{Store: store, Key: key}
	err := ask(ctx, s.servers, "/store/"+store+"/key", key, s.height, true, func(answer abci.ResponseQuery) error {
		proof.Value, proof.Ops = answer.Value, answer.ProofOps
		return proof.verify(s.appHash)
	})
	return proof, err
}

// newest proves which history entry of a sample is the last one, and its outcome:
// the left neighbour of the key that would stand behind all of them.
func (s state) newest(ctx context.Context, sha256 []byte) (uint64, verdictstypes.Outcome, StoreProof, error) {
	end, err := verdictstypes.HistoryStoreKey(sha256, math.MaxUint64)
	if err != nil {
		return 0, 0, StoreProof{}, err
	}
	proof := StoreProof{Store: verdictstypes.StoreKey, Key: end}
	var round uint64
	var outcome uint32
	err = ask(ctx, s.servers, "/store/"+proof.Store+"/key", end, s.height, true, func(answer abci.ResponseQuery) error {
		proof.Ops = answer.ProofOps
		if err := proof.verify(s.appHash); err != nil {
			return err
		}
		left, err := proof.left()
		if err != nil {
			return err
		}
		if left == nil || len(left.Key) != len(end) || !bytes.HasPrefix(left.Key, end[:len(end)-8]) {
			return refute("the chain has no outcome of this sample at height %d", s.height)
		}
		if _, round, err = collections.Uint64Key.Decode(left.Key[len(end)-8:]); err != nil {
			return refute("history key %X: %w", left.Key, err)
		}
		if outcome, err = collections.Uint32Value.Decode(left.Value); err != nil {
			return refute("history value %X: %w", left.Value, err)
		}
		return nil
	})
	return round, verdictstypes.Outcome(outcome), proof, err
}

// verify checks the proof against an app hash: an IAVL proof of the key in its
// store, then a proof of the store in the multistore.
func (p StoreProof) verify(appHash []byte) error {
	if p.Ops == nil || len(p.Ops.Ops) != 2 ||
		p.Ops.Ops[0].Type != storetypes.ProofOpIAVLCommitment ||
		p.Ops.Ops[1].Type != storetypes.ProofOpSimpleMerkleCommitment {
		return refute("store %s, key %X: the answer has no ICS-23 proof", p.Store, p.Key)
	}
	path := merkle.KeyPath{}.
		AppendKey([]byte(p.Store), merkle.KeyEncodingURL).
		AppendKey(p.Key, merkle.KeyEncodingHex).String()
	runtime := rootmulti.DefaultProofRuntime()
	verify := func() error { return runtime.VerifyValue(p.Ops, appHash, path, p.Value) }
	if len(p.Value) == 0 {
		verify = func() error { return runtime.VerifyAbsence(p.Ops, appHash, path) }
	}
	if err := verify(); err != nil {
		return refute("store %s, key %X: forged proof: %w", p.Store, p.Key, err)
	}
	return nil
}

// left returns the neighbour before an absent key, nil when there is none. Call it
// after verify, which covers the neighbours too.
func (p StoreProof) left() (*ics23.ExistenceProof, error) {
	var proof ics23.CommitmentProof
	if err := proof.Unmarshal(p.Ops.Ops[0].Data); err != nil {
		return nil, refute("store %s, key %X: %w", p.Store, p.Key, err)
	}
	absence := proof.GetNonexist()
	if absence == nil {
		return nil, refute("store %s, key %X: not a proof of absence", p.Store, p.Key)
	}
	return absence.Left, nil
}
