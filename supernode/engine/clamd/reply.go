package clamd

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Result of a scan.
type Result struct {
	// Name of the signature that matched; empty when none did.
	Name string
	// TooLarge is true when clamd refused the content for its size.
	TooLarge bool
}

// Version of a clamd.
type Version struct {
	// Engine such as "1.4.6".
	Engine string
	// Signatures is the number of the daily set, or empty.
	Signatures string
	// Date of the daily set, or zero.
	Date time.Time
}

// parseResult reads "stream: OK", "fd[10]: Name FOUND" or "… ERROR".
func parseResult(reply string) (Result, error) {
	if strings.HasSuffix(reply, "size limit exceeded. ERROR") {
		return Result{TooLarge: true}, nil
	}
	if message, ok := strings.CutSuffix(reply, " ERROR"); ok {
		return Result{}, fmt.Errorf("clamd: %s", message)
	}
	_, status, ok := strings.Cut(reply, ": ")
	if !ok {
		return Result{}, fmt.Errorf("clamd answered %q", reply)
	}
	if status == "OK" {
		return Result{}, nil
	}
	name, ok := strings.CutSuffix(status, " FOUND")
	if !ok || name == "" {
		return Result{}, fmt.Errorf("clamd answered %q", reply)
	}
	// clamd marks what is not in an official database; the label is the same.
	return Result{Name: strings.TrimSuffix(name, ".UNOFFICIAL")}, nil
}

// parseVersion reads "ClamAV 1.4.6" or "ClamAV 1.4.6/27500/Thu Jan  2 10:00:00 2026".
func parseVersion(reply string) (Version, error) {
	text, ok := strings.CutPrefix(reply, "ClamAV ")
	if !ok || text == "" {
		return Version{}, fmt.Errorf("clamd answered %q to VERSION", reply)
	}
	parts := strings.SplitN(text, "/", 3)
	version := Version{Engine: parts[0]}
	if version.Engine == "" {
		return Version{}, errors.New("clamd's version is empty")
	}
	if len(parts) < 3 {
		return version, nil
	}
	date, err := time.ParseInLocation(time.ANSIC, strings.TrimSpace(parts[2]), time.Local)
	if err != nil {
		return Version{}, fmt.Errorf("date of clamd's signatures: %w", err)
	}
	version.Signatures, version.Date = parts[1], date.UTC()
	return version, nil
}
