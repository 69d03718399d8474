package supernode_test

import (
	"testing"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	_ "github.com/virusmap/virusmap/x/supernode/types"
)

func TestReadmeAgreesWithTheProtos(t *testing.T) {
	moduletest.RequireReadme(t, "virusmap.supernode.v1")
}
