package chain

import (
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
	markettypes "github.com/virusmap/virusmap/x/market/types"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
	supernodetypes "github.com/virusmap/virusmap/x/supernode/types"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// encoding reads and writes what a client exchanges with the chain. It holds the types
// that the off-chain side uses and none of the keepers behind them.
type encoding struct {
	registry codectypes.InterfaceRegistry
	codec    codec.Codec
	tx       client.TxConfig
}

func newEncoding() (encoding, error) {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.Bech32Codec{Bech32Prefix: Bech32Prefix},
			ValidatorAddressCodec: address.Bech32Codec{Bech32Prefix: Bech32Prefix + "valoper"},
		},
	})
	if err != nil {
		return encoding{}, fmt.Errorf("interface registry: %w", err)
	}
	std.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	bountytypes.RegisterInterfaces(registry)
	markettypes.RegisterInterfaces(registry)
	samplestypes.RegisterInterfaces(registry)
	supernodetypes.RegisterInterfaces(registry)
	verdictstypes.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	return encoding{registry: registry, codec: cdc, tx: authtx.NewTxConfig(cdc, authtx.DefaultSignModes)}, nil
}
