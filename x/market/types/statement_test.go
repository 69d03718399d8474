package types_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec/legacy"
	codectestutil "github.com/cosmos/cosmos-sdk/codec/testutil"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/auth/migrations/legacytx"

	"github.com/virusmap/virusmap/x/market/types"
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount("vmt", "vmtpub") }

var (
	buyerKey = secp256k1.GenPrivKeyFromSecret([]byte("buyer"))
	issuedAt = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
)

func keyStatement() types.Statement {
	return types.Statement{
		ChainID: "virusmap-1", Account: sdk.AccAddress(buyerKey.PubKey().Address()).String(),
		KeyHash: sha256.Sum256([]byte("api key")), Issued: issuedAt, Expires: issuedAt.Add(types.MaxStatementLifetime),
	}
}

func signStatement(t *testing.T, key *secp256k1.PrivKey, statement types.Statement) []byte {
	t.Helper()
	signature, err := key.Sign(types.SignDoc(statement))
	require.NoError(t, err)
	return signature
}

func TestStatementText(t *testing.T) {
	text := "VirusMap API key\nchain: virusmap-1\naccount: " + keyStatement().Account +
		"\nkey: 87b8d6a0f00d7d7d8f4399b1b681feb40042e3b6eb7fd97cb70aaf37301c9290" +
		"\nissued: 2030-01-02T03:04:05Z\nexpires: 2031-01-03T03:04:05Z\n"
	require.Equal(t, text, keyStatement().String())

	parsed, err := types.ParseStatement(text)
	require.NoError(t, err)
	require.Equal(t, keyStatement(), parsed)

	elsewhere := keyStatement()
	elsewhere.Issued = issuedAt.In(time.FixedZone("east", 3600)).Add(time.Millisecond)
	require.Equal(t, text, elsewhere.String(), "the text has UTC and whole seconds")
}

func TestParseStatementRefusals(t *testing.T) {
	good := keyStatement().String()
	replace := func(old, with string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, with, 1)
	}
	account := keyStatement().Account
	for name, refused := range map[string]struct{ text, says string }{
		"nothing":            {"", "want 6 lines"},
		"another title":      {replace("API", "api"), "want 6 lines"},
		"no LF at the end":   {strings.TrimSuffix(good, "\n"), "want 6 lines"},
		"two LF at the end":  {good + "\n", "want 6 lines"},
		"a line more":        {good + "memo: x\n", "want 6 lines"},
		"CR LF":              {strings.ReplaceAll(good, "\n", "\r\n"), "want 6 lines"},
		"space in front":     {" " + good, "want 6 lines"},
		"too long":           {good + strings.Repeat("x", 512), "want at most 512"},
		"another name":       {replace("chain:", "Chain:"), "line 2"},
		"no space":           {replace("account: ", "account:"), "line 3"},
		"lines in disorder":  {replace("issued:", "expires:"), "line 5"},
		"no chain":           {replace("virusmap-1", ""), "chain: "},
		"long chain":         {replace("virusmap-1", strings.Repeat("c", 51)), "chain: "},
		"hidden in chain":    {replace("virusmap-1", "virus\u200bmap"), "chain: "},
		"control in chain":   {replace("virusmap-1", "virusmap\r"), "chain: "},
		"no account":         {replace(account, ""), "account: "},
		"bad checksum":       {replace(account, account[:len(account)-1]+"b"), "account: "},
		"upper case account": {replace(account, strings.ToUpper(account)), "account: "},
		"another prefix":     {replace(account, "cosmos1m9l358xunhhwds0568za49mzhvuxx9uxre5tud"), "account: "},
		"short key":          {replace("key: ", "key: 00"), "key: "},
		"no hex":             {replace("key: ", "key: x"), "key: "},
		"upper case key":     {strings.Replace(good, hexKey(), strings.ToUpper(hexKey()), 1), "is not written as it would be"},
		"no time":            {replace("2030-01-02T03:04:05Z", ""), "issued: "},
		"offset":             {replace("2030-01-02T03:04:05Z", "2030-01-02T03:04:05+00:00"), "issued: "},
		"fraction":           {replace("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.0Z"), "is not written as it would be"},
		"no such day":        {replace("2031-01-03", "2031-02-30"), "expires: "},
		"short hour":         {replace("2031-01-03T03", "2031-01-03T3"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := types.ParseStatement(refused.text)
			require.ErrorIs(t, err, types.ErrInvalidStatement)
			require.ErrorContains(t, err, refused.says)
		})
	}
}

