// Package yararules compiles YARA rules and scans with them by libyara 4.5.4. The
// modules pe, elf, math, dotnet and time are there; rules that import others do
// not compile. libyara is C and parses hostile input: Handle… run in workers only.
package yararules

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	maxRuleBytes = 64 << 20
	maxRuleFiles = 10_000
)

// Bundle is the text of all rule files, by file name.
type Bundle map[string]string

// IsRuleFile tells by the name.
func IsRuleFile(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return extension == ".yar" || extension == ".yara"
}

// ReadBundle reads the *.yar and *.yara files of a folder.
func ReadBundle(folder string) (Bundle, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("rules: %w", err)
	}
	bundle, size := Bundle{}, 0
	for _, entry := range entries {
		if entry.IsDir() || !IsRuleFile(entry.Name()) {
			continue
		}
		text, err := readBounded(filepath.Join(folder, entry.Name()), maxRuleBytes-size)
		if err != nil {
			return nil, fmt.Errorf("rules: %w", err)
		}
		bundle[entry.Name()] = text
		if size += len(text); len(bundle) > maxRuleFiles {
			return nil, fmt.Errorf("rules: more than %d files in %s", maxRuleFiles, folder)
		}
	}
	if len(bundle) == 0 {
		return nil, fmt.Errorf("rules: no *.yar or *.yara file in %s", folder)
	}
	return bundle, nil
}

func readBounded(path string, limit int) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err != nil {
		return "", err
	}
	if len(text) > limit {
		return "", fmt.Errorf("rule files have more than %d bytes together", maxRuleBytes)
	}
	return string(text), nil
}

// Encode gives the bytes that HandleLoad takes as content.
func (b Bundle) Encode() ([]byte, error) { return json.Marshal(b) }

func decodeBundle(data []byte) (Bundle, error) {
	var bundle Bundle
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&bundle); err != nil {
		return nil, fmt.Errorf("rule bundle: %w", err)
	}
	if len(bundle) == 0 {
		return nil, errors.New("rule bundle is empty")
	}
	return bundle, nil
}

func (b Bundle) names() []string {
	names := make([]string, 0, len(b))
	for name := range b {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
