package types

// ValidatePrices checks the prices of a genesis alone.
func (gs GenesisState) ValidatePrices() error { return gs.validatePrices() }
