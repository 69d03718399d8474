package gateway

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

const (
	keysPath = "/virusmap/node/v1/keys"
	// walletKey is an API key that the wallets of these tests authorise.
	walletKey = "wallet-key-0123456789"
)

type wallet struct {
	key     *secp256k1.PrivKey
	account string
}

func newWallet(name string) wallet {
	key := secp256k1.GenPrivKeyFromSecret([]byte(name))
	return wallet{key, sdk.AccAddress(key.PubKey().Address()).String()}
}

// statement authorises an API key from a minute ago for an hour.
func (w wallet) statement(apiKey string, now time.Time) markettypes.Statement {
	now = now.UTC().Truncate(time.Second)
	return markettypes.Statement{
		ChainID: "virusmap-test-1", Account: w.account, KeyHash: sha256.Sum256([]byte(apiKey)),
		Issued: now.Add(-time.Minute), Expires: now.Add(time.Hour),
	}
}

func (w wallet) request(t testing.TB, s markettypes.Statement) string {
	t.Helper()
	signature, err := w.key.Sign(markettypes.SignDoc(s))
	require.NoError(t, err)
	encoded, err := json.Marshal(keyRequest{Statement: s.String(), PubKey: w.key.PubKey().Bytes(), Signature: signature})
	require.NoError(t, err)
	return string(encoded)
}

func (f *feedNode) postKey(t *testing.T, body string) answer {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, f.url+keysPath, strings.NewReader(body))
	require.NoError(t, err)
	return f.do(t, request)
}

// authorise gives an API key of a wallet.
func (f *feedNode) authorise(t *testing.T, w wallet) string {
	t.Helper()
	key := "key of " + w.account
	f.postKey(t, w.request(t, w.statement(key, f.clock.Now()))).resource(t)
	return key
}

func TestWalletAuthorisesAKey(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	statement := w.statement(walletKey, f.clock.Now())
	require.Equal(t, 401, f.getAs(t, walletKey, "/api/v3/files/upload_url").Status)
	for range 2 {
		created := f.postKey(t, w.request(t, statement)).resource(t)
		require.Equal(t, "api_key", created.Type)
		require.Equal(t, fmt.Sprintf("%x", statement.KeyHash), created.ID)
		require.Equal(t, w.account, created.Attributes["account"])
		require.EqualValues(t, statement.Expires.Unix(), created.Attributes["expires"])
	}
	require.Equal(t, 200, f.getAs(t, walletKey, "/api/v3/files/upload_url").Status)

	f.clock.set(statement.Expires)
	a := f.getAs(t, walletKey, "/api/v3/files/upload_url")
	require.Equal(t, 401, a.Status, "expired")
	require.Equal(t, "WrongCredentialsError", a.Err.Code)
}

func TestKeyIsDropped(t *testing.T) {
	f := startFeedNode(t, nil)
	key := f.authorise(t, newWallet("alpha"))
	drop := func(key string) answer {
		request, err := http.NewRequest(http.MethodDelete, f.url+keysPath, nil)
		require.NoError(t, err)
		request.Header["X-Apikey"] = []string{key}
		return f.do(t, request)
	}
	require.Equal(t, 401, drop("wrong").Status)
	require.Equal(t, 401, drop("").Status)
	require.Equal(t, 401, drop(testKey).Status, "the configuration's own stay")
	drop(key).resource(t)
	require.Equal(t, 401, f.getAs(t, key, "/api/v3/files/upload_url").Status)
	require.Equal(t, 401, drop(key).Status)
}

func TestRevokedKeysAreWrong(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	f.market.Sell(w.account, 0, planOf(100))
	key := f.authorise(t, w)
	require.Equal(t, 404, f.getAs(t, key, "/api/v3/files/"+hexOf("none")).Status)

	revoked := f.clock.Now()
	f.market.Sell(w.account, revoked.Unix(), planOf(100))
	f.clock.set(revoked.Add(rightsMaxAge))
	a := f.getAs(t, key, "/api/v3/files/"+hexOf("none"))
	require.Equal(t, 401, a.Status)
	require.Equal(t, "WrongCredentialsError", a.Err.Code)

	old := w.statement("another-key-0123456789", revoked)
	a = f.postKey(t, w.request(t, old))
	require.Equal(t, 400, a.Status)
	require.Contains(t, a.Err.Message, "revoked")
	old.Issued = revoked
	require.Equal(t, 400, f.postKey(t, w.request(t, old)).Status, "issued in that second")
	old.Issued = revoked.Add(time.Second)
	f.postKey(t, w.request(t, old)).resource(t)
	require.Equal(t, 404, f.getAs(t, "another-key-0123456789", "/api/v3/files/"+hexOf("none")).Status)
}

func TestKeysAreNotTakenFromOthers(t *testing.T) {
	f := startFeedNode(t, nil)
	alpha, beta := newWallet("alpha"), newWallet("beta")
	key := f.authorise(t, alpha)
	a := f.postKey(t, beta.request(t, beta.statement(key, f.clock.Now())))
	require.Equal(t, 409, a.Status)
	require.Equal(t, "AlreadyExistsError", a.Err.Code)
	require.Equal(t, 409, f.postKey(t, beta.request(t, beta.statement(testKey, f.clock.Now()))).Status)
}

