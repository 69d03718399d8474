package trust

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// show prints a figure.
func show(name string, value any) { fmt.Printf("%s: %v\n", name, value) }

// bound prints a figure and fails the test when it lies outside low..high.
func bound(t *testing.T, name string, value, low, high float64) {
	t.Helper()
	fmt.Printf("%s: %.4f (bound %.4f..%.4f)\n", name, value, low, high)
	require.GreaterOrEqual(t, value, low, name)
	require.LessOrEqual(t, value, high, name)
}
