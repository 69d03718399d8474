package clamd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// databaseExtensions are the files that clamd loads (libclamav, readdb.h).
var databaseExtensions = []string{
	".cvd", ".cld", ".cud", ".hdb", ".hdu", ".hsb", ".hsu", ".mdb", ".mdu", ".msb", ".msu", ".ndb", ".ndu",
	".ldb", ".ldu", ".sdb", ".zmd", ".rmd", ".fp", ".sfp", ".ign", ".ign2", ".pdb", ".gdb", ".wdb", ".cbc",
	".ftm", ".cfg", ".cdb", ".cat", ".crb", ".idb", ".ioc", ".yar", ".yara", ".pwdb", ".imp",
}

// IsDatabase tells by the name whether clamd loads a file.
func IsDatabase(name string) bool {
	return slices.Contains(databaseExtensions, strings.ToLower(filepath.Ext(name)))
}

// HasOfficial tells whether a folder holds the main and daily sets that freshclam
// fetches.
func HasOfficial(folder string) bool {
	for _, set := range []string{"main", "daily"} {
		found := false
		for _, extension := range []string{".cvd", ".cld"} {
			info, err := os.Stat(filepath.Join(folder, set+extension))
			found = found || err == nil && info.Mode().IsRegular()
		}
		if !found {
			return false
		}
	}
	return true
}

// copyDatabase copies the database files of a folder; the daemon's user may not
// be able to read the original.
func copyDatabase(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("signatures: %w", err)
	}
	copied := 0
	for _, entry := range entries {
		if entry.IsDir() || !IsDatabase(entry.Name()) {
			continue
		}
		if err := copyFile(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
			return fmt.Errorf("signatures: %w", err)
		}
		copied++
	}
	if copied == 0 {
		return fmt.Errorf("signatures: no database file in %s", from)
	}
	return nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		target.Close()
		return err
	}
	return target.Close()
}
