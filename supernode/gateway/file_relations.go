package gateway

// fileRelations are what can be asked of a file.
func (g *Gateway) fileRelations() []relation {
	return []relation{}
}
