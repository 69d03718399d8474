package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/virusmap/virusmap/supernode/vault"
)

// MaxEpochs bounds the keys of one question.
const MaxEpochs = 64

// protocol asks for vault keys. Question and answer are JSON.
var protocol = vault.Protocol{
	ID: "/virusmap/vault-keys/1", MaxQuestion: 4 << 10,
	MaxAnswer: MaxEpochs * (vault.MaxSealedIdentity*4/3 + 64), // in base64, with its epoch
	PerSecond: 2, Burst: 8,
}

// question asks for the secret halves of vault keys.
type question struct {
	// Operator that asks; its published peer id must be that of the connection.
	Operator string `json:"operator"`
	// Epochs are 1..MaxEpochs different ones.
	Epochs []uint64 `json:"epochs"`
}

// answer holds the keys that the peer can open, a part of those asked for.
type answer struct {
	Keys []sealedKey `json:"keys"`
}

// sealedKey is what vault.SealIdentity made for the recipient that the operator published.
type sealedKey struct {
	Epoch  uint64 `json:"epoch"`
	Sealed []byte `json:"sealed"`
}

func decodeQuestion(data []byte) (q question, err error) {
	if err := decode(data, &q); err != nil {
		return question{}, fmt.Errorf("question: %w", err)
	}
	if count := len(q.Epochs); count < 1 || count > MaxEpochs {
		return question{}, fmt.Errorf("question: epochs: got %d, want 1 to %d", count, MaxEpochs)
	}
	seen := make(map[uint64]bool, len(q.Epochs))
	for _, epoch := range q.Epochs {
		if epoch == 0 || seen[epoch] {
			return question{}, fmt.Errorf("question: epochs: %d is 0 or there twice", epoch)
		}
		seen[epoch] = true
	}
	return q, nil
}

func decodeAnswer(data []byte) (a answer, err error) {
	if err := decode(data, &a); err != nil {
		return answer{}, fmt.Errorf("answer: %w", err)
	}
	if len(a.Keys) > MaxEpochs {
		return answer{}, fmt.Errorf("answer: keys: got %d, want at most %d", len(a.Keys), MaxEpochs)
	}
	return a, nil
}

// decode takes one JSON value with no fields but the known ones.
func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}
