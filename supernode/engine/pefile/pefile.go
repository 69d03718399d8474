// Package pefile parses the headers, sections and imports of Windows programs, and nothing
// more. It parses hostile input and runs in workers only.
package pefile

import (
	"io"

	"github.com/saferwall/pe"
	"github.com/saferwall/pe/log"
)

// Parse returns what could be read even with an error; nil when that is nothing.
func Parse(content []byte) (*pe.File, error) {
	file, err := pe.NewBytes(content, &pe.Options{
		Logger:                log.NewStdLogger(io.Discard),
		DisableCertValidation: true, DisableSignatureValidation: true,
		OmitExportDirectory: true, OmitExceptionDirectory: true, OmitResourceDirectory: true, OmitSecurityDirectory: true,
		OmitRelocDirectory: true, OmitDebugDirectory: true, OmitArchitectureDirectory: true, OmitGlobalPtrDirectory: true,
		OmitTLSDirectory: true, OmitLoadConfigDirectory: true, OmitBoundImportDirectory: true, OmitIATDirectory: true,
		OmitDelayImportDirectory: true, OmitCLRHeaderDirectory: true, OmitCLRMetadata: true,
	})
	if err != nil {
		return nil, err
	}
	return file, file.Parse()
}

// EntryPoint is the address of the first instruction, relative to the image.
func EntryPoint(file *pe.File) uint32 {
	switch header := file.NtHeader.OptionalHeader.(type) {
	case pe.ImageOptionalHeader32:
		return header.AddressOfEntryPoint
	case pe.ImageOptionalHeader64:
		return header.AddressOfEntryPoint
	}
	return 0
}
