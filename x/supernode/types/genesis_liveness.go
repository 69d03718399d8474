package types

import (
	"crypto/sha256"
	"fmt"
)

func (gs GenesisState) validateLiveness() error {
	registered := make(map[string]bool, len(gs.Supernodes))
	for _, supernode := range gs.Supernodes {
		registered[supernode.Operator] = true
	}
	recorded := make(map[string]bool, len(gs.Liveness))
	for i, liveness := range gs.Liveness {
		field := fmt.Sprintf("liveness[%d]", i)
		if _, err := liveness.Validate(field); err != nil {
			return err
		}
		if !registered[liveness.Operator] || recorded[liveness.Operator] {
			return ErrInvalidGenesis.Wrapf("%s.operator %s is not registered, or occurs twice", field, liveness.Operator)
		}
		recorded[liveness.Operator] = true
	}
	if err := gs.validateBenched(); err != nil {
		return err
	}
	if err := gs.validateVaultKeyFaults(); err != nil {
		return err
	}
	return gs.Beacon.validate()
}

func (gs GenesisState) validateBenched() error {
	seated := make(map[Benched]bool, len(gs.Seats))
	for _, seat := range gs.Seats {
		seated[Benched{Epoch: seat.Epoch, Operator: seat.Operator}] = true
	}
	benched := make(map[Benched]bool, len(gs.Benched))
	for i, row := range gs.Benched {
		if !seated[row] || benched[row] {
			return ErrInvalidGenesis.Wrapf("benched[%d]: %q has no seat in epoch %d, or occurs twice", i, row.Operator, row.Epoch)
		}
		benched[row] = true
	}
	return nil
}

func (gs GenesisState) validateVaultKeyFaults() error {
	published := make(map[uint64]bool, len(gs.VaultKeys))
	for _, key := range gs.VaultKeys {
		published[key.Epoch] = true
	}
	faults := make(map[uint64]bool, len(gs.VaultKeyFaults))
	for i, fault := range gs.VaultKeyFaults {
		if !published[fault.Epoch] || faults[fault.Epoch] {
			return ErrInvalidGenesis.Wrapf("vault_key_faults[%d].epoch %d has no vault key, or occurs twice", i, fault.Epoch)
		}
		faults[fault.Epoch] = true
	}
	return nil
}

// validate accepts the empty beacon of a chain that has not stirred any entropy in.
func (b Beacon) validate() error {
	empty := len(b.Value) == 0 && b.HiddenHeight == 0 && b.Height == 0
	if !empty && (len(b.Value) != sha256.Size || b.HiddenHeight < 0 || b.Height < 0) {
		return ErrInvalidGenesis.Wrapf("beacon: value of %d bytes with hidden_height %d and height %d, want %d bytes and heights from 0", len(b.Value), b.HiddenHeight, b.Height, sha256.Size)
	}
	return nil
}
