package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/supernode/analysis"
	"github.com/virusmap/virusmap/supernode/engine"
	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

// fingerprint is what the command prints of one file; what it lacks is empty.
type fingerprint struct {
	File      string   `json:"file"`
	SHA256    string   `json:"sha256"`
	TLSH      string   `json:"tlsh"`
	SSDEEP    string   `json:"ssdeep"`
	Structure string   `json:"structure"`
	Unpacked  string   `json:"unpacked"`
	Keys      []string `json:"keys"`
}

func fingerprintCommand() *cobra.Command {
	var output *format
	cmd := &cobra.Command{
		Use:   "fingerprint FILE...",
		Short: "Print what changed copies of a file have in common",
		Long: "Print the similarity features of files as every supernode computes them: TLSH and ssdeep, hashes of the structure and of " +
			"what an archive holds, and the ten keys that are attested. Two files with an equal key in one slot are of one cluster. " +
			"The digests of an archive are those of what it holds. Files are parsed in an isolated process.",
		Example: "supernode fingerprint sample.exe\nsupernode fingerprint --output json *.exe | jq -r '.[].tlsh'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error {
			fingerprints, err := fingerprintFiles(cmd.Context(), paths)
			if err != nil {
				return err
			}
			return printFingerprints(cmd.OutOrStdout(), fingerprints, *output)
		},
	}
	output = outputFlag(cmd, "text or json")
	return cmd
}

func fingerprintFiles(ctx context.Context, paths []string) (_ []fingerprint, err error) {
	analyser, err := analysis.Open(nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, analyser.Close()) }()
	fingerprints := make([]fingerprint, len(paths))
	for i, path := range paths {
		if fingerprints[i], err = fingerprintFile(ctx, analyser, path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return fingerprints, nil
}

func fingerprintFile(ctx context.Context, analyser *analysis.Analyser, path string) (fingerprint, error) {
	file, err := os.Open(path)
	if err != nil {
		return fingerprint{}, errors.Unwrap(err) // the path is said already
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fingerprint{}, err
	}
	if info.IsDir() {
		return fingerprint{}, errors.New("is a folder")
	}
	if info.Size() > analysis.MaxFeatureBytes {
		return fingerprint{}, fmt.Errorf("has %d bytes, at most %d are fingerprinted", info.Size(), analysis.MaxFeatureBytes)
	}
	content, err := engine.NewContent(file, analysis.MaxFeatureBytes)
	if err != nil {
		return fingerprint{}, err
	}
	defer content.Close()
	features, err := analyser.Fingerprint(ctx, content)
	if err != nil {
		return fingerprint{}, err
	}
	return fingerprint{
		File: path, SHA256: hex.EncodeToString(content.SHA256[:]), TLSH: features.TLSH, SSDEEP: features.SSDEEP,
		Structure: features.Structure, Unpacked: features.Unpacked, Keys: keysInHex(features.Keys),
	}, nil
}

func keysInHex(keys verdictstypes.SimilarityKeys) []string {
	texts := make([]string, len(keys))
	for slot, key := range keys {
		if key != [verdictstypes.SimilarityKeyBytes]byte{} {
			texts[slot] = hex.EncodeToString(key[:])
		}
	}
	return texts
}

func printFingerprints(out io.Writer, fingerprints []fingerprint, output format) error {
	if output == asJSON {
		return printJSON(out, fingerprints)
	}
	for _, f := range fingerprints {
		fmt.Fprintf(out, "%s\n", f.File)
		for _, line := range [][2]string{
			{"sha256", f.SHA256}, {"tlsh", f.TLSH}, {"ssdeep", f.SSDEEP}, {"structure", f.Structure}, {"unpacked", f.Unpacked},
		} {
			fmt.Fprintf(out, "  %-9s  %s\n", line[0], orDash(line[1]))
		}
		for slot, key := range f.Keys {
			fmt.Fprintf(out, "  key %d      %s\n", slot, orDash(key))
		}
	}
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
