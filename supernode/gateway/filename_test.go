package gateway

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/index"
)

func TestCleanName(t *testing.T) {
	for given, want := range map[string]string{
		"prog.exe":                         "prog.exe",
		"/home/user/prog.exe":              "prog.exe",
		`C:\Users\someone\prog.exe`:        "prog.exe",
		`mixed/and\prog.exe`:               "prog.exe",
		"../../etc/passwd":                 "passwd",
		"..":                               "",
		"dir/..":                           "",
		".":                                "",
		"dir/":                             "",
		"":                                 "",
		"  spaced  ":                       "spaced",
		"<img src=x onerror=alert(1)>":     "<img src=x onerror=alert(1)>",
		"line\nbreak\x00\x1b[31m":          "linebreak[31m",
		"invoice\u202efdp.exe":             "invoicefdp.exe",
		"bad\xffutf8":                      "badutf8",
		"naïve 文件.txt":                     "naïve 文件.txt",
		strings.Repeat("é", index.MaxName): strings.Repeat("é", index.MaxName/2),
	} {
		require.Equal(t, want, cleanName(given), "%q", given)
	}
}

func FuzzCleanName(f *testing.F) {
	for _, seed := range []string{"a/b", `a\b`, "..", "\u202e", "\xff\xfe", strings.Repeat("é", 300)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, given string) {
		name := cleanName(given)
		require.LessOrEqual(t, len(name), index.MaxName)
		require.True(t, utf8.ValidString(name))
		require.False(t, strings.ContainsAny(name, `/\`))
		require.False(t, strings.ContainsFunc(name, unicode.IsControl))
		require.NotEqual(t, "..", name)
		if name != "" {
			require.Equal(t, name, filepath.Base(name))
		}
	})
}
