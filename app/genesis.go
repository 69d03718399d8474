package app

import (
	"encoding/json"
	"fmt"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/types/module"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	"github.com/cosmos/cosmos-sdk/x/epochs"
	epochstypes "github.com/cosmos/cosmos-sdk/x/epochs/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"

	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
)

const (
	// unbondingTime is how long stakes stay slashable, and so how old evidence may be.
	unbondingTime = 21 * 24 * time.Hour
	// blockTime is what the generated node configuration aims at.
	blockTime = time.Second
	// epochDuration is the term of a seated set of supernodes.
	epochDuration = 24 * time.Hour

	maxBlockBytes = 4 << 20
	// maxBlockGas leaves room for a block full of reveals: stored bytes cost about
	// 70 gas each (size, signature check, write), and there are at most 4 MiB of them.
	maxBlockGas      = 400_000_000
	maxEvidenceBytes = 256 << 10
)

// GenesisState is the state of each module by its name.
type GenesisState = map[string]json.RawMessage

// UnmarshalGenesis reads the app_state of a genesis file.
func UnmarshalGenesis(bz []byte) (GenesisState, error) {
	var state GenesisState
	if err := json.Unmarshal(bz, &state); err != nil {
		return nil, fmt.Errorf("genesis state: %w", err)
	}
	return state, nil
}

// EditGenesis changes the part of one module in a genesis state.
func EditGenesis[T any, M interface {
	*T
	proto.Message
}](cdc codec.JSONCodec, state GenesisState, module string, change func(M) error) error {
	part := M(new(T))
	if err := cdc.UnmarshalJSON(state[module], part); err != nil {
		return fmt.Errorf("genesis state of %s: %w", module, err)
	}
	if err := change(part); err != nil {
		return err
	}
	bz, err := cdc.MarshalJSON(part)
	if err != nil {
		return fmt.Errorf("genesis state of %s: %w", module, err)
	}
	state[module] = bz
	return nil
}

// DefaultGenesis is the state a new chain starts with, before accounts are added.
func (app *App) DefaultGenesis() GenesisState { return app.Basics.DefaultGenesis(app.Codec) }

// DefaultConsensusParams are what a new chain's validators agree on: blocks of at
// most 4 MiB and bounded gas, Ed25519 keys, evidence as long as stakes are locked.
func DefaultConsensusParams() *cmttypes.ConsensusParams {
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxBytes = maxBlockBytes
	params.Block.MaxGas = maxBlockGas
	params.Evidence.MaxAgeDuration = unbondingTime
	params.Evidence.MaxAgeNumBlocks = int64(unbondingTime / blockTime)
	params.Evidence.MaxBytes = maxEvidenceBytes
	params.Validator.PubKeyTypes = []string{cmttypes.ABCIPubKeyTypeEd25519}
	return params
}

// DefaultConsensusParamsProto is DefaultConsensusParams in the form ABCI uses.
func DefaultConsensusParamsProto() *cmtproto.ConsensusParams {
	params := DefaultConsensusParams().ToProto()
	return &params
}

// newBasics returns the parts of the modules that need no state, with this chain's
// defaults where the SDK's do not fit.
func newBasics(modules *module.Manager) module.BasicManager {
	return module.NewBasicManagerFromManager(modules, map[string]module.AppModuleBasic{
		genutiltypes.ModuleName:  genutil.NewAppModuleBasic(genutiltypes.DefaultMessageValidator),
		banktypes.ModuleName:     bankGenesis{},
		epochstypes.ModuleName:   epochsGenesis{},
		slashingtypes.ModuleName: slashingGenesis{},
		// These have no genesis; the SDK's adaptor would write null for them.
		consensustypes.ModuleName: consensus.AppModuleBasic{},
		vestingtypes.ModuleName:   vestingAccounts{},
	})
}

// bankGenesis describes the token to wallets.
type bankGenesis struct{ bank.AppModuleBasic }

func (bankGenesis) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := banktypes.DefaultGenesisState()
	state.DenomMetadata = []banktypes.Metadata{{
		Description: "The token of VirusMap: pays for samples, rewards who finds threats, and secures the chain.",
		DenomUnits: []*banktypes.DenomUnit{
			{Denom: Denom, Exponent: 0, Aliases: []string{"microvmt"}},
			{Denom: DisplayDenom, Exponent: DisplayExponent},
		},
		Base:    Denom,
		Display: DisplayDenom,
		Name:    "VirusMap",
		Symbol:  DisplayDenom,
	}}
	return cdc.MustMarshalJSON(state)
}

// epochsGenesis has the one timer that seats supernodes.
type epochsGenesis struct{ epochs.AppModule }

func (epochsGenesis) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	identifier := supernodetypes.DefaultParams().EpochIdentifier
	return cdc.MustMarshalJSON(epochstypes.NewGenesisState([]epochstypes.EpochInfo{
		epochstypes.NewGenesisEpochInfo(identifier, epochDuration),
	}))
}

// slashingGenesis counts missed blocks over eight hours instead of a hundred blocks,
// which would be less than two minutes here.
type slashingGenesis struct{ slashing.AppModuleBasic }

func (slashingGenesis) DefaultGenesis(cdc codec.JSONCodec) json.RawMessage {
	state := slashingtypes.DefaultGenesisState()
	state.Params.SignedBlocksWindow = int64(8 * time.Hour / blockTime)
	state.Params.MinSignedPerWindow = math.LegacyNewDecWithPrec(5, 2)
	state.Params.SlashFractionDowntime = math.LegacyNewDecWithPrec(1, 4)
	return cdc.MustMarshalJSON(state)
}
