package blocklist

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// readCSV finds the column by a header, which may be a comment.
func readCSV(b *builder, in io.Reader) error {
	wanted := strings.ToLower(b.list.Column)
	if wanted == "" {
		wanted = "url"
	}
	column := -1
	return eachLine(in, func(line string) error {
		fields, err := splitCSV(strings.TrimLeft(line, "# "))
		if column < 0 {
			column = slices.IndexFunc(fields, func(f string) bool { return strings.EqualFold(strings.TrimSpace(f), wanted) })
			if column < 0 && !isComment(line) {
				return fmt.Errorf("no header names the column %.32q", wanted)
			}
			return nil
		}
		if isComment(line) {
			return nil
		}
		if err != nil || column >= len(fields) {
			b.count(false)
			return nil
		}
		ok, err := b.addAny(strings.TrimSpace(fields[column]))
		b.count(ok)
		return err
	})
}

func splitCSV(line string) ([]string, error) {
	record := csv.NewReader(strings.NewReader(line))
	record.LazyQuotes, record.TrimLeadingSpace = true, true
	return record.Read()
}

// readWarningList streams the member "list" of https://github.com/MISP/misp-warninglists.
func readWarningList(b *builder, in io.Reader) error {
	decoder := json.NewDecoder(in)
	if err := expect(decoder, json.Delim('{')); err != nil {
		return err
	}
	seen := false
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		if name != "list" {
			var skipped json.RawMessage
			if err := decoder.Decode(&skipped); err != nil {
				return err
			}
			continue
		}
		seen = true
		if err := expect(decoder, json.Delim('[')); err != nil {
			return err
		}
		for decoder.More() {
			var value string
			if err := decoder.Decode(&value); err != nil {
				return err
			}
			ok, err := b.addAny(strings.TrimSpace(value))
			if err != nil {
				return err
			}
			b.count(ok)
		}
		if err := expect(decoder, json.Delim(']')); err != nil {
			return err
		}
	}
	if !seen {
		return errors.New(`it has no member "list"`)
	}
	return expect(decoder, json.Delim('}'))
}

func expect(decoder *json.Decoder, want json.Delim) error {
	got, err := decoder.Token()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%v where %v should be", got, want)
	}
	return nil
}
