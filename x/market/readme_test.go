package market_test

import (
	"testing"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	_ "github.com/virusmap/virusmap/x/market/types"
)

func TestReadmeAgreesWithTheProtos(t *testing.T) {
	moduletest.RequireReadme(t, "virusmap.market.v1")
}
