package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/virusmap/virusmap/supernode/engine"
	"github.com/virusmap/virusmap/supernode/node"
)

// homeVariable overrides where a supernode keeps its files.
const homeVariable = "SUPERNODE_HOME"

func defaultHome() string {
	if home := os.Getenv(homeVariable); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "."
	}
	return filepath.Join(home, ".supernode")
}

func newRoot() *cobra.Command {
	var home string
	root := &cobra.Command{
		Use:           "supernode",
		Short:         "Run a VirusMap supernode",
		Long:          "supernode takes in files, stores them encrypted, scans them with its engines and attests the verdicts on chain.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&home, "home", defaultHome(), "folder of configuration, keys and data; or "+homeVariable)
	group := func(use, short string, commands ...*cobra.Command) *cobra.Command {
		g := &cobra.Command{Use: use, Short: short}
		g.AddCommand(commands...)
		return g
	}
	root.AddCommand(
		initCommand(&home),
		startCommand(&home),
		leaveCommand(&home),
		fingerprintCommand(),
		auditCommand(&home),
		group("config", "Look at the configuration", configShowCommand(&home)),
		group("index", "Look after the index", indexRebuildCommand(&home)),
		group("key", "Look at the keys", keyShowCommand(&home)),
		versionCommand(),
		workerCommand(),
	)
	return root
}

// load reads the configuration of a home, and makes the log that it asks for.
func load(home string) (cfg node.Config, log *slog.Logger, err error) {
	if cfg, err = node.Load(home); err != nil {
		return cfg, nil, err
	}
	log, err = cfg.Log.Logger()
	return cfg, log, err
}

func initCommand(home *string) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Make the home of a new supernode",
		Long: "Make the home of a new supernode: config.toml, a signing key, the age identity, the swarm key, the libp2p key, " +
			"the engines' rules and signatures, and one API key. An existing configuration is never overwritten.",
		Example: "supernode init --home /var/lib/supernode",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			created, err := node.Init(cmd.Context(), *home)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "home      %s\naddress   %s\nAPI key   %s\n", created.Home, created.Address, created.APIKey)
			if created.Mnemonic != "" {
				fmt.Fprintf(out, "\nThese words restore the signing key. Write them down; they are shown once.\n\n%s\n", created.Mnemonic)
			}
			return nil
		},
	}
}

func startCommand(home *string) *cobra.Command {
	return &cobra.Command{
		Use:   "start",
		Short: "Run the supernode until SIGINT or SIGTERM",
		Long: "Run the roles that config.toml switches on. A role that fails is started again, later each time; " +
			"/healthz of the gateway tells whether all of them work.",
		Example: "supernode start --home /var/lib/supernode",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := load(*home)
			if err != nil {
				return err
			}
			return node.Run(cmd.Context(), *home, cfg, log)
		},
	}
}

func configShowCommand(home *string) *cobra.Command {
	return &cobra.Command{
		Use:     "show",
		Short:   "Print the configuration with all defaults filled in",
		Long:    "Print the configuration as the supernode understands it, with all defaults filled in. It contains the API keys.",
		Example: "supernode config show --home /var/lib/supernode",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := node.Load(*home)
			if err != nil {
				return err
			}
			encoded, err := cfg.Encode()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(encoded)
			return err
		},
	}
}

func keyShowCommand(home *string) *cobra.Command {
	var output *format
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Print the public halves of the keys",
		Long: "Print what an operator registers on chain and tells other supernodes: the age recipient, the libp2p peer id, " +
			"the vault's multiaddrs, the address of the signing key, and the operator.",
		Example: "supernode key show\nsupernode key show --output json | jq -r .recipient",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := node.Load(*home)
			if err != nil {
				return err
			}
			identity, err := node.ShowIdentity(*home, cfg)
			if err != nil {
				return err
			}
			return printIdentity(cmd, identity, *output)
		},
	}
	output = outputFlag(cmd, "text or json")
	return cmd
}

func printIdentity(cmd *cobra.Command, identity node.Identity, output format) error {
	out := cmd.OutOrStdout()
	if output == asJSON {
		return printJSON(out, identity)
	}
	fmt.Fprintf(out, "address    %s\noperator   %s\npeer id    %s\n", identity.Address, identity.Operator, identity.PeerID)
	for _, addr := range identity.Multiaddrs {
		fmt.Fprintf(out, "multiaddr  %s\n", addr)
	}
	_, err := fmt.Fprintf(out, "recipient  %s\n", identity.Recipient)
	return err
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version this program was built from",
		Example: "supernode version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			version, revision := "unknown", ""
			if info, ok := debug.ReadBuildInfo(); ok {
				version = info.Main.Version
				for _, setting := range info.Settings {
					if setting.Key == "vcs.revision" {
						revision = " " + setting.Value
					}
				}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "supernode %s%s\n", version, revision)
			return err
		},
	}
}

// workerCommand is how the engines start this program as an isolated parser.
func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "worker",
		Hidden:             true,
		DisableFlagParsing: true,
		Example:            "(started by the supernode itself)",
		Run:                func(_ *cobra.Command, args []string) { os.Exit(engine.WorkerMain(args)) },
	}
}
