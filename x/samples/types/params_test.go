package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/samples/types"
)

func TestParamsBounds(t *testing.T) {
	tooMuch := sdk.NewInt64Coin(types.Denom, 1_000_000_000_001)
	for name, test := range map[string]struct {
		change func(*types.Params)
		says   string // empty: accepted
	}{
		"default":                 {change: func(*types.Params) {}},
		"nothing to pay":          {change: func(p *types.Params) { p.Deposit, p.RescanFee = zero(), zero() }},
		"largest":                 {change: func(p *types.Params) { p.MaxSizeBytes, p.TtlSeconds = 4<<30, 315_360_000 }},
		"smallest":                {change: func(p *types.Params) { p.MaxSizeBytes, p.MaxSamplesPerMsg, p.TtlSeconds = 1, 1, 600 }},
		"deposit in other coins":  {func(p *types.Params) { p.Deposit.Denom = "uatom" }, `deposit: denomination "uatom" is not uvmt`},
		"deposit missing":         {func(p *types.Params) { p.Deposit = sdk.Coin{} }, "deposit"},
		"deposit without amount":  {func(p *types.Params) { p.Deposit.Amount = math.Int{} }, "deposit"},
		"deposit below nothing":   {func(p *types.Params) { p.Deposit.Amount = math.NewInt(-1) }, "deposit: -1uvmt is not in 0..1000000000000uvmt"},
		"deposit too large":       {func(p *types.Params) { p.Deposit = tooMuch }, "deposit"},
		"fee too large":           {func(p *types.Params) { p.RescanFee = tooMuch }, "rescan_fee"},
		"no size":                 {func(p *types.Params) { p.MaxSizeBytes = 0 }, "max_size_bytes: 0 is not in 1..4294967296"},
		"size too large":          {func(p *types.Params) { p.MaxSizeBytes = 4<<30 + 1 }, "max_size_bytes"},
		"no samples":              {func(p *types.Params) { p.MaxSamplesPerMsg = 0 }, "max_samples_per_msg"},
		"too many samples":        {func(p *types.Params) { p.MaxSamplesPerMsg = 101 }, "max_samples_per_msg"},
		"no claim window":         {func(p *types.Params) { p.ClaimWindowBlocks = 0 }, "claim_window_blocks"},
		"claim window too long":   {func(p *types.Params) { p.ClaimWindowBlocks = 100_001 }, "claim_window_blocks"},
		"time to live too short":  {func(p *types.Params) { p.TtlSeconds = 599 }, "ttl_seconds"},
		"time to live too long":   {func(p *types.Params) { p.TtlSeconds = 1 << 63 }, "ttl_seconds"},
		"nothing ever expires":    {func(p *types.Params) { p.MaxExpiriesPerBlock = 0 }, "max_expiries_per_block"},
		"no holder":               {func(p *types.Params) { p.Replication = 0 }, "replication: 0 is not in 1..100"},
		"too many holders":        {func(p *types.Params) { p.Replication = 101 }, "replication"},
		"no challenges":           {change: func(p *types.Params) { p.ChallengesPerEpoch = 0 }},
		"too many challenges":     {func(p *types.Params) { p.ChallengesPerEpoch = 9 }, "challenges_per_epoch: 9 is not in 0..8"},
		"no time to answer":       {func(p *types.Params) { p.ChallengeWindowBlocks = 0 }, "challenge_window_blocks"},
		"too long to answer":      {func(p *types.Params) { p.ChallengeWindowBlocks = 100_001 }, "challenge_window_blocks"},
		"nobody challenged":       {func(p *types.Params) { p.MaxChallengedPerBlock = 0 }, "max_challenged_per_block"},
		"too many challenged":     {func(p *types.Params) { p.MaxChallengedPerBlock = 5 }, "max_challenged_per_block: 5 is not in 1..4"},
		"too much work per block": {func(p *types.Params) { p.MaxExpiriesPerBlock = 10_001 }, "max_expiries_per_block"},
	} {
		t.Run(name, func(t *testing.T) {
			params := types.DefaultParams()
			test.change(&params)
			err := params.Validate()
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, types.ErrInvalidParams)
			require.ErrorContains(t, err, test.says)
		})
	}
}

func zero() sdk.Coin { return sdk.NewInt64Coin(types.Denom, 0) }
