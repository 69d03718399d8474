package types_test

import (
	"bytes"
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	"github.com/virusmap/virusmap/x/samples/types"
)

func messages() map[string]sdk.Msg {
	signer := account("signer").String()
	full := by(submission("full"), account("contributor"))
	full.ClaimSalt = bytes.Repeat([]byte{7}, types.ClaimSaltBytes)
	params := types.DefaultParams()
	free := params
	free.Deposit.Amount, free.RescanFee.Amount = sdk.NewInt64Coin("uvmt", 0).Amount, sdk.NewInt64Coin("uvmt", 0).Amount
	return map[string]sdk.Msg{
		"submit":        &types.MsgSubmitSamples{Submitter: signer, Samples: []types.Submission{full, submission("bare")}},
		"submit zeroes": &types.MsgSubmitSamples{Submitter: signer, Samples: []types.Submission{{}}},
		"claim":         &types.MsgClaimSubmissions{Claimant: signer, Hashes: [][]byte{full.Sha256, full.ClaimSalt}},
		"claim nothing": &types.MsgClaimSubmissions{Claimant: signer},
		"rescan":        &types.MsgRequestRescan{Requester: signer, Sha256: full.Sha256},
		"block":         &types.MsgBlockSample{Authority: signer, Sha256: full.Sha256, Reason: `a "court" order <1> & more`},
		"prove": &types.MsgProveStorage{
			Sidecar: signer, Operator: account("operator").String(), Epoch: 3, Index: 1, Chunk: []byte("chunk"), Path: [][]byte{full.Sha256},
		},
		"prove nothing": &types.MsgProveStorage{Sidecar: signer, Path: [][]byte{{}}},
		"params":        &types.MsgUpdateParams{Authority: signer, Params: params},
		"free params":   &types.MsgUpdateParams{Authority: signer, Params: free},
	}
}

func by(s types.Submission, contributor sdk.AccAddress) types.Submission {
	s.Contributor = contributor.String()
	return s
}

func TestEveryMessageCanBeSigned(t *testing.T) {
	moduletest.RequireSignable(t, "virusmap.samples.v1", types.RegisterLegacyAminoCodec, messages())
}
