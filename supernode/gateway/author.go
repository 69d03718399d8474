package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/virusmap/virusmap/supernode/community"
)

const (
	// maxContributionBytes bounds the request of a comment, a vote or a deletion.
	maxContributionBytes = 32 << 10
	// contributionsPerMinute and contributionsBurst bound what one author says and changes.
	contributionsPerMinute = 10
	contributionsBurst     = 30
	// rememberedAuthors bounds the authors whose allowances are remembered.
	rememberedAuthors = 65_536
)

// contribution is a request that says something: VirusTotal's data, and, from a wallet, the
// statement that it signed of it.
type contribution struct {
	Data   json.RawMessage   `json:"data"`
	Signed *community.Signed `json:"signed"`
}

// author is who says something, and when.
type author struct {
	// name is the account, or what stands for a key of the configuration: key-<16 hex digits>.
	name string
	// signed is empty when an API key proves it.
	signed community.Signed
	time   int64 // unix seconds
}

// authorship is how an answer proves who said something.
type authorship struct {
	// AuthorAddress is empty for an author whose API key is of the configuration.
	AuthorAddress string `json:"author_address,omitempty"`
	Signed        string `json:"signed"` // wallet or api_key
	Statement     string `json:"statement,omitempty"`
	PubKey        []byte `json:"pub_key,omitempty"`   // base64
	Signature     []byte `json:"signature,omitempty"` // base64
}

// keyAuthor begins the names of authors without an account.
const keyAuthor = "key-"

func authorshipOf(name string, signed community.Signed) authorship {
	a := authorship{Signed: "api_key", Statement: signed.Statement, PubKey: signed.PubKey, Signature: signed.Signature}
	if !strings.HasPrefix(name, keyAuthor) {
		a.AuthorAddress = name
	}
	if signed.Statement != "" {
		a.Signed = "wallet"
	}
	return a
}

// authors are the allowances of those who say something.
type authors struct {
	limits *lru.Cache[string, *rate.Limiter]
}

func newAuthors() (*authors, error) {
	limits, err := lru.New[string, *rate.Limiter](rememberedAuthors)
	return &authors{limits}, err
}

func (a *authors) allow(name string) bool {
	limiter, found := a.limits.Get(name)
	if !found {
		limiter = rate.NewLimiter(rate.Limit(contributionsPerMinute)/60, contributionsBurst)
		if earlier, raced, _ := a.limits.PeekOrAdd(name, limiter); raced {
			limiter = earlier
		}
	}
	return limiter.Allow()
}

// readContribution reads one JSON object of at most limit bytes; an empty body is an empty
// one. Fields that are not known are passed over, as clients send more than is needed.
func readContribution(w http.ResponseWriter, r *http.Request, limit int64) (c contribution, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if errors.As(err, new(*http.MaxBytesError)) {
		return c, bodyTooLarge(limit)
	}
	if err != nil {
		return c, badRequest("body: it ends too early")
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, badRequest("body: not the JSON of {data, signed}: %.200s", err)
	}
	return c, nil
}

// authorOf tells who sent a contribution: the account that signed the statement, or else the
// one of the API key. It counts in the author's allowance.
func (g *Gateway) authorOf(r *http.Request, c contribution, statement community.Statement) (author, error) {
	found, err := g.proveAuthor(r, c, statement)
	if err == nil && !g.authors.allow(found.name) {
		return author{}, tooManyRequests(60 / contributionsPerMinute)
	}
	return found, err
}

func (g *Gateway) proveAuthor(r *http.Request, c contribution, statement community.Statement) (author, error) {
	if c.Signed != nil {
		if !g.statements.Allow() {
			return author{}, tooManyRequests(1)
		}
		proven, err := statement.Verify(*c.Signed, g.now())
		if err != nil {
			return author{}, badRequest("signed: %s", err)
		}
		return author{name: proven.Account, signed: *c.Signed, time: proven.Time.Unix()}, nil
	}
	name := g.nameOf(r)
	if name == "" {
		return author{}, badRequest("signed: a statement {statement, pub_key, signature} by the author's wallet is required here")
	}
	return author{name: name, time: g.now().Unix()}, nil
}

// nameOf is the author that an API key stands for, empty for a request without one.
func (g *Gateway) nameOf(r *http.Request) string {
	c := clientIn(r)
	switch {
	case c == nil || strings.HasPrefix(r.URL.Path, uiBase+"/"):
		return ""
	case c.account != "":
		return c.account
	}
	// The name must not help to guess the key.
	mac := hmac.New(sha256.New, g.deps.ClaimSecret)
	mac.Write([]byte("author"))
	mac.Write(c.source)
	return keyAuthor + hex.EncodeToString(mac.Sum(nil)[:8])
}

// refused turns what the rules of the community refuse into an answer.
func refused(err error) error {
	if errors.Is(err, community.ErrText) {
		return invalidArgument("%s", err)
	}
	return err
}
