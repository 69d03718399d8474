package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/verdicts/types"
)

func TestAppealBondDoublesWithEachLevel(t *testing.T) {
	params := types.DefaultParams()
	for level, least := range []int64{100_000_000, 200_000_000, 400_000_000} {
		require.NoError(t, params.CheckAppealBond(sdk.NewInt64Coin("uvmt", least), uint32(level)))
		require.ErrorIs(t, params.CheckAppealBond(sdk.NewInt64Coin("uvmt", least-1), uint32(level)), types.ErrInvalidBond)
	}
}

func TestAppealBondIsInTheChainsCoin(t *testing.T) {
	params := types.DefaultParams()
	params.AppealBond.Denom = "uatom"
	require.ErrorContains(t, params.Validate(), `denomination "uatom" is not uvmt`)
}

func TestPanelShareIsRoundedDown(t *testing.T) {
	params := types.DefaultParams()
	for lost, want := range map[int64]int64{0: 0, 1: 0, 3: 1, 200: 100} {
		require.Equal(t, want, params.PanelShare(math.NewInt(lost)).Int64())
	}
}
