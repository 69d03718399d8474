package arena

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Show prints a figure.
func Show(name string, value any) { fmt.Printf("%s: %v\n", name, value) }

// Unbounded is a bound that no figure reaches.
const Unbounded = 1e12

// Bound prints a figure and fails the test when it lies outside low..high.
func Bound(t *testing.T, name string, value, low, high float64) {
	t.Helper()
	fmt.Printf("%s: %.4f\n", name, value)
	switch {
	case high >= Unbounded:
		fmt.Printf("%s_at_least: %.4f\n", name, low)
	case low <= -Unbounded:
		fmt.Printf("%s_at_most: %.4f\n", name, high)
	default:
		fmt.Printf("%s_bounds: %.4f..%.4f\n", name, low, high)
	}
	require.GreaterOrEqual(t, value, low, name)
	require.LessOrEqual(t, value, high, name)
}