func hexKey() string {
	hash := keyStatement().KeyHash
	return hex.EncodeToString(hash[:])
}

func FuzzParseStatement(f *testing.F) {
	f.Add(keyStatement().String())
	f.Add("VirusMap API key\nchain: \naccount: \nkey: \nissued: \nexpires: \n")
	f.Add(strings.Replace(keyStatement().String(), "05Z", "05.000Z", 1))
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := types.ParseStatement(text)
		if err != nil {
			require.ErrorIs(t, err, types.ErrInvalidStatement)
			return
		}
		require.Equal(t, text, parsed.String())
		require.True(t, json.Valid(types.SignDoc(parsed)))
	})
}

// The SDK's own encoder of amino JSON writes the same document.
func TestSignDocIsCanonicalAminoJSON(t *testing.T) {
	value, err := json.Marshal(map[string]any{"type": "sign/MsgSignData", "value": map[string]any{
		"signer": keyStatement().Account, "data": []byte(keyStatement().String()),
	}})
	require.NoError(t, err)
	document, err := legacy.Cdc.MarshalJSON(legacytx.StdSignDoc{
		Fee: json.RawMessage(legacytx.NewStdFee(0, nil).Bytes()), Msgs: []json.RawMessage{value},
	})
	require.NoError(t, err)
	require.Equal(t, string(sdk.MustSortJSON(document)), string(types.SignDoc(keyStatement())))
}

// Documents and signatures that other implementations of ADR-036 published: the first hash
// is of a Go program over the SDK, the signatures are of wallets in browsers.
func TestSignDocOfOthers(t *testing.T) {
	hash := sha256.Sum256(types.SignDocOf("cosmos1mnyn7x24xj6vraxeeq56dfkxa009tvhgknhm04", "Hello, ADR-036!"))
	require.Equal(t, "5ac8daed449a016684fd64bade7510b75ccd7c6eefa31b60a10eb577b37575e3", hex.EncodeToString(hash[:]))

	for signer, signed := range map[string]struct{ data, key, signature string }{
		"cosmos1m9l358xunhhwds0568za49mzhvuxx9uxre5tud": {
			"cosmos1m9l358xunhhwds0568za49mzhvuxx9uxre5tud",
			"A/MdHVpitzHNSdD1Zw3kY+L5PEIPyd9l6sD5i4aIfXp9",
			"vb78/y129cOiWyQkeFF8wCKZsOyzjpILnpEVZ72o5YUhEOmQZzVPcbUqWPLR7aZQ20j6vnYhIuCQN0HEG3igFg==",
		},
		"bostrom1qjjjur5et06eszh82pfv7kvdnu3sur239umc00": {
			`{"nickname":"bob-cosmos","avatar_cid":"QmU1Nf2opJGZGNWmqxAa9bb8X6wVSHRBDCY6nbm3RmVXGb",` +
				`"gift_claiming_address_type":"cosmos","gift_claiming_address":"cosmos1qjjjur5et06eszh82pfv7kvdnu3sur23x00t3g",` +
				`"target_address":"bostrom1qjjjur5et06eszh82pfv7kvdnu3sur239umc00","relay_reward":"0.01"}`,
			"Aoz4+N8ckpDiz4oOKKKVERJGeS49nOgGrXw0s0dkymDr",
			"CvMkqkQHVPV3DTyVErth16OdTjAwqQD6t+r9ImSpdwUZFin+UPeGSfH9hhuAmqYAp4CffhNNSEisdfzwwvlN/w==",
		},
	} {
		key, err := base64.StdEncoding.DecodeString(signed.key)
		require.NoError(t, err)
		signature, err := base64.StdEncoding.DecodeString(signed.signature)
		require.NoError(t, err)
		public := secp256k1.PubKey{Key: key}
		require.True(t, public.VerifySignature(types.SignDocOf(signer, signed.data), signature), signer)
	}
}

// A key of a keyring signs it as it signs what hardware wallets show.
func TestVerifyWhatAKeyringSigned(t *testing.T) {
	cdc := codectestutil.CodecOptions{AccAddressPrefix: "vmt"}.NewCodec()
	cryptocodec.RegisterInterfaces(cdc.InterfaceRegistry())
	ring := keyring.NewInMemory(cdc)
	record, _, err := ring.NewMnemonic("buyer", keyring.English, sdk.FullFundraiserPath, "", hd.Secp256k1)
	require.NoError(t, err)
	address, err := record.GetAddress()
	require.NoError(t, err)
	said := keyStatement()
	said.Account = address.String()
	signature, public, err := ring.Sign("buyer", types.SignDoc(said), signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON)
	require.NoError(t, err)

	verified, err := types.Verify(said.String(), public.Bytes(), signature, issuedAt)
	require.NoError(t, err)
	require.Equal(t, said, verified)
}

