package gateway

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/virusmap/virusmap/supernode/index"
)

// cleanName makes a file name that is safe to store and show: the last element of a
// Unix or Windows path, in valid UTF-8, without control or invisible formatting
// characters (such as the right-to-left override that hides an extension), of bounded
// length. Names that mean a directory become empty.
func cleanName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	for len(name) > index.MaxName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	if name == "." || name == ".." {
		return ""
	}
	return name
}
