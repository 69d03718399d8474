package command

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// setting is one line of the output of config.
type setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

func (t *tool) configCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "config",
		Short: "Show the settings and where they come from",
		Example: `  virusmap config
  virusmap config set host https://scan.example.org
  virusmap config set api-key KEY
  virusmap config set contributor vmt1...`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			values := map[string]string{
				keyHost: t.settings.Host, keyAPIKey: masked(t.settings.APIKey),
				keyTrust: t.settings.Trust, keyOutput: t.settings.Output,
				keyContributor: cmp.Or(t.settings.Contributor, "not set"),
				keyGRPC:        t.settings.GRPC, keyKey: cmp.Or(t.settings.Key, "not set"), keyKeyringDir: t.settings.KeyringDir,
				keyKeyringBackend: t.settings.KeyringBackend, keyGasPrices: t.settings.GasPrices,
			}
			for _, key := range settingKeys {
				line := setting{key, values[key], t.settings.sources[key]}
				if err := t.screen.put(line, printable(fmt.Sprintf("%-15s  %s  (%s)", line.Key, line.Value, line.Source))); err != nil {
					return err
				}
			}
			return nil
		},
	}
	command.AddCommand(&cobra.Command{
		Use:     "set KEY VALUE",
		Short:   "Write one setting into config.toml",
		Long:    "set writes one of " + strings.Join(settingKeys, ", ") + " into config.toml in --home, which only you may read.",
		Example: "  virusmap config set host https://scan.example.org",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, arguments []string) error {
			return t.settings.set(arguments[0], arguments[1])
		},
	})
	return command
}

// masked shows that there is a key, and enough of a long one to tell keys apart.
func masked(key string) string {
	switch {
	case key == "":
		return "not set"
	case len(key) < 16:
		return "****"
	default:
		return "****" + key[len(key)-4:]
	}
}
