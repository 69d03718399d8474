package rewards

import (
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	bounty "github.com/virusmap/virusmap/x/bounty/types"
	samples "github.com/virusmap/virusmap/x/samples/types"
	supernode "github.com/virusmap/virusmap/x/supernode/types"
	verdicts "github.com/virusmap/virusmap/x/verdicts/types"
)

// State is what a genesis, or an export, says that bears on rewards.
type State struct {
	// Height is that of the first block after it.
	Height    int64
	Bounty    bounty.GenesisState
	Samples   samples.GenesisState
	Supernode supernode.GenesisState
	Verdicts  verdicts.GenesisState
	// Balances in uvmt by address.
	Balances map[string]*big.Int
	// Supply is all uvmt there are.
	Supply *big.Int
}

// ReadState takes the modules' parts out of an app_state.
func ReadState(height int64, appState []byte) (State, error) {
	var modules map[string]json.RawMessage
	if err := json.Unmarshal(appState, &modules); err != nil {
		return State{}, fmt.Errorf("app_state: %w", err)
	}
	state := State{Height: max(height, 1), Balances: make(map[string]*big.Int), Supply: new(big.Int)}
	var balances banktypes.GenesisState
	cdc := codec.NewProtoCodec(codectypes.NewInterfaceRegistry())
	for _, part := range []struct {
		module string
		to     proto.Message
	}{
		{bounty.ModuleName, &state.Bounty},
		{samples.ModuleName, &state.Samples},
		{supernode.ModuleName, &state.Supernode},
		{verdicts.ModuleName, &state.Verdicts},
		{banktypes.ModuleName, &balances},
	} {
		if err := cdc.UnmarshalJSON(modules[part.module], part.to); err != nil {
			return State{}, fmt.Errorf("app_state.%s: %w", part.module, err)
		}
	}
	for _, balance := range balances.Balances {
		amount := balance.Coins.AmountOf(bounty.Denom).BigInt()
		state.Balances[balance.Address] = amount
		state.Supply.Add(state.Supply, amount)
	}
	return state, nil
}

// fresh refuses a state that holds what only earlier events could explain.
func (s State) fresh() error {
	b := s.Bounty
	for what, count := range map[string]int{
		"rewards of epochs": len(b.Epochs) + len(b.Points) + len(b.Standings) + len(b.Works),
		"scores":            len(b.Scores) + len(b.Clusters) + len(b.Keys) + len(b.Credits) + len(b.Sightings),
		"samples":           len(s.Samples.Samples),
		"rounds":            len(s.Verdicts.Rounds),
	} {
		if count > 0 {
			return fmt.Errorf("the genesis at height %d has %s: a recount begins with the first block of a chain", s.Height, what)
		}
	}
	return nil
}

// epoch is the newest that the genesis seats.
func (s State) epoch() (newest uint64) {
	for _, epoch := range s.Supernode.Epochs {
		newest = max(newest, epoch.Number)
	}
	return newest
}

// balance of an address in uvmt.
func (s State) balance(address string) *big.Int {
	if amount, known := s.Balances[address]; known {
		return amount
	}
	return new(big.Int)
}
