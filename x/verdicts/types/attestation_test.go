package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

// example is what a supernode with two engines says of three samples.
func example() types.Attestation {
	digest := make([]byte, 32)
	return types.NewAttestation([]types.VerdictVector{
		types.NewVerdictVector("YARA", "4.5.4", digest, 1_700_000_000, []types.Answer{
			{Category: types.CATEGORY_UNDETECTED, Confidence: 8},
			{Category: types.CATEGORY_MALICIOUS, Confidence: 15, Label: "Eicar"},
			{Category: types.CATEGORY_SUSPICIOUS, Confidence: 5, Label: "Packed"},
		}),
		types.NewVerdictVector("ClamAV", "1.4.6", digest, 1_700_000_000, []types.Answer{
			{Category: types.CATEGORY_UNDETECTED, Confidence: 8},
			{Category: types.CATEGORY_MALICIOUS, Confidence: 15, Label: "Win.Test.EICAR_HDB-1"},
			{Category: types.CATEGORY_UNDETECTED, Confidence: 8},
		}),
	}, types.NewFeatureVector([]string{"elf", "text", "elf"}))
}

func TestBuiltAttestationIsValid(t *testing.T) {
	attestation := example()
	require.NoError(t, attestation.Validate(3))
	require.Equal(t, "ClamAV", attestation.Vectors[0].Engine, "vectors are in engine order")
	require.Equal(t, "Packed", attestation.Vectors[1].Label(2))
	require.Empty(t, attestation.Vectors[1].Label(0))

	verdicts, fileType, err := types.VerdictsOf([]types.SignedAttestation{{Operator: "a", Attestation: attestation}}, types.WeightTable{NewcomerWeight: 7}, 1, 3)
	require.NoError(t, err)
	require.Equal(t, "text", fileType)
	require.Len(t, verdicts, 2)
	require.Equal(t, types.CATEGORY_MALICIOUS, verdicts[0].Category)
	require.Equal(t, "Win.Test.EICAR_HDB-1", verdicts[0].Label)
	require.EqualValues(t, 15, verdicts[0].Confidence)
}

func TestAttestationRefuses(t *testing.T) {
	for name, change := range map[string]func(*types.Attestation){
		"engines out of order":     func(a *types.Attestation) { a.Vectors[0], a.Vectors[1] = a.Vectors[1], a.Vectors[0] },
		"engine twice":             func(a *types.Attestation) { a.Vectors[1] = a.Vectors[0] },
		"too many engines":         func(a *types.Attestation) { a.Vectors = make([]types.VerdictVector, types.MaxEngines+1) },
		"engine name":              func(a *types.Attestation) { a.Vectors[0].Engine = "Clam AV" },
		"no version":               func(a *types.Attestation) { a.Vectors[0].Version = "" },
		"long version":             func(a *types.Attestation) { a.Vectors[0].Version = strings.Repeat("1", 65) },
		"control in version":       func(a *types.Attestation) { a.Vectors[0].Version = "1\n2" },
		"short digest":             func(a *types.Attestation) { a.Vectors[0].SignatureDigest = make([]byte, 31) },
		"negative date":            func(a *types.Attestation) { a.Vectors[0].SignatureTime = -1 },
		"column of another length": func(a *types.Attestation) { a.Vectors[0].Column = types.PackColumn(make([]byte, 4)) },
		"category 0":               func(a *types.Attestation) { a.Vectors[0].Column = types.PackColumn(make([]byte, 3)) },
		"category past the last":   func(a *types.Attestation) { a.Vectors[0].Column = types.PackColumn([]byte{0xa0, 0xa0, 0xa0}) },
		"label out of order":       func(a *types.Attestation) { a.Vectors[1].Labels = []string{"Packed", "Eicar"} },
		"label not used":           func(a *types.Attestation) { a.Vectors[1].LabelRefs = []uint32{0, 0} },
		"label ref past the end":   func(a *types.Attestation) { a.Vectors[1].LabelRefs = []uint32{0, 2} },
		"labelled out of order":    func(a *types.Attestation) { a.Vectors[1].Labelled = []uint32{2, 1} },
		"labelled past the end":    func(a *types.Attestation) { a.Vectors[1].Labelled = []uint32{1, 3} },
		"labelled without ref":     func(a *types.Attestation) { a.Vectors[1].Labelled = []uint32{1} },
		"long label":               func(a *types.Attestation) { a.Vectors[0].Labels[0] = strings.Repeat("x", 129) },
		"label not UTF-8":          func(a *types.Attestation) { a.Vectors[0].Labels[0] = "\xff" },
		"opens for one engine only": func(a *types.Attestation) {
			a.Vectors[0].Column = types.PackColumn([]byte{0x90, 0x40, 0x20})
		},
		"file type not used":    func(a *types.Attestation) { a.Features.FileTypes = []string{"elf", "text", "zip"} },
		"file type past table":  func(a *types.Attestation) { a.Features.TypeColumn = types.PackColumn([]byte{0, 1, 2}) },
		"column without table":  func(a *types.Attestation) { a.Features.FileTypes = nil },
		"keys of odd size":      func(a *types.Attestation) { a.Features.Keyed, a.Features.Keys = []uint32{0}, make([]byte, 79) },
		"file types unordered":  func(a *types.Attestation) { a.Features.FileTypes = []string{"text", "elf"} },
		"long file type":        func(a *types.Attestation) { a.Features.FileTypes[1] = strings.Repeat("x", 33) },
		"type column too short": func(a *types.Attestation) { a.Features.TypeColumn = types.PackColumn([]byte{0, 1}) },
	} {
		t.Run(name, func(t *testing.T) {
			attestation := example()
			change(&attestation)
			require.Error(t, attestation.Validate(3))
		})
	}
}