func TestHostileStatements(t *testing.T) {
	f := startFeedNode(t, nil)
	w, other := newWallet("alpha"), newWallet("beta")
	good := w.statement(walletKey, f.clock.Now())
	change := func(change func(*markettypes.Statement)) string {
		changed := good
		change(&changed)
		return w.request(t, changed)
	}
	var parts keyRequest
	require.NoError(t, json.Unmarshal([]byte(w.request(t, good)), &parts))
	forged := func(change func(*keyRequest)) string {
		changed := parts
		changed.PubKey, changed.Signature = bytes.Clone(parts.PubKey), bytes.Clone(parts.Signature)
		change(&changed)
		encoded, err := json.Marshal(changed)
		require.NoError(t, err)
		return string(encoded)
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"other chain":       {change(func(s *markettypes.Statement) { s.ChainID = "virusmap-test-2" }), 400},
		"other account":     {change(func(s *markettypes.Statement) { s.Account = other.account }), 400},
		"to come":           {change(func(s *markettypes.Statement) { s.Issued = f.clock.Now().Add(time.Hour) }), 400},
		"over":              {change(func(s *markettypes.Statement) { s.Expires = f.clock.Now() }), 400},
		"for ever":          {change(func(s *markettypes.Statement) { s.Expires = s.Issued.Add(1000 * 24 * time.Hour) }), 400},
		"changed statement": {forged(func(r *keyRequest) { r.Statement = strings.Replace(r.Statement, "issued", "Issued", 1) }), 400},
		"changed signature": {forged(func(r *keyRequest) { r.Signature[5] ^= 1 }), 400},
		"other key":         {forged(func(r *keyRequest) { r.PubKey = other.key.PubKey().Bytes() }), 400},
		"no key":            {forged(func(r *keyRequest) { r.PubKey = nil }), 400},
		"no signature":      {forged(func(r *keyRequest) { r.Signature = nil }), 400},
		"long key":          {forged(func(r *keyRequest) { r.PubKey = make([]byte, 3000) }), 400},
		"nothing":           {"", 400},
		"null":              {"null", 400},
		"not JSON":          {"statement=x", 400},
		"not base64":        {`{"statement":"x","pub_key":"!","signature":"!"}`, 400},
		"unknown field":     {`{"statement":"x","key":"y"}`, 400},
		"two objects":       {w.request(t, good) + "{}", 400},
		"deep":              {strings.Repeat("[", 4000), 400},
		"too large":         {`{"statement":"` + strings.Repeat("x", maxKeyRequestBytes) + `"}`, 413},
		"too large at end":  {w.request(t, good) + strings.Repeat(" ", maxKeyRequestBytes), 413},
	} {
		t.Run(name, func(t *testing.T) {
			a := f.postKey(t, c.body)
			require.Equal(t, c.status, a.Status, string(a.Raw))
			require.Equal(t, "BadRequestError", a.Err.Code)
			require.Equal(t, 401, f.getAs(t, walletKey, "/api/v3/files/upload_url").Status)
		})
	}
	f.postKey(t, w.request(t, good)).resource(t)
}

func TestShortKeysAreWrong(t *testing.T) {
	f := startFeedNode(t, nil)
	w := newWallet("alpha")
	f.postKey(t, w.request(t, w.statement("short", f.clock.Now()))).resource(t)
	require.Equal(t, 401, f.getAs(t, "short", "/api/v3/files/upload_url").Status)
}

func TestKeysOfWalletsCanBeSwitchedOff(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { cfg.WalletKeys = false })
	w := newWallet("alpha")
	require.Equal(t, 404, f.postKey(t, w.request(t, w.statement(walletKey, f.clock.Now()))).Status)
}

func TestStatementsAreBounded(t *testing.T) {
	f := startFeedNode(t, nil)
	var last answer
	for range 3 * keysBurst {
		if last = f.postKey(t, "{}"); last.Status == 429 {
			break
		}
	}
	require.Equal(t, 429, last.Status)
	require.Equal(t, "TooManyRequestsError", last.Err.Code)
}

// One address must not keep all others from having a statement checked.
func TestStatementsOfOneAddressAreBounded(t *testing.T) {
	f := startFeedNode(t, func(cfg *Config) { cfg.AnonymousRequestsPerMinute = 2 })
	for _, want := range []int{400, 400, 429, 429} {
		require.Equal(t, want, f.postKey(t, "{}").Status)
	}
	require.Greater(t, f.statements.Tokens(), float64(keysBurst-3))
}

// FuzzKeyRequest feeds the decoder: it gives an error for the client, or fields whose check
// does not panic.
func FuzzKeyRequest(f *testing.F) {
	w := newWallet("alpha")
	now := time.Unix(1_900_000_000, 0)
	f.Add([]byte(w.request(f, w.statement(walletKey, now))))
	f.Add([]byte(`{"statement":"x","pub_key":"` + base64.StdEncoding.EncodeToString(make([]byte, 33)) + `","signature":"AAAA"}`))
	f.Add([]byte(`{"statement":"VirusMap API key\nchain: x\n"}`))
	f.Add([]byte(`{}{}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		request, err := readKeyRequest(http.MaxBytesReader(httptest.NewRecorder(), io.NopCloser(bytes.NewReader(body)), maxKeyRequestBytes))
		if err != nil {
			require.ErrorAs(t, err, new(*apiError))
			return
		}
		statement, err := markettypes.Verify(request.Statement, request.PubKey, request.Signature, now)
		if err == nil {
			require.Equal(t, request.Statement, statement.String())
		}
	})
}
