package heuristics

import (
	"bytes"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// Args of the operation.
type Args struct {
	// Name the submitter gave, not to be trusted; it may be empty.
	Name string `json:"name"`
}

// Handle judges the content of a task.
func Handle(task *worker.Task) (any, error) {
	var args Args
	if err := task.Decode(&args); err != nil {
		return nil, err
	}
	return Inspect(task.Content, args.Name), nil
}

// Inspect judges content.
func Inspect(content []byte, name string) Verdict {
	var found findings
	if isEICAR(content) {
		found.add(eicar)
		return found.judge()
	}
	tag := filetype.Of(content)
	inspectName(&found, name, tag)
	switch tag {
	case "peexe", "pedll", "mz":
		inspectPE(&found, content)
	case "elf":
		inspectELF(&found, content)
	case "pdf":
		inspectPDF(&found, content)
	case "zip", "jar", "apk", "docx", "xlsx", "pptx", "epub", "odt", "ods", "odp":
		inspectZip(&found, content, &budget{bytes: maxUnpackedBytes, entries: maxEntries}, 1)
	case "gzip", "bzip":
		inspectStream(&found, content, tag)
	case "doc", "xls", "ppt", "ole":
		inspectOLE(&found, content)
	case "shell", "python", "perl", "ruby", "php", "javascript", "powershell", "html", "text", "lua", "xml", "svg":
		inspectScript(&found, content, tag)
	}
	return found.judge()
}

// isEICAR follows the definition at eicar.org: the 68 bytes at the beginning, then
// white space only, at most 128 bytes in all. The text is cut in two here so that
// no scanner takes this program for the test file.
func isEICAR(content []byte) bool {
	test := []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
	rest, ok := bytes.CutPrefix(content, test)
	return ok && len(content) <= 128 && len(bytes.Trim(rest, " \t\r\n\x1a")) == 0
}