func TestCleanText(t *testing.T) {
	require.Equal(t, "Win.Test", types.CleanText("Win.\x00Te\nst\xff", 128))
	require.Equal(t, "ää", types.CleanText("äää", 5), "cut at a character boundary")
	require.Empty(t, types.CleanText("\x01\x02", 128))
}

func TestManyFileTypesFallBackToUnknown(t *testing.T) {
	fileTypes := make([]string, 600)
	for i := range fileTypes {
		fileTypes[i] = strings.Repeat("t", 1+i/26%30) + string(rune('a'+i%26))
	}
	features := types.NewFeatureVector(fileTypes)
	require.Len(t, features.FileTypes, types.MaxFileTypes)
	require.Contains(t, features.FileTypes, "unknown")
	require.NoError(t, types.Attestation{Features: features}.Validate(len(fileTypes)))
}

func FuzzAttestation(f *testing.F) {
	seed := example()
	encoded, err := seed.Marshal()
	require.NoError(f, err)
	f.Add(encoded, 3)
	seed = featured()
	encoded, err = seed.Marshal()
	require.NoError(f, err)
	f.Add(encoded, 3)
	f.Fuzz(func(t *testing.T, encoded []byte, n int) {
		var attestation types.Attestation
		if n < 1 || n > types.MaxRoundSamples || attestation.Unmarshal(encoded) != nil || attestation.Validate(n) != nil {
			return
		}
		signed := []types.SignedAttestation{{Operator: "a", Attestation: attestation}}
		verdicts, _, err := types.VerdictsOf(signed, types.WeightTable{}, n-1, n)
		require.NoError(t, err)
		require.Len(t, verdicts, len(attestation.Vectors))
		columns, err := types.Columns(signed, types.WeightTable{}, n)
		require.NoError(t, err)
		require.Len(t, types.Tally(types.DefaultParams().Rules(), 0, columns, 0, n), n)
		require.Len(t, types.AgreeOnFeatures(signed, types.WeightTable{}, n), n)

		again, err := attestation.Marshal()
		require.NoError(t, err)
		var copied types.Attestation
		require.NoError(t, copied.Unmarshal(again))
		require.NoError(t, copied.Validate(n))
		require.Equal(t, attestation.Features, copied.Features)
	})
}
