package trust

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// show prints a figure.
func show(name string, value any) { fmt.Printf("%s: %v\n", name, value) }

// unbounded is a bound that no figure reaches.
const unbounded = 1e9

// bound prints a figure and fails the test when it lies outside low..high.
func bound(t *testing.T, name string, value, low, high float64) {
	t.Helper()
	fmt.Printf("%s: %.4f\n", name, value)
	if high < unbounded {
		fmt.Printf("%s_bounds: %.4f..%.4f\n", name, low, high)
	} else {
		fmt.Printf("%s_at_least: %.4f\n", name, low)
	}
	require.GreaterOrEqual(t, value, low, name)
	require.LessOrEqual(t, value, high, name)
}
