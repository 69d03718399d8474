package verdicts_test

import (
	"math"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	"github.com/virusmap/virusmap/x/verdicts/types"
)

const protoPackage = "virusmap.verdicts.v1"

func TestReadmeAgreesWithTheProtos(t *testing.T) { moduletest.RequireReadme(t, protoPackage) }

func TestEveryMessageCanBeSigned(t *testing.T) {
	const signer = "vmt1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e"
	attestation := types.NewAttestation([]types.VerdictVector{
		types.NewVerdictVector("ClamAV", "1.4.6", make([]byte, 32), 1_700_000_000, []types.Answer{
			{Category: types.CATEGORY_MALICIOUS, Confidence: 15, Label: `Win.Test<"&">`}, {Category: types.CATEGORY_UNDETECTED},
		}),
		types.NewVerdictVector("YARA", "4.5.4", nil, 0, []types.Answer{
			{Category: types.CATEGORY_UNDETECTED}, {Category: types.CATEGORY_UNDETECTED},
		}),
	}, types.NewFeatureVector([]string{"elf", "pdf"}))
	attestation.Features.KeySample(0, types.SimilarityKeys{{1}})
	attestation.Features.Matches = []types.BountyMatch{{Bounty: make([]byte, types.BountyIDBytes), Samples: []uint32{0, 1}}}
	moduletest.RequireSignable(t, protoPackage, types.RegisterLegacyAminoCodec, map[string]sdk.Msg{
		"register":      &types.MsgRegisterEngine{Sidecar: signer, Operator: signer, Name: "ClamAV", Description: "a & b"},
		"retire":        &types.MsgRetireEngine{Sidecar: signer, Operator: signer, Name: "ClamAV"},
		"commit":        &types.MsgCommitAttestation{Sidecar: signer, Operator: signer, Round: 7, Hash: make([]byte, 32)},
		"commit empty":  &types.MsgCommitAttestation{},
		"commit last":   &types.MsgCommitAttestation{Round: math.MaxUint64},
		"reveal":        &types.MsgRevealAttestation{Sidecar: signer, Operator: signer, Round: 7, Salt: make([]byte, 32), Attestation: attestation},
		"reveal empty":  &types.MsgRevealAttestation{},
		"appeal":        &types.MsgAppeal{Appellant: signer, Sha256: make([]byte, 32), Claimed: types.OUTCOME_CLEAN, Evidence: "https://example.org/?a=1&b=<2>", Bond: sdk.NewInt64Coin("uvmt", 1)},
		"appeal empty":  &types.MsgAppeal{Bond: sdk.NewInt64Coin("uvmt", 0)},
		"escalate":      &types.MsgEscalateAppeal{Party: signer, Sha256: make([]byte, 32), Bond: sdk.NewInt64Coin("uvmt", 2)},
		"params":        &types.MsgUpdateParams{Authority: signer, Params: types.DefaultParams()},
		"params zeroes": &types.MsgUpdateParams{Authority: signer},
	})
}
