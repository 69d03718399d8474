package gateway

import (
	"mime"
	"mime/multipart"
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

// disposition is the name of a part of a form, and that of its file as sent: Part.FileName
// would apply the path rules of the server's own system, and cleanName applies those of all.
// vt-py writes a file name with quotes in it as it is, which no parser takes.
func disposition(part *multipart.Part) (name, fileName string) {
	header := part.Header.Get("Content-Disposition")
	if kind, params, err := mime.ParseMediaType(header); err == nil && kind == "form-data" {
		return params["name"], params["filename"]
	}
	before, quoted, found := strings.Cut(header, `; filename="`)
	end := strings.LastIndexByte(quoted, '"')
	kind, params, err := mime.ParseMediaType(before)
	if !found || end < 0 || err != nil || kind != "form-data" {
		return "", ""
	}
	return params["name"], quoted[:end]
}