func TestVerifyInTime(t *testing.T) {
	said := keyStatement()
	signature := signStatement(t, buyerKey, said)
	for name, now := range map[string]time.Time{
		"of a wallet whose clock is ahead": issuedAt.Add(-5 * time.Minute),
		"in the last second":               said.Expires.Add(-time.Nanosecond),
		"elsewhere":                        issuedAt.In(time.FixedZone("west", -8*3600)),
	} {
		t.Run(name, func(t *testing.T) {
			verified, err := types.Verify(said.String(), buyerKey.PubKey().Bytes(), signature, now)
			require.NoError(t, err)
			require.Equal(t, said, verified)
		})
	}
}

func TestVerifyRefusals(t *testing.T) {
	other := secp256k1.GenPrivKeyFromSecret([]byte("other"))
	public := buyerKey.PubKey().Bytes()
	with := func(change func(*types.Statement)) types.Statement {
		said := keyStatement()
		change(&said)
		return said
	}
	for name, refused := range map[string]struct {
		signed    types.Statement
		text      string // what is shown instead of what was signed
		key       []byte
		signature func([]byte) []byte
		now       time.Time
		says      string
	}{
		"no statement":         {signed: keyStatement(), text: "VirusMap", says: "want 6 lines"},
		"another statement":    {signed: keyStatement(), text: with(func(s *types.Statement) { s.ChainID = "virusmap-2" }).String(), says: "signature is not"},
		"key of somebody else": {signed: keyStatement(), key: other.PubKey().Bytes(), says: "but the public key is that of"},
		"no key":               {signed: keyStatement(), key: []byte{}, says: "public key has 0 bytes, want 33"},
		"uncompressed key":     {signed: keyStatement(), key: bytes.Repeat([]byte{4}, 65), says: "public key has 65 bytes"},
		"no signature":         {signed: keyStatement(), signature: func([]byte) []byte { return nil }, says: "signature has 0 bytes, want 64"},
		"with a recovery byte": {signed: keyStatement(), signature: func(s []byte) []byte { return append(s, 0) }, says: "signature has 65 bytes"},
		"flipped bit":          {signed: keyStatement(), signature: func(s []byte) []byte { s[40] ^= 1; return s }, says: "signature is not"},
		"higher s":             {signed: keyStatement(), signature: higherS, says: "signature is not"},
		"by somebody else":     {signed: keyStatement(), signature: func([]byte) []byte { return signStatement(t, other, keyStatement()) }, says: "signature is not"},
		"to come":              {signed: keyStatement(), now: issuedAt.Add(-5*time.Minute - time.Nanosecond), says: "is to come"},
		"over":                 {signed: keyStatement(), now: keyStatement().Expires, says: "is over"},
		"for too long":         {signed: with(func(s *types.Statement) { s.Expires = s.Expires.Add(time.Second) }), says: "at most 8784h"},
		"for ever":             {signed: with(func(s *types.Statement) { s.Expires = s.Expires.AddDate(7000, 0, 0) }), says: "at most 8784h"},
		"ends before it begins": {
			signed: with(func(s *types.Statement) { s.Issued, s.Expires = issuedAt.Add(time.Minute), issuedAt.Add(time.Second) }),
			says:   "want above 0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, key, now, signature := refused.signed.String(), public, issuedAt, signStatement(t, buyerKey, refused.signed)
			if refused.text != "" {
				text = refused.text
			}
			if refused.key != nil {
				key = refused.key
			}
			if refused.signature != nil {
				signature = refused.signature(signature)
			}
			if !refused.now.IsZero() {
				now = refused.now
			}
			verified, err := types.Verify(text, key, signature, now)
			require.ErrorIs(t, err, types.ErrInvalidStatement)
			require.ErrorContains(t, err, refused.says)
			require.Zero(t, verified)
		})
	}
}

// higherS is the other signature that the equation of ECDSA holds for.
func higherS(signature []byte) []byte {
	order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	s := new(big.Int).SetBytes(signature[32:])
	return append(bytes.Clone(signature[:32]), s.Sub(order, s).FillBytes(make([]byte, 32))...)
}
