package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/app"
	chaintest "github.com/virusmap/virusmap/testutil/chain"
)

// The fields of the chain registry's schema that the project's file may have. The
// registry refuses any other.
type registryChain struct {
	Schema       string            `json:"$schema"`
	ChainName    string            `json:"chain_name"`
	ChainType    string            `json:"chain_type"`
	ChainID      string            `json:"chain_id"`
	PrettyName   string            `json:"pretty_name"`
	Status       string            `json:"status"`
	NetworkType  string            `json:"network_type"`
	Bech32Prefix string            `json:"bech32_prefix"`
	Bech32Config map[string]string `json:"bech32_config"`
	DaemonName   string            `json:"daemon_name"`
	NodeHome     string            `json:"node_home"`
	KeyAlgos     []string          `json:"key_algos"`
	Slip44       uint32            `json:"slip44"`
	Fees         struct {
		FeeTokens []struct {
			Denom   string      `json:"denom"`
			Fixed   json.Number `json:"fixed_min_gas_price"`
			Low     json.Number `json:"low_gas_price"`
			Average json.Number `json:"average_gas_price"`
			High    json.Number `json:"high_gas_price"`
		} `json:"fee_tokens"`
	} `json:"fees"`
	Staking struct {
		StakingTokens []struct {
			Denom string `json:"denom"`
		} `json:"staking_tokens"`
		LockDuration struct {
			Time string `json:"time"`
		} `json:"lock_duration"`
	} `json:"staking"`
	Codebase struct {
		GitRepo   string           `json:"git_repo"`
		Language  registrySoftware `json:"language"`
		SDK       registrySoftware `json:"sdk"`
		Consensus registrySoftware `json:"consensus"`
		Cosmwasm  struct {
			Enabled bool `json:"enabled"`
		} `json:"cosmwasm"`
	} `json:"codebase"`
	Description string   `json:"description"`
	Keywords    []string `json:"keywords"`
}

type registrySoftware struct {
	Type    string `json:"type"`
	Version string `json:"version"`
	Repo    string `json:"repo"`
	Tag     string `json:"tag"`
}

type registryAssets struct {
	Schema    string `json:"$schema"`
	ChainName string `json:"chain_name"`
	Assets    []struct {
		Description string `json:"description"`
		DenomUnits  []struct {
			Denom    string   `json:"denom"`
			Exponent uint32   `json:"exponent"`
			Aliases  []string `json:"aliases"`
		} `json:"denom_units"`
		TypeAsset string `json:"type_asset"`
		Base      string `json:"base"`
		Name      string `json:"name"`
		Display   string `json:"display"`
		Symbol    string `json:"symbol"`
	} `json:"assets"`
}

func readRegistry(t *testing.T, file string, into any) {
	t.Helper()
	bz, err := os.ReadFile("../docs/registry/" + file)
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(bz))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(into))
}

// What wallets read of the chain must be what the chain is.
func TestRegistryDescribesThisChain(t *testing.T) {
	var chain registryChain
	readRegistry(t, "chain.json", &chain)
	require.Equal(t, "virusmap", chain.ChainName)
	require.Equal(t, "cosmos", chain.ChainType)
	require.Regexp(t, `^virusmap-\d+$`, chain.ChainID, "Keplr wants {identifier}-{version}")
	require.Contains(t, []string{"live", "upcoming", "killed"}, chain.Status)
	require.Equal(t, app.Name, chain.DaemonName)
	require.EqualValues(t, app.CoinType, chain.Slip44)
	require.Equal(t, []string{"secp256k1"}, chain.KeyAlgos)

	config := sdk.GetConfig()
	require.Equal(t, config.GetBech32AccountAddrPrefix(), chain.Bech32Prefix)
	require.Equal(t, map[string]string{
		"bech32PrefixAccAddr":  config.GetBech32AccountAddrPrefix(),
		"bech32PrefixAccPub":   config.GetBech32AccountPubPrefix(),
		"bech32PrefixValAddr":  config.GetBech32ValidatorAddrPrefix(),
		"bech32PrefixValPub":   config.GetBech32ValidatorPubPrefix(),
		"bech32PrefixConsAddr": config.GetBech32ConsensusAddrPrefix(),
		"bech32PrefixConsPub":  config.GetBech32ConsensusPubPrefix(),
	}, chain.Bech32Config)

	require.Len(t, chain.Fees.FeeTokens, 1)
	fee := chain.Fees.FeeTokens[0]
	require.Equal(t, app.Denom, fee.Denom)
	prices := make([]math.LegacyDec, 4)
	for i, price := range []json.Number{fee.Fixed, fee.Low, fee.Average, fee.High} {
		prices[i] = math.LegacyMustNewDecFromStr(price.String())
	}
	require.Equal(t, app.MinGasPrice, prices[0].String()[:len(app.MinGasPrice)])
	require.True(t, prices[0].LTE(prices[1]) && prices[1].LT(prices[2]) && prices[2].LT(prices[3]))

	running := chaintest.New(t, chaintest.Config{})
	running.Blocks(1)
	staking, err := running.App.StakingKeeper.GetParams(running.Context())
	require.NoError(t, err)
	require.Equal(t, staking.BondDenom, chain.Staking.StakingTokens[0].Denom)
	require.Equal(t, fmt.Sprintf("%.0fs", staking.UnbondingTime.Seconds()), chain.Staking.LockDuration.Time)

	goMod, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	for _, line := range []string{
		"go " + chain.Codebase.Language.Version,
		"github.com/cosmos/cosmos-sdk " + chain.Codebase.SDK.Tag,
		"github.com/cometbft/cometbft " + chain.Codebase.Consensus.Tag,
	} {
		require.Contains(t, string(goMod), line)
	}
	require.Equal(t, chain.Codebase.SDK.Tag, "v"+chain.Codebase.SDK.Version)
	require.Equal(t, chain.Codebase.Consensus.Tag, "v"+chain.Codebase.Consensus.Version)
	require.True(t, strings.HasPrefix(chain.Codebase.GitRepo, "https://"))
	require.False(t, chain.Codebase.Cosmwasm.Enabled)
}

func TestRegistryDescribesTheToken(t *testing.T) {
	var list registryAssets
	readRegistry(t, "assetlist.json", &list)
	require.Equal(t, "virusmap", list.ChainName)
	require.Len(t, list.Assets, 1)
	asset := list.Assets[0]
	require.Equal(t, "sdk.coin", asset.TypeAsset)
	listed := banktypes.Metadata{
		Description: asset.Description, Base: asset.Base, Display: asset.Display, Name: asset.Name, Symbol: asset.Symbol,
	}
	for _, unit := range asset.DenomUnits {
		listed.DenomUnits = append(listed.DenomUnits, &banktypes.DenomUnit{
			Denom: unit.Denom, Exponent: unit.Exponent, Aliases: unit.Aliases,
		})
	}
	chain := chaintest.New(t, chaintest.Config{})
	chain.Blocks(1)
	metadata, found := chain.App.BankKeeper.GetDenomMetaData(chain.Context(), app.Denom)
	require.True(t, found)
	require.Equal(t, metadata, listed)
}
