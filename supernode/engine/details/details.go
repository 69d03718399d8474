// Package details finds what a report says of a file beside verdicts, with the names of
// VirusTotal's attributes: digests for the search of similar files, and what the headers of a
// Windows program say. It parses hostile input and runs in workers only.
package details

import (
	"github.com/virusmap/virusmap/supernode/engine/filetype"
	"github.com/virusmap/virusmap/supernode/engine/similarity"
	"github.com/virusmap/virusmap/supernode/engine/worker"
)

// MaxBytes is the largest content that has details: it costs seconds.
const MaxBytes = 64 << 20

// Details of a file. What it does not have is empty.
type Details struct {
	// SSDEEP is block size, digest, and digest at the double block size, of the whole file.
	SSDEEP string `json:"ssdeep,omitempty"`
	// TLSH of the whole file, with the prefix T1, in upper case.
	TLSH string `json:"tlsh,omitempty"`
	// Authentihash is the hexadecimal SHA-256 that Authenticode signs.
	Authentihash string `json:"authentihash,omitempty"`
	// PE is what the headers of a Windows program say.
	PE *PE `json:"pe_info,omitempty"`
}

// Handle finds the details of a task's content.
func Handle(task *worker.Task) (any, error) { return Of(task.Content), nil }

// Of finds the details of a content, none when it is larger than MaxBytes.
func Of(content []byte) Details {
	if len(content) > MaxBytes {
		return Details{}
	}
	d := Details{SSDEEP: similarity.SSDEEP(content), TLSH: similarity.TLSH(content)}
	switch filetype.Of(content) {
	case "peexe", "pedll":
		d.PE, d.Authentihash = programOf(content)
	}
	return d
}
