package types

func (gs GenesisState) validateFeeds() error { return nil }
