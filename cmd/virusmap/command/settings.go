package command

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// The settings by the name of their flag.
const (
	keyHost   = "host"
	keyAPIKey = "api-key"
	keyTrust  = "trust"
	keyOutput = "output"
	// keyContributor has a flag in the commands that credit an account.
	keyContributor = "contributor"
	// Those below have flags in the commands that sign.
	keyGRPC           = "grpc"
	keyKey            = "key"
	keyKeyringDir     = "keyring-dir"
	keyKeyringBackend = "keyring-backend"
	keyGasPrices      = "gas-prices"

	flagHome    = "home"
	defaultHost = "http://127.0.0.1:8080"
)

var settingKeys = []string{
	keyHost, keyAPIKey, keyTrust, keyOutput, keyContributor, keyGRPC, keyKey, keyKeyringDir, keyKeyringBackend, keyGasPrices,
}

// settings come from flags, the environment, config.toml and defaults, in this order.
type settings struct {
	Home   string
	Host   string
	APIKey string
	// Trust is the path of trust.json.
	Trust  string
	Output string
	// Contributor is the account that submissions are credited to; empty leaves it to the gateway.
	Contributor string
	// GRPC is host:port of the node's gRPC server that transactions are sent to.
	GRPC string
	// Key is the name of the signing key, in the keyring in KeyringDir.
	Key, KeyringDir, KeyringBackend string
	GasPrices                       string

	sources map[string]string
}

func declareFlags(flags *pflag.FlagSet) {
	flags.String(flagHome, defaultHome(), "directory of config.toml, trust.json and verified headers")
	flags.String(keyHost, defaultHost, "address of the gateway")
	flags.String(keyAPIKey, "", "API key for the gateway")
	flags.String(keyTrust, "", "file with the trusted block and RPC servers (default trust.json in --home)")
	flags.String(keyOutput, "text", "output format, text or json")
}

// declareSigning adds the flags of the commands that sign.
func declareSigning(flags *pflag.FlagSet) {
	flags.String(keyKey, "", "name of the key that signs and pays")
	flags.String(keyGRPC, defaultGRPC, "gRPC server of the node that transactions are sent to, https://host:port for TLS")
	flags.String(keyKeyringDir, defaultKeyringDir(), "directory of the keyring, as of vmtd")
	flags.String(keyKeyringBackend, keyring.BackendTest, "kind of the keyring, test or file")
	flags.String(keyGasPrices, defaultGasPrices, "price of gas for the fees")
}

const (
	defaultGRPC      = "127.0.0.1:9090"
	defaultGasPrices = "0.025uvmt"
)

func defaultKeyringDir() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ".vmtd"
	}
	return filepath.Join(home, ".vmtd")
}

func defaultHome() string {
	if home := os.Getenv("VIRUSMAP_HOME"); home != "" {
		return home
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ".virusmap"
	}
	return filepath.Join(home, ".virusmap")
}

func (s *settings) load(flags *pflag.FlagSet) error {
	home, err := flags.GetString(flagHome)
	if err != nil {
		return err
	}
	s.Home = home
	file, err := readConfig(s.configPath())
	if err != nil {
		return err
	}
	s.sources = map[string]string{}
	value := func(key string) string {
		flag := flags.Lookup(key)
		variable := "VIRUSMAP_" + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
		env, inEnv := os.LookupEnv(variable)
		switch {
		case flag != nil && flag.Changed:
			s.sources[key] = "--" + key
			return flag.Value.String()
		case inEnv:
			s.sources[key] = variable
			return env
		case file.IsSet(key):
			s.sources[key] = s.configPath()
			return file.GetString(key)
		case flag != nil:
			s.sources[key] = "default"
			return flag.DefValue
		default:
			s.sources[key] = "default"
			return ""
		}
	}
	s.Host, s.APIKey, s.Trust, s.Output = value(keyHost), value(keyAPIKey), value(keyTrust), value(keyOutput)
	s.Contributor = value(keyContributor)
	s.GRPC, s.Key = cmp.Or(value(keyGRPC), defaultGRPC), value(keyKey)
	s.KeyringDir = cmp.Or(value(keyKeyringDir), defaultKeyringDir())
	s.KeyringBackend = cmp.Or(value(keyKeyringBackend), keyring.BackendTest)
	s.GasPrices = cmp.Or(value(keyGasPrices), defaultGasPrices)
	if s.Trust == "" {
		s.Trust = filepath.Join(s.Home, "trust.json")
	}
	if err := checkSetting(keyContributor, s.Contributor); err != nil {
		return err
	}
	if err := checkSetting(keyKeyringBackend, s.KeyringBackend); err != nil {
		return err
	}
	if err := checkSetting(keyGasPrices, s.GasPrices); err != nil {
		return err
	}
	return checkSetting(keyOutput, s.Output)
}

func (s *settings) json() bool { return s.Output == "json" }

func (s *settings) configPath() string { return filepath.Join(s.Home, "config.toml") }

// set writes one setting into config.toml, which only its owner may read.
func (s *settings) set(key, value string) error {
	if err := checkSetting(key, value); err != nil {
		return err
	}
	if key == keyTrust || key == keyKeyringDir {
		absolute, err := filepath.Abs(value)
		if err != nil {
			return err
		}
		value = absolute
	}
	file, err := readConfig(s.configPath())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.Home, 0o700); err != nil {
		return err
	}
	file.Set(key, value)
	file.SetConfigPermissions(0o600)
	temporary := s.configPath() + ".new.toml"
	if err := file.WriteConfigAs(temporary); err != nil {
		return err
	}
	return os.Rename(temporary, s.configPath())
}

func checkSetting(key, value string) error {
	switch key {
	case keyOutput:
		if value != "text" && value != "json" {
			return usagef("output is %.32q, want text or json", value)
		}
	case keyContributor:
		if value != "" {
			return checkAddress(key, value)
		}
	case keyKeyringBackend:
		if value != keyring.BackendTest && value != keyring.BackendFile {
			return usagef("keyring-backend is %.32q, want test or file", value)
		}
	case keyGasPrices:
		if _, err := sdk.ParseDecCoins(value); err != nil {
			return usagef("gas-prices %.64q is not like %s: %s", value, defaultGasPrices, err)
		}
	case keyHost, keyAPIKey, keyTrust, keyGRPC, keyKey, keyKeyringDir:
	default:
		return usagef("unknown setting %.32q, want one of %s", key, strings.Join(settingKeys, ", "))
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return usagef("%s holds a line break", key)
	}
	return nil
}

func checkAddress(name, value string) error {
	if _, err := address.NewBech32Codec("vmt").StringToBytes(value); err != nil {
		return usagef("%s %.100q is not an account address (vmt1...): %s", name, value, err)
	}
	return nil
}

func readConfig(path string) (*viper.Viper, error) {
	file := viper.New()
	file.SetConfigFile(path)
	file.SetConfigType("toml")
	if err := file.ReadInConfig(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, key := range file.AllKeys() {
		if err := checkSetting(key, file.GetString(key)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return file, nil
}
