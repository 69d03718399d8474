package types

func (gs GenesisState) validateSubscriptions() error { return nil }
