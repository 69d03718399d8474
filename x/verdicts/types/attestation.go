package types

import (
	"sort"

	"github.com/cometbft/cometbft/crypto/merkle"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/internal/text"
)

// Bounds of an attestation's parts.
const (
	MaxLabelBytes    = 128
	MaxVersionBytes  = 64
	MaxFileTypes     = 256
	MaxFileTypeBytes = 32
	MaxEngines       = 16
)

// Validate checks the shape of an attestation over n samples. A valid attestation
// has exactly one encoding.
func (a Attestation) Validate(n int) error {
	if len(a.Vectors) > MaxEngines {
		return ErrInvalidAttestation.Wrapf("%d vectors, at most %d", len(a.Vectors), MaxEngines)
	}
	undecryptable := make([]int, n)
	for i, vector := range a.Vectors {
		if i > 0 && a.Vectors[i-1].Engine >= vector.Engine {
			return ErrInvalidAttestation.Wrapf("vector %q is not after %q", vector.Engine, a.Vectors[i-1].Engine)
		}
		column, err := vector.validate(n)
		if err != nil {
			return err
		}
		for sample, cell := range column {
			if Cell(cell).Category() == CATEGORY_UNDECRYPTABLE {
				undecryptable[sample]++
			}
		}
	}
	// Opening the ciphertext is one act of the supernode, so its engines cannot differ on it.
	for sample, count := range undecryptable {
		if count != 0 && count != len(a.Vectors) {
			return ErrInvalidAttestation.Wrapf("sample %d is undecryptable for %d of %d engines", sample, count, len(a.Vectors))
		}
	}
	return a.Features.validate(n)
}

func (v VerdictVector) validate(n int) ([]byte, error) {
	if err := ValidateEngineName(v.Engine); err != nil {
		return nil, err
	}
	if err := validateText("version", v.Version, MaxVersionBytes); err != nil {
		return nil, err
	}
	if len(v.SignatureDigest) != 0 && len(v.SignatureDigest) != 32 {
		return nil, ErrInvalidAttestation.Wrapf("%s: signature_digest has %d bytes, want 0 or 32", v.Engine, len(v.SignatureDigest))
	}
	if v.SignatureTime < 0 {
		return nil, ErrInvalidAttestation.Wrapf("%s: signature_time %d is negative", v.Engine, v.SignatureTime)
	}
	column, err := UnpackColumn(v.Column, n)
	if err != nil {
		return nil, ErrInvalidAttestation.Wrapf("%s: %s", v.Engine, err)
	}
	for sample, cell := range column {
		if category := Cell(cell).Category(); category < CATEGORY_HARMLESS || category > CATEGORY_UNDECRYPTABLE {
			return nil, ErrInvalidAttestation.Wrapf("%s: sample %d has category %d", v.Engine, sample, category)
		}
	}
	return column, v.validateLabels(n)
}

func (v VerdictVector) validateLabels(n int) error {
	if len(v.Labelled) != len(v.LabelRefs) {
		return ErrInvalidAttestation.Wrapf("%s: %d labelled samples but %d label_refs", v.Engine, len(v.Labelled), len(v.LabelRefs))
	}
	if err := validateTable(v.Engine+": label", v.Labels, len(v.Labelled), MaxLabelBytes); err != nil {
		return err
	}
	used := make([]bool, len(v.Labels))
	for i, sample := range v.Labelled {
		if int(sample) >= n || (i > 0 && v.Labelled[i-1] >= sample) {
			return ErrInvalidAttestation.Wrapf("%s: labelled sample %d is out of order or range", v.Engine, sample)
		}
		if int(v.LabelRefs[i]) >= len(v.Labels) {
			return ErrInvalidAttestation.Wrapf("%s: label_ref %d of %d labels", v.Engine, v.LabelRefs[i], len(v.Labels))
		}
		used[v.LabelRefs[i]] = true
	}
	return requireUsed(v.Engine+": label", used)
}

func (f FeatureVector) validate(n int) error {
	if err := f.validateKeys(n); err != nil {
		return err
	}
	if err := f.validateMatches(n); err != nil {
		return err
	}
	if len(f.FileTypes) == 0 && len(f.TypeColumn) == 0 {
		return nil
	}
	if err := validateTable("file_type", f.FileTypes, min(n, MaxFileTypes), MaxFileTypeBytes); err != nil {
		return err
	}
	column, err := UnpackColumn(f.TypeColumn, n)
	if err != nil {
		return ErrInvalidAttestation.Wrapf("type_column: %s", err)
	}
	used := make([]bool, len(f.FileTypes))
	for sample, index := range column {
		if int(index) >= len(f.FileTypes) {
			return ErrInvalidAttestation.Wrapf("sample %d has file type %d of %d", sample, index, len(f.FileTypes))
		}
		used[index] = true
	}
	return requireUsed("file_type", used)
}

// validateTable wants distinct texts in ascending order.
func validateTable(field string, table []string, limit, maxBytes int) error {
	if len(table) > limit {
		return ErrInvalidAttestation.Wrapf("%s table has %d entries, at most %d", field, len(table), limit)
	}
	for i, entry := range table {
		if err := validateText(field, entry, maxBytes); err != nil {
			return err
		}
		if i > 0 && table[i-1] >= entry {
			return ErrInvalidAttestation.Wrapf("%s %q is not after %q", field, entry, table[i-1])
		}
	}
	return nil
}

func requireUsed(field string, used []bool) error {
	for i, ok := range used {
		if !ok {
			return ErrInvalidAttestation.Wrapf("%s %d is not used", field, i)
		}
	}
	return nil
}

func validateText(field, value string, maxBytes int) error {
	if len(value) == 0 || len(value) > maxBytes {
		return ErrInvalidAttestation.Wrapf("%s has %d bytes, want 1..%d", field, len(value), maxBytes)
	}
	if !IsPrintable(value) {
		return ErrInvalidAttestation.Wrapf("%s %q is not printable UTF-8", field, value)
	}
	return nil
}

// IsPrintable tells whether a text may stand in a vector: UTF-8 without control or
// invisible formatting characters.
func IsPrintable(s string) bool { return text.IsPrintable(s) }

// Label returns the label of a sample, or "".
func (v VerdictVector) Label(sample uint32) string {
	i := sort.Search(len(v.Labelled), func(i int) bool { return v.Labelled[i] >= sample })
	if i == len(v.Labelled) || v.Labelled[i] != sample {
		return ""
	}
	return v.Labels[v.LabelRefs[i]]
}

// AttestationLeaf is an attestation as it stands under a round's attestations root.
func AttestationLeaf(operator sdk.AccAddress, attestation Attestation) ([]byte, error) {
	canonical, err := attestation.Marshal()
	if err != nil {
		return nil, err
	}
	return append(appendSized(nil, operator), canonical...), nil
}

// AttestationsRoot is the RFC 6962 Merkle root over leaves in ascending operator order.
func AttestationsRoot(leaves [][]byte) []byte { return merkle.HashFromByteSlices(leaves) }

// MembersRoot is the RFC 6962 Merkle root over member hashes in ascending order.
func MembersRoot(hashes [][]byte) []byte { return merkle.HashFromByteSlices(hashes) }
