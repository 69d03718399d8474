package app

import (
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
)

// Encoding is what reads and writes the chain's transactions and state.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    codec.Codec
	Amino    *codec.LegacyAmino
	TxConfig client.TxConfig
}

// Address codecs of accounts, validator operators and validator consensus keys.
func accountCodec() address.Bech32Codec {
	return address.Bech32Codec{Bech32Prefix: Bech32Prefix}
}

func validatorCodec() address.Bech32Codec {
	return address.Bech32Codec{Bech32Prefix: Bech32Prefix + "valoper"}
}

func consensusCodec() address.Bech32Codec {
	return address.Bech32Codec{Bech32Prefix: Bech32Prefix + "valcons"}
}

// newEncoding returns the encoding before the modules have registered their types.
func newEncoding() (Encoding, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          accountCodec(),
			ValidatorAddressCodec: validatorCodec(),
		},
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("interface registry: %w", err)
	}
	if err := registry.SigningContext().Validate(); err != nil {
		return Encoding{}, fmt.Errorf("signers of messages: %w", err)
	}
	cdc := codec.NewProtoCodec(registry)
	encoding := Encoding{
		Registry: registry,
		Codec:    cdc,
		Amino:    codec.NewLegacyAmino(),
		TxConfig: authtx.NewTxConfig(cdc, authtx.DefaultSignModes),
	}
	std.RegisterLegacyAminoCodec(encoding.Amino)
	std.RegisterInterfaces(registry)
	return encoding, nil
}
