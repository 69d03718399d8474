package bounty_test

import (
	"testing"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	_ "github.com/virusmap/virusmap/x/bounty/types"
)

func TestReadmeAgreesWithTheProtos(t *testing.T) {
	moduletest.RequireReadme(t, "virusmap.bounty.v1")
}
