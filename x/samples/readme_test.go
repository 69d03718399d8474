package samples_test

import (
	"testing"

	moduletest "github.com/virusmap/virusmap/testutil/module"
	_ "github.com/virusmap/virusmap/x/samples/types"
)

func TestReadmeAgreesWithTheProtos(t *testing.T) {
	moduletest.RequireReadme(t, "virusmap.samples.v1")
}
