package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/virusmap/virusmap/testutil/fixtures"
)

// clamavTestFile is harmless; ClamAV's own test suite detects it.
const clamavTestFile = "/usr/share/clamav-testfiles/clam.exe"

const script = `#!/bin/sh
# prints the largest files below the current folder
find . -type f -printf '%s %p\n' | sort -rn | head
`

// makeSamples writes the files that the demo hands in and returns their paths.
func makeSamples(dir string) ([]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	archive, err := zipOf("notes.txt", []byte("Nothing to see here.\n"))
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, sample := range []struct {
		name    string
		content []byte
		copy    string
	}{
		{name: "eicar.com", content: fixtures.EICAR()},
		{name: "clam.exe", copy: clamavTestFile},
		{name: "true.elf", copy: "/usr/bin/true"},
		{name: "largest.sh", content: []byte(script)},
		{name: "hello.pdf", content: fixtures.PDF("Hello, VirusMap")},
		{name: "notes.zip", content: archive},
	} {
		path := filepath.Join(dir, sample.name)
		if sample.copy != "" {
			err = copyFile(path, sample.copy)
		} else {
			err = os.WriteFile(path, sample.content, 0o644)
		}
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func zipOf(name string, content []byte) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	file, err := archive.Create(name)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(content); err != nil {
		return nil, fmt.Errorf("zip %s: %w", name, err)
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
