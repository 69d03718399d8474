package types

func (gs GenesisState) validatePrices() error { return nil }
