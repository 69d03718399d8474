package types

// DefaultGenesis is the state of a market where nothing was sold yet.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks what can be checked without other modules.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	for _, part := range []func() error{
		gs.validatePrices, gs.validateBundles, gs.validateOrders, gs.validateSubscriptions, gs.validateSale, gs.validateFeeds,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}
