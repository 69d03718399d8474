package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func least() types.Params {
	return types.Params{
		MaxActive:             1,
		MinSelfBond:           sdk.NewInt64Coin("uvmt", 1),
		UnbondingSeconds:      1,
		EpochIdentifier:       "d",
		VaultKeyGraceBlocks:   1,
		EpochsKept:            1,
		MaxUnbondingsPerBlock: 1,

		MaxUnbondingsPerDelegation: 1,
		RedelegationSeconds:        1,
		MinDelegation:              1,
		LivenessWindow:             types.MinLivenessWindow,
		JailSeconds:                1,
		MaxJails:                   1,
		BeaconIdleBlocks:           1,
	}
}

func TestParamsValidate(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.Params)
		message string
	}{
		"default":              {change: func(*types.Params) {}},
		"least":                {change: func(p *types.Params) { *p = least() }},
		"no seats":             {change: func(p *types.Params) { p.MaxActive = 0 }, message: "max_active is 0, want 1 to 100"},
		"too many seats":       {change: func(p *types.Params) { p.MaxActive = 101 }, message: "max_active is 101"},
		"no bond":              {change: func(p *types.Params) { p.MinSelfBond = sdk.Coin{} }, message: "min_self_bond"},
		"bond is zero":         {change: func(p *types.Params) { p.MinSelfBond.Amount = math.ZeroInt() }, message: "min_self_bond"},
		"bond is negative":     {change: func(p *types.Params) { p.MinSelfBond.Amount = math.NewInt(-1) }, message: "min_self_bond"},
		"bond above 64 bits":   {change: func(p *types.Params) { p.MinSelfBond.Amount = math.NewIntFromUint64(types.MaxStake).AddRaw(1) }, message: "min_self_bond"},
		"bond without denom":   {change: func(p *types.Params) { p.MinSelfBond.Denom = "" }, message: "min_self_bond"},
		"no unbonding":         {change: func(p *types.Params) { p.UnbondingSeconds = 0 }, message: "unbonding_seconds"},
		"long unbonding":       {change: func(p *types.Params) { p.UnbondingSeconds = types.MaxUnbondingSeconds + 1 }, message: "unbonding_seconds"},
		"no timer":             {change: func(p *types.Params) { p.EpochIdentifier = "" }, message: "epoch_identifier has 0 bytes"},
		"long timer":           {change: func(p *types.Params) { p.EpochIdentifier = strings.Repeat("d", 65) }, message: "epoch_identifier has 65 bytes"},
		"no grace":             {change: func(p *types.Params) { p.VaultKeyGraceBlocks = 0 }, message: "vault_key_grace_blocks"},
		"long grace":           {change: func(p *types.Params) { p.VaultKeyGraceBlocks = types.MaxVaultKeyGraceBlocks + 1 }, message: "vault_key_grace_blocks"},
		"no epochs kept":       {change: func(p *types.Params) { p.EpochsKept = 0 }, message: "epochs_kept"},
		"too many epochs kept": {change: func(p *types.Params) { p.EpochsKept = types.MaxEpochsKept + 1 }, message: "epochs_kept"},
		"no releases":          {change: func(p *types.Params) { p.MaxUnbondingsPerBlock = 0 }, message: "max_unbondings_per_block"},
		"too many releases":    {change: func(p *types.Params) { p.MaxUnbondingsPerBlock = 1001 }, message: "max_unbondings_per_block is 1001, want 1 to 1000"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			tc.change(&params)
			err := params.Validate()
			if tc.message == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrInvalidParams)
			require.ErrorContains(t, err, tc.message)
		})
	}
}

// FuzzParams: bytes that decode and validate hold values the keeper can compute with.
func FuzzParams(f *testing.F) {
	params := types.DefaultParams()
	seed, err := params.Marshal()
	require.NoError(f, err)
	f.Add(seed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, bz []byte) {
		var params types.Params
		if params.Unmarshal(bz) != nil || params.Validate() != nil {
			return
		}
		require.True(t, params.MinSelfBond.Amount.IsUint64())
		require.LessOrEqual(t, params.MaxActive, uint32(types.MaxActiveLimit))
		again, err := params.Marshal()
		require.NoError(t, err)
		var decoded types.Params
		require.NoError(t, decoded.Unmarshal(again))
		require.Equal(t, params.String(), decoded.String())
	})
}
