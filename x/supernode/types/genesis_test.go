package types_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestGenesisValidate(t *testing.T) {
	tests := map[string]struct {
		change  func(*types.GenesisState)
		err     error
		message string
	}{
		"default":                 {change: func(gs *types.GenesisState) { *gs = *types.DefaultGenesis() }},
		"all kinds of records":    {change: func(*types.GenesisState) {}},
		"seats in any order":      {change: func(gs *types.GenesisState) { gs.Seats[0], gs.Seats[1] = gs.Seats[1], gs.Seats[0] }},
		"params":                  {change: func(gs *types.GenesisState) { gs.Params.MaxActive = 0 }, err: types.ErrInvalidParams, message: "max_active"},
		"operator is no address":  {change: func(gs *types.GenesisState) { gs.Supernodes[0].Operator = "x" }, err: types.ErrInvalidAddress, message: "supernodes[0].operator"},
		"operator in upper case":  {change: func(gs *types.GenesisState) { gs.Supernodes[0].Operator = strings.ToUpper(account(1)) }, err: types.ErrInvalidAddress, message: "lower case"},
		"operator twice":          {change: func(gs *types.GenesisState) { gs.Supernodes[1].Operator = account(1) }, err: types.ErrInvalidGenesis, message: "supernodes[1].operator"},
		"sidecar twice":           {change: func(gs *types.GenesisState) { gs.Supernodes[1].Profile.Sidecar = account(101) }, err: types.ErrInvalidGenesis, message: "supernodes[1].profile.sidecar"},
		"sidecar in upper case":   {change: func(gs *types.GenesisState) { gs.Supernodes[1].Profile.Sidecar = strings.ToUpper(account(101)) }, err: types.ErrInvalidAddress, message: "supernodes[1].profile.sidecar"},
		"profile":                 {change: func(gs *types.GenesisState) { gs.Supernodes[1].Profile.Moniker = "" }, err: types.ErrInvalidProfile, message: "supernodes[1]"},
		"no bond":                 {change: func(gs *types.GenesisState) { gs.Supernodes[0].SelfBond = math.Int{} }, err: types.ErrInvalidBond, message: "supernodes[0].self_bond"},
		"negative height":         {change: func(gs *types.GenesisState) { gs.Supernodes[0].RegisteredHeight = -1 }, err: types.ErrInvalidGenesis, message: "registered_height"},
		"no status":               {change: func(gs *types.GenesisState) { gs.Supernodes[0].Status = types.STATUS_UNSPECIFIED }, err: types.ErrInvalidGenesis, message: "status"},
		"candidate with release":  {change: func(gs *types.GenesisState) { gs.Supernodes[0].ReleaseTime = 1 }, err: types.ErrInvalidGenesis, message: "release_time 1"},
		"retired without release": {change: func(gs *types.GenesisState) { gs.Supernodes[1].ReleaseTime = 0 }, err: types.ErrInvalidGenesis, message: "release_time 0"},
		"jailed": {change: func(gs *types.GenesisState) {
			gs.Supernodes[0].Status, gs.Supernodes[0].JailedUntil = types.STATUS_JAILED, 1
		}},
		"jailed for ever":              {change: func(gs *types.GenesisState) { gs.Supernodes[0].Status = types.STATUS_JAILED }, err: types.ErrInvalidGenesis, message: "jailed_until 0"},
		"candidate with a jail time":   {change: func(gs *types.GenesisState) { gs.Supernodes[0].JailedUntil = 1 }, err: types.ErrInvalidGenesis, message: "jailed_until 1"},
		"recipient_hash too short":     {change: func(gs *types.GenesisState) { gs.SealedKeys[0].RecipientHash = []byte{1} }, err: types.ErrInvalidGenesis, message: "sealed_keys[0].recipient_hash has 1 bytes"},
		"liveness of nobody":           {change: func(gs *types.GenesisState) { gs.Liveness[0].Operator = account(9) }, err: types.ErrInvalidGenesis, message: "liveness[0].operator"},
		"liveness no address":          {change: func(gs *types.GenesisState) { gs.Liveness[0].Operator = "" }, err: types.ErrInvalidAddress, message: "liveness[0].operator"},
		"liveness twice":               {change: func(gs *types.GenesisState) { gs.Liveness = append(gs.Liveness, gs.Liveness...) }, err: types.ErrInvalidGenesis, message: "liveness[1].operator"},
		"liveness without a ring":      {change: func(gs *types.GenesisState) { gs.Liveness[0].Missed = nil }, err: types.ErrInvalidGenesis, message: "ring of 0 bytes"},
		"liveness with a long ring":    {change: func(gs *types.GenesisState) { gs.Liveness[0].Missed = make([]byte, 129) }, err: types.ErrInvalidGenesis, message: "ring of 129 bytes"},
		"liveness counts wrongly":      {change: func(gs *types.GenesisState) { gs.Liveness[0].MissedCount = 3 }, err: types.ErrInvalidGenesis, message: "missed_count is 3"},
		"liveness observed too much":   {change: func(gs *types.GenesisState) { gs.Liveness[0].Observed = 9 }, err: types.ErrInvalidGenesis, message: "observed 9"},
		"liveness next too far":        {change: func(gs *types.GenesisState) { gs.Liveness[0].Next = 4 }, err: types.ErrInvalidGenesis, message: "next 4"},
		"benched without a seat":       {change: func(gs *types.GenesisState) { gs.Benched[0].Operator = account(9) }, err: types.ErrInvalidGenesis, message: "benched[0]"},
		"benched twice":                {change: func(gs *types.GenesisState) { gs.Benched = append(gs.Benched, gs.Benched...) }, err: types.ErrInvalidGenesis, message: "benched[1]"},
		"fault without a vault key":    {change: func(gs *types.GenesisState) { gs.VaultKeyFaults[0].Epoch = 4 }, err: types.ErrInvalidGenesis, message: "vault_key_faults[0].epoch 4"},
		"fault twice":                  {change: func(gs *types.GenesisState) { gs.VaultKeyFaults = append(gs.VaultKeyFaults, gs.VaultKeyFaults...) }, err: types.ErrInvalidGenesis, message: "vault_key_faults[1]"},
		"no beacon":                    {change: func(gs *types.GenesisState) { gs.Beacon = types.Beacon{} }},
		"beacon too short":             {change: func(gs *types.GenesisState) { gs.Beacon.Value = []byte{1} }, err: types.ErrInvalidGenesis, message: "value of 1 bytes"},
		"beacon at a negative height":  {change: func(gs *types.GenesisState) { gs.Beacon.HiddenHeight = -1 }, err: types.ErrInvalidGenesis, message: "hidden_height -1"},
		"beacon of heights alone":      {change: func(gs *types.GenesisState) { gs.Beacon.Value = nil }, err: types.ErrInvalidGenesis, message: "value of 0 bytes"},
		"epoch 0":                      {change: func(gs *types.GenesisState) { gs.Epochs[0].Number = 0 }, err: types.ErrInvalidGenesis, message: "epochs[0]"},
		"epoch twice":                  {change: func(gs *types.GenesisState) { gs.Epochs[0] = gs.Epochs[1] }, err: types.ErrInvalidGenesis, message: "epochs[1].number 7 occurs twice"},
		"epoch at negative height":     {change: func(gs *types.GenesisState) { gs.Epochs[0].StartHeight = -1 }, err: types.ErrInvalidGenesis, message: "start_height"},
		"too few seats":                {change: func(gs *types.GenesisState) { gs.Seats = gs.Seats[:1] }, err: types.ErrInvalidGenesis, message: "1 rows for 2 seats"},
		"seat without epoch":           {change: func(gs *types.GenesisState) { gs.Epochs = gs.Epochs[:1] }, err: types.ErrInvalidGenesis, message: "seats[0].epoch 7 has no epoch"},
		"seat is no address":           {change: func(gs *types.GenesisState) { gs.Seats[1].Operator = "" }, err: types.ErrInvalidAddress, message: "seats[1].operator"},
		"seat without stake":           {change: func(gs *types.GenesisState) { gs.Seats[1].Stake = math.ZeroInt() }, err: types.ErrInvalidBond, message: "seats[1].stake"},
		"two seats of one":             {change: func(gs *types.GenesisState) { gs.Seats[1] = gs.Seats[0]; gs.Seats[1].Rank = 1 }, err: types.ErrInvalidGenesis, message: "two seats"},
		"rank is missing":              {change: func(gs *types.GenesisState) { gs.Seats[1].Rank = 2 }, err: types.ErrInvalidGenesis, message: "want rank 1"},
		"rank against stake":           {change: func(gs *types.GenesisState) { gs.Seats[1].Stake = math.NewInt(6) }, err: types.ErrInvalidGenesis, message: "rank 0 does not go before rank 1"},
		"tie against operator":         {change: func(gs *types.GenesisState) { gs.Seats[0].Rank, gs.Seats[1].Rank = 1, 0 }, err: types.ErrInvalidGenesis, message: "rank 0 does not go before rank 1"},
		"vault key of epoch 0":         {change: func(gs *types.GenesisState) { gs.VaultKeys[0].Epoch = 0 }, err: types.ErrInvalidGenesis, message: "vault_keys[0].epoch is 0, want each of 1 to 7"},
		"vault key of an epoch ahead":  {change: func(gs *types.GenesisState) { gs.VaultKeys[0].Epoch = 8 }, err: types.ErrInvalidGenesis, message: "vault_keys[0].epoch is 8"},
		"vault key twice":              {change: func(gs *types.GenesisState) { gs.VaultKeys = append(gs.VaultKeys, gs.VaultKeys...) }, err: types.ErrInvalidGenesis, message: "vault_keys[1].epoch"},
		"vault key without maker":      {change: func(gs *types.GenesisState) { gs.VaultKeys[0].Maker = "" }, err: types.ErrInvalidAddress, message: "vault_keys[0].maker"},
		"vault key without recipient":  {change: func(gs *types.GenesisState) { gs.VaultKeys[0].Recipient = "" }, err: types.ErrInvalidRecipient, message: "vault_keys[0].recipient"},
		"vault key at negative height": {change: func(gs *types.GenesisState) { gs.VaultKeys[0].Height = -1 }, err: types.ErrInvalidGenesis, message: "vault_keys[0].height"},
		"sealed key without vault key": {change: func(gs *types.GenesisState) { gs.SealedKeys[1].Epoch = 4 }, err: types.ErrInvalidGenesis, message: "sealed_keys[1].epoch 4"},
		"sealed key twice":             {change: func(gs *types.GenesisState) { gs.SealedKeys[1] = gs.SealedKeys[0] }, err: types.ErrInvalidGenesis, message: "sealed_keys[1]"},
		"sealed key empty":             {change: func(gs *types.GenesisState) { gs.SealedKeys[1].Sealed = nil }, err: types.ErrInvalidSealedKeys, message: "sealed_keys[1].sealed"},
		"sealed key in upper case":     {change: func(gs *types.GenesisState) { gs.SealedKeys[1].Operator = strings.ToUpper(account(2)) }, err: types.ErrInvalidAddress, message: "sealed_keys[1].operator"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			gs := validGenesis()
			tc.change(&gs)
			err := gs.Validate()
			if tc.err == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.err)
			require.ErrorContains(t, err, tc.message)
		})
	}
}

// FuzzGenesis: JSON that decodes and validates is written again as what it was.
func FuzzGenesis(f *testing.F) {
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "vmt"}.NewCodec()
	full := validGenesis()
	f.Add(cdc.MustMarshalJSON(&full))
	f.Add(cdc.MustMarshalJSON(types.DefaultGenesis()))
	f.Fuzz(func(t *testing.T, bz []byte) {
		var gs types.GenesisState
		if cdc.UnmarshalJSON(bz, &gs) != nil || gs.Validate() != nil {
			return
		}
		written, err := cdc.MarshalJSON(&gs)
		require.NoError(t, err)
		var again types.GenesisState
		require.NoError(t, cdc.UnmarshalJSON(written, &again))
		require.NoError(t, again.Validate())
		require.Equal(t, gs.String(), again.String())
	})
}
