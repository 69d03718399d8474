package community

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	markettypes "github.com/virusmap/virusmap/x/market/types"
)

func TestTags(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                {},
		"#One two #two, (#three) #ONE":    {"one", "two", "three"},
		"no#tag &#39; a/#b http://x/#y":   {},
		"#a.b. #c- #día #_x":              {"a.b", "c", "día", "_x"},
		"##x # y":                         {},
		"#" + strings.Repeat("x", 65):     {},
		strings.Repeat("#t ", 3) + "#u v": {"t", "u"},
	} {
		require.Equal(t, want, Tags(text), text)
	}
	var many strings.Builder
	for c := 'a'; c <= 'z'; c++ {
		many.WriteString("#" + string(c) + " ")
	}
	require.Len(t, Tags(many.String()), MaxTags)
}

func TestStatementsAreVerified(t *testing.T) {
	key := secp256k1.GenPrivKeyFromSecret([]byte("alpha"))
	now := time.Date(2030, 5, 1, 12, 0, 0, 0, time.UTC)
	want := CommentStatement("chain-1", Item{"file", "ab"}, "text")
	whole := want
	whole.Account, whole.Time = sdk.AccAddress(key.PubKey().Address()).String(), now
	require.Equal(t, "VirusMap comment\nchain: chain-1\naccount: "+whole.Account+"\nitem: file/ab\ntime: 2030-05-01T12:00:00Z\n"+
		"text-sha256: 982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1", whole.String())
	sign := func(text string) Signed {
		signature, err := key.Sign(markettypes.SignTextDoc(whole.Account, text))
		require.NoError(t, err)
		return Signed{Statement: text, PubKey: key.PubKey().Bytes(), Signature: signature}
	}
	for _, end := range []string{"", "\n"} {
		got, err := want.Verify(sign(whole.String()+end), now.Add(MaxStatementAge))
		require.NoError(t, err)
		require.Equal(t, whole, got)
	}
	for name, text := range map[string]string{
		"spaces":   strings.Replace(whole.String(), "item: ", "item:  ", 1),
		"carriage": strings.ReplaceAll(whole.String(), "\n", "\r\n"),
		"two ends": whole.String() + "\n\n",
		"time":     strings.Replace(whole.String(), "12:00:00Z", "12:00:00.5Z", 1),
		"zone":     strings.Replace(whole.String(), "12:00:00Z", "14:00:00+02:00", 1),
		"account":  strings.Replace(whole.String(), whole.Account, strings.ToUpper(whole.Account), 1),
		"long":     whole.String() + strings.Repeat("x", maxStatementBytes),
		"nothing":  "",
	} {
		_, err := want.Verify(sign(text), now)
		require.ErrorIs(t, err, ErrStatement, name)
	}
	_, err := want.Verify(sign(whole.String()), now.Add(MaxStatementAge+time.Second))
	require.ErrorIs(t, err, ErrStatement)
	_, err = VoteStatement("chain-1", Item{"file", "ab"}, Harmless).Verify(sign(whole.String()), now)
	require.ErrorIs(t, err, ErrStatement)
}

func TestWords(t *testing.T) {
	require.Equal(t, []string{"loader", "of", "may", "2030", "für"}, Words("Loader of May-2030, für a LOADER"))
	require.Len(t, Words(strings.Repeat("x", 100))[0], maxWordBytes)
}

func FuzzVerify(f *testing.F) {
	f.Add("VirusMap comment\nchain: c\naccount: a\nitem: file/ab\ntime: 2030-05-01T12:00:00Z\ntext-sha256: 00", []byte{2}, []byte{3})
	f.Fuzz(func(t *testing.T, text string, pubKey, signature []byte) {
		_, err := CommentStatement("c", Item{"file", "ab"}, "text").Verify(Signed{text, pubKey, signature}, time.Unix(1_900_000_000, 0))
		require.ErrorIs(t, err, ErrStatement)
	})
}

func FuzzTags(f *testing.F) {
	f.Add("#a #b.c")
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range Tags(text) {
			require.Equal(t, tag, CanonicalTag(tag))
			require.NotEmpty(t, tag)
		}
	})
}
