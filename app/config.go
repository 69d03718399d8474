package app

import (
	"os"
	"path/filepath"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// Name is the name of the chain daemon.
	Name = "vmtd"
	// Denom is the base denomination: 1 VMT = 1,000,000 uvmt.
	Denom = "uvmt"
	// DisplayDenom is the denomination people see.
	DisplayDenom = "VMT"
	// DisplayExponent is how many decimals the display denomination has.
	DisplayExponent = 6
	// MinGasPrice is what nodes ask for a unit of gas unless they are told otherwise, in uvmt.
	MinGasPrice = "0.025"
	// Bech32Prefix starts every account address.
	Bech32Prefix = "vmt"
	// CoinType is the SLIP-44 number in derivation paths; 118 is what the Cosmos
	// Ledger application and Keplr derive by default.
	CoinType = 118
)

// IsVoucher tells that a denomination stands for coins of another chain, in the form that
// IBC gives it. The sale is paid in such.
func IsVoucher(denom string) bool { return strings.HasPrefix(denom, "ibc/") }

// DefaultHome is where a node keeps its files unless --home says otherwise.
var DefaultHome = defaultHome()

// The SDK keeps address prefixes and the default bond denomination in package
// variables that default geneses and address formatting read, so they are set
// before anything else of this package runs.
func init() {
	sdk.DefaultBondDenom = Denom
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(Bech32Prefix, Bech32Prefix+sdk.PrefixPublic)
	config.SetBech32PrefixForValidator(
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixOperator,
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixOperator+sdk.PrefixPublic)
	config.SetBech32PrefixForConsensusNode(
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixConsensus,
		Bech32Prefix+sdk.PrefixValidator+sdk.PrefixConsensus+sdk.PrefixPublic)
	config.SetCoinType(CoinType)
}

func defaultHome() string {
	if home := os.Getenv("VMTD_HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	return filepath.Join(home, "."+Name)
}
