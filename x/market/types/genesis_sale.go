package types

func (gs GenesisState) validateSale() error { return nil }
