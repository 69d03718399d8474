package types_test

import (
	"testing"

	sdk "github.com/cosmos/cosmos-sdk/types"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	"github.com/virusmap/virusmap/x/bounty/types"
)

func TestEveryMessageCanBeSigned(t *testing.T) {
	signer, operator := bech32Of(1), bech32Of(2)
	amount := sdk.NewInt64Coin(types.Denom, 10_000_000)
	params := types.DefaultParams()
	free := params
	free.MinBounty.Amount, free.BountyFee.Amount = sdk.NewInt64Coin(types.Denom, 0).Amount, sdk.NewInt64Coin(types.Denom, 0).Amount
	moduletest.RequireSignable(t, "virusmap.bounty.v1", types.RegisterLegacyAminoCodec, map[string]sdk.Msg{
		"claim": &types.MsgClaimRewards{Contributor: signer},
		"sightings": &types.MsgReportSightings{Sidecar: signer, Operator: operator, Sightings: []types.Sighted{
			{Sha256: make([]byte, 32), Contributor: operator}, {Sha256: make([]byte, 32)},
		}},
		"no sightings": &types.MsgReportSightings{Sidecar: signer, Operator: operator},
		"bounty": &types.MsgPostBounty{
			Funder: signer, Kind: types.BOUNTY_KIND_YARA, Target: "rule a {\n\tcondition: \"<&>\"\n}", Amount: amount, DurationSeconds: 86400, Stage: 2,
		},
		"first stage": &types.MsgPostBounty{Funder: signer, Kind: types.BOUNTY_KIND_FAMILY, Target: "emotet", Amount: amount},
		"top up":      &types.MsgTopUpBounty{Funder: signer, Id: make([]byte, 32), Amount: amount},
		"params":      &types.MsgUpdateParams{Authority: signer, Params: params},
		"free params": &types.MsgUpdateParams{Authority: signer, Params: free},
	})
}
