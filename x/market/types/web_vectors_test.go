package types_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/testutil/webvectors"
	"github.com/virusmap/virusmap/x/market/types"
)

// exchangeVector is one delivery as the buyer's browser has to make and to open it; bytes
// are in base64.
type exchangeVector struct {
	ChainID    string `json:"chain_id"`
	Buyer      string `json:"buyer"`
	SHA256     []byte `json:"sha256"`
	Secret     []byte `json:"secret"`
	OneTimeKey []byte `json:"one_time_key"`
	OrderID    []byte `json:"order_id"`
	// Order is the one that Sealed was sealed for.
	Order      []byte `json:"order"`
	Info       []byte `json:"info"`
	Sealed     []byte `json:"sealed"`
	FileKey    []byte `json:"file_key"`
	Commitment []byte `json:"commitment"`
}

func TestTheWebAppOpensWhatIsDelivered(t *testing.T) {
	text, err := os.ReadFile("testdata/sealed_key.hex")
	require.NoError(t, err)
	sealed, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	buyer, content := buyerKey.PubKey().Address(), sha256.Sum256([]byte("content"))
	v := exchangeVector{
		ChainID: "virusmap-1", Buyer: keyStatement().Account, SHA256: content[:], Secret: make([]byte, types.SecretSize),
		Order: make([]byte, sha256.Size), Sealed: sealed, FileKey: []byte("a file key, 16 B"),
	}
	for i := range v.Secret {
		v.Secret[i] = byte(i)
	}
	v.OneTimeKey, err = types.OneTimeKeyOf(v.Secret)
	require.NoError(t, err)
	v.OrderID = types.NewOrderID(buyer.Bytes(), v.SHA256, v.OneTimeKey)
	v.Info = types.ExchangeInfo(v.ChainID, v.Order)
	commitment := sha256.Sum256(append([]byte("virusmap/file-key/v1"), v.FileKey...))
	v.Commitment = commitment[:]
	require.True(t, types.CommitsTo(v.Commitment, v.FileKey))
	opened, err := types.OpenFileKey(v.Secret, v.Info, v.Sealed)
	require.NoError(t, err)
	require.Equal(t, v.FileKey, opened)
	webvectors.Require(t, "chain/testdata/exchange.json", v)
}

// statementVector is the authorisation of an API key as a wallet signs it.
type statementVector struct {
	PrivateKey []byte `json:"private_key"`
	PubKey     []byte `json:"pub_key"`
	ChainID    string `json:"chain_id"`
	Account    string `json:"account"`
	APIKey     string `json:"api_key"`
	Issued     int64  `json:"issued"`
	Expires    int64  `json:"expires"`
	Statement  string `json:"statement"`
	SignDoc    string `json:"sign_doc"`
	Signature  []byte `json:"signature"`
}

func TestTheWebAppSignsStatements(t *testing.T) {
	statement := keyStatement()
	v := statementVector{
		PrivateKey: buyerKey.Bytes(), PubKey: buyerKey.PubKey().Bytes(), ChainID: statement.ChainID, Account: statement.Account,
		APIKey: "api key", Issued: statement.Issued.Unix(), Expires: statement.Expires.Unix(),
		Statement: statement.String(), SignDoc: string(types.SignDoc(statement)), Signature: signStatement(t, buyerKey, statement),
	}
	_, err := types.Verify(v.Statement, v.PubKey, v.Signature, issuedAt)
	require.NoError(t, err)
	webvectors.Require(t, "chain/testdata/statement.json", v)
}
