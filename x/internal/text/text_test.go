package text_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/internal/text"
)

func TestIsPrintable(t *testing.T) {
	for _, good := range []string{"", "Win.Test.EICAR_HDB-1", "Trojan:Win32/Example!ml", "病毒地图", "naïve"} {
		require.True(t, text.IsPrintable(good), "%q", good)
	}
	for name, bad := range map[string]string{
		"newline": "a\nb", "nul": "a\x00", "delete": "a\x7f", "C1 control": "a\u0085", "not UTF-8": "a\xff",
		"right-to-left override": "exe\u202egpj", "zero width space": "a\u200bb", "byte order mark": "\ufeffa",
	} {
		require.False(t, text.IsPrintable(bad), name)
	}
}
