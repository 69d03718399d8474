package system

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/cosmos/go-bip39"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/hd"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/testutil/fixtures"
)

// TestWeb has a browser do what people do with the page: web/e2e. WEB_SHOTS names a folder
// for pictures.
func TestWeb(t *testing.T) {
	w := ownWorld(t, "web", setup{supernodes: 1})
	mnemonic, address := newMnemonic(t)
	w.pay(t, address, 10_000_000_000)
	shots, err := filepath.Abs(os.Getenv("WEB_SHOTS"))
	require.NoError(t, err)
	if os.Getenv("WEB_SHOTS") == "" {
		shots = t.TempDir()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	browser := exec.CommandContext(ctx, "node", "e2e/main.mjs")
	browser.Dir = filepath.Join("..", "..", "web")
	browser.Env = append(os.Environ(),
		"WEB_BASE="+w.Supernodes[0].URL, "WEB_EICAR="+sample(t, "eicar.com", fixtures.EICAR()),
		"WEB_URL=http://paypal.com.account-verify.example/login", "WEB_MNEMONIC="+mnemonic, "WEB_SHOTS="+shots)
	p := run(t, browser)
	t.Logf("\n%s", p.stdout)
	require.Zero(t, p.code, "%s\n%s\n(make web installs what the browser checks need)", p.stdout, p.stderr)
}

// newMnemonic makes the words of an account as wallets do.
func newMnemonic(t *testing.T) (mnemonic, address string) {
	t.Helper()
	entropy, err := bip39.NewEntropy(256)
	require.NoError(t, err)
	mnemonic, err = bip39.NewMnemonic(entropy)
	require.NoError(t, err)
	secret, err := hd.Secp256k1.Derive()(mnemonic, "", sdk.FullFundraiserPath)
	require.NoError(t, err)
	key := hd.Secp256k1.Generate()(secret)
	return mnemonic, sdk.AccAddress(key.PubKey().Address()).String()
}
