package system

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/testutil/network"
	markettypes "github.com/virusmap/virusmap/x/market/types"
)

// vendor buys on the market with a home, a keyring and an account of its own.
type vendor struct {
	network.Wallet
	person network.Person
}

// Exit codes of virusmap that scripts rely on.
const (
	exitRefused  = 1
	exitDisputed = 4
)

// newVendor makes a buyer with that many uvmt, who uses a supernode's gateway.
func (w *world) newVendor(t *testing.T, name string, uvmt int64, supernode *network.Supernode) vendor {
	t.Helper()
	wallet, err := w.NewWallet(t.Context(), name)
	require.NoError(t, err)
	person := network.Person{Program: w.person.Program, Home: filepath.Join(w.Dir, name)}
	require.NoError(t, os.MkdirAll(person.Home, 0o700))
	trust, err := os.ReadFile(filepath.Join(w.person.Home, "trust.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(person.Home, "trust.json"), trust, 0o600))
	for key, value := range map[string]string{
		"host": supernode.URL, "api-key": supernode.APIKey, "grpc": w.Validators[0].GRPC,
		"key": name, "keyring-dir": filepath.Join(w.person.Home, "vmtd"), "keyring-backend": "test",
	} {
		p := run(t, person.Command(t.Context(), "config", "set", key, value))
		require.Zero(t, p.code, "%s: %s", key, p.stderr)
	}
	if uvmt > 0 {
		w.pay(t, wallet.Address, uvmt)
	}
	return vendor{Wallet: wallet, person: person}
}

func (w *world) pay(t *testing.T, to string, uvmt int64) {
	t.Helper()
	_, err := w.chain.Broadcast(t.Context(), chain.Tx{Msgs: []sdk.Msg{&banktypes.MsgSend{
		FromAddress: w.chain.Address().String(), ToAddress: to, Amount: sdk.NewCoins(sdk.NewInt64Coin("uvmt", uvmt)),
	}}})
	require.NoError(t, err)
}

// virusmap runs a command of the vendor to its end.
func (v vendor) virusmap(t *testing.T, args ...string) printed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return run(t, v.command(ctx, args...))
}

func (v vendor) command(ctx context.Context, args ...string) *exec.Cmd {
	return v.person.Command(ctx, append([]string{"--output", "json"}, args...)...)
}

// orders are all orders of the vendor, as the chain has them. A node that is being started
// again is waited for.
func (w *world) orders(t *testing.T, v vendor) (orders []markettypes.Order) {
	t.Helper()
	page := &query.PageRequest{Limit: 100}
	for {
		var response *markettypes.QueryOrdersResponse
		until(t, "the orders of "+v.Name, func(ctx context.Context) bool {
			var err error
			response, err = w.chain.Market().Orders(ctx, &markettypes.QueryOrdersRequest{Buyer: v.Address, Pagination: page})
			if !chain.IsAway(err) {
				require.NoError(t, err)
			}
			return err == nil
		})
		orders = append(orders, response.Orders...)
		if len(response.Pagination.NextKey) == 0 {
			return orders
		}
		page = &query.PageRequest{Limit: 100, Key: response.Pagination.NextKey}
	}
}

// ended waits until none of the vendor's orders waits for anything.
func (w *world) ended(t *testing.T, v vendor) (orders []markettypes.Order) {
	t.Helper()
	until(t, "the end of every order of "+v.Name, func(context.Context) bool {
		orders = w.orders(t, v)
		for _, order := range orders {
			if order.DueHeight != 0 {
				return false
			}
		}
		return true
	})
	return orders
}

// requireEscrowsEmpty asserts that the orders left nothing behind.
func (w *world) requireEscrowsEmpty(t *testing.T, orders []markettypes.Order) {
	t.Helper()
	for _, order := range orders {
		require.Zero(t, w.balance(t.Context(), markettypes.EscrowAddress(order.Id).String()), "escrow of %x", order.Id)
	}
}

// submitted hands in that many different clean files of a contributor and waits until they
// can be sold.
func (w *world) submitted(t *testing.T, count int, contributor string) (hashes []string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--output", "json", "submit", "--wait", "--wait-timeout", "90s"}
	if contributor != "" {
		args = append(args, "--contributor", contributor)
	}
	for i := range count {
		content := freshText("for sale")
		path := filepath.Join(dir, fmt.Sprintf("%d.txt", i))
		require.NoError(t, os.WriteFile(path, content, 0o644))
		args, hashes = append(args, path), append(hashes, hashOf(content))
	}
	p := w.virusmap(t, args...)
	require.Zero(t, p.code, "%s%s", p.stdout, p.stderr)
	return hashes
}

// requireOpened asserts that the vendor's folder holds every sample, unharmed by default:
// zipped with the password that everybody in the field uses.
func requireOpened(t *testing.T, dir string, hashes []string) {
	t.Helper()
	for _, hash := range hashes {
		unzip := exec.Command("unzip", "-p", "-P", "infected", filepath.Join(dir, hash+".zip"))
		content, err := unzip.Output()
		require.NoError(t, err, hash)
		require.Equal(t, hash, hashOf(content))
	}
}

// marketFigure prints one line of what was measured.
func marketFigure(name string, value any) { fmt.Printf("%s: %v\n", name, value) }

// totalSplit adds up what a vendor's payments were divided into.
func totalSplit(orders []markettypes.Order) (total markettypes.Split, price math.Int) {
	total, price = markettypes.NoSplit(), math.ZeroInt()
	for _, order := range orders {
		total.Contributor = total.Contributor.Add(order.Split.Contributor)
		total.Engines = total.Engines.Add(order.Split.Engines)
		total.Deliverer = total.Deliverer.Add(order.Split.Deliverer)
		total.Storage = total.Storage.Add(order.Split.Storage)
		total.Burned = total.Burned.Add(order.Split.Burned)
		price = price.Add(order.Price)
	}
	return total, price
}

// lines decodes a command's JSON lines.
func lines[T any](t *testing.T, stdout string) (all []T) {
	t.Helper()
	for line := range strings.Lines(stdout) {
		var one T
		require.NoError(t, json.Unmarshal([]byte(line), &one), line)
		all = append(all, one)
	}
	return all
}
