package types

func (gs GenesisState) validateOrders() error { return nil }
