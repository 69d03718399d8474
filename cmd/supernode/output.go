package main

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/spf13/cobra"
)

// format is what a command prints: text for people, or JSON for programs.
type format string

const (
	asText format = "text"
	asJSON format = "json"
)

// outputFlag gives a command the flag --output, which refuses other formats.
func outputFlag(cmd *cobra.Command, usage string) *format {
	chosen := asText
	cmd.Flags().Var(&chosen, "output", usage)
	return &chosen
}

func (f *format) String() string { return string(*f) }
func (f *format) Type() string   { return "string" }

func (f *format) Set(text string) error {
	if *f = format(text); *f != asText && *f != asJSON {
		return errors.New("not text or json")
	}
	return nil
}

// printJSON prints a value for programs, and for people who look at what they get.
func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
