package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// role is what a key may do. Each may do what the one before it may:
//
//	reader    look-ups: reports, relations, comments and votes of others, feeds, its own user
//	uploader  submit files and URLs, ask for new analyses, poll them
//	analyst   comments, votes, collections, search, bundles and downloads, the private lane
//	admin     audit log, queues, keys of others
//
// Keys of api_keys and those that wallets authorise are analysts.
type role int

const (
	roleReader role = iota + 1
	roleUploader
	roleAnalyst
	roleAdmin
)

var roleNames = []string{roleReader: "reader", roleUploader: "uploader", roleAnalyst: "analyst", roleAdmin: "admin"}

func (r role) String() string { return roleNames[r] }

func parseRole(name string) (role, error) {
	if i := slices.Index(roleNames, name); i >= int(roleReader) {
		return role(i), nil
	}
	return 0, fmt.Errorf("%.32q is none of %v", name, roleNames[roleReader:])
}

// needed is the least role that may send a request.
func needed(r *http.Request) role {
	path := r.URL.Path
	if v2, found := strings.CutPrefix(path, "/vtapi/v2/"); found {
		return neededV2(v2)
	}
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	path = strings.TrimPrefix(strings.TrimPrefix(path, apiBase), uiBase)
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch first {
	case "audit", "queue", "keys":
		return roleAdmin
	case "private", "intelligence", "search":
		return roleAnalyst
	case "files", "urls":
		submits := rest == "" || strings.HasSuffix(rest, "/analyse")
		switch {
		case rest == "upload_url" || (!read && submits):
			return roleUploader
		case strings.HasSuffix(rest, "/download"), strings.HasSuffix(rest, "/download_url"):
			return roleAnalyst
		}
	}
	if read {
		return roleReader
	}
	return roleAnalyst
}

// neededV2 is for the API of version 2, whose reports may be asked for by POST.
func neededV2(path string) role {
	switch path {
	case "file/scan", "file/rescan", "file/scan/upload_url", "url/scan":
		return roleUploader
	case "comments/put":
		return roleAnalyst
	}
	return roleReader
}

// allow tells whether a client may send a request at all.
func (c *client) allow(r *http.Request) error { return c.atLeast(needed(r)) }

func (c *client) atLeast(least role) error {
	if c.role < least {
		return forbidden("this API key has the role %s; the request needs %s", c.role, least)
	}
	return nil
}

// Key is an API key with a role. Of the key itself its SHA-256 is enough.
type Key struct {
	Name      string `toml:"name" comment:"stands in the audit log"`
	Key       string `toml:"key,omitempty" comment:"what is sent in the X-Apikey header, 16 characters or more"`
	KeySHA256 string `toml:"key_sha256,omitempty" comment:"or its SHA-256 in hex"`
	Role      string `toml:"role" comment:"reader, uploader, analyst or admin"`
}

const (
	minKeyChars = 16
	maxKeyChars = 256
	maxKeys     = 10_000
	maxKeyName  = 64
)

// configuredKey is a key of the configuration, known by its hash.
type configuredKey struct {
	hash [sha256.Size]byte
	name string
	role role
}

// keys are all of the configuration. An error names the field.
func (c Config) keys() ([]configuredKey, error) {
	if count := len(c.APIKeys) + len(c.Keys); count > maxKeys {
		return nil, fmt.Errorf("api_keys: %d keys with those of keys, at most %d", count, maxKeys)
	}
	var all []configuredKey
	for i, key := range c.APIKeys {
		hash, err := hashKey(key)
		if err != nil {
			return nil, fmt.Errorf("api_keys[%d]: %w", i, err)
		}
		all = append(all, configuredKey{hash: hash, name: fmt.Sprintf("api_keys[%d]", i), role: roleAnalyst})
	}
	seen := make(map[string]bool)
	for i, key := range c.Keys {
		if key.Name == "" || len(key.Name) > maxKeyName || seen[key.Name] {
			return nil, fmt.Errorf("keys[%d]: name: %.80q is not a name of its own of 1..%d bytes", i, key.Name, maxKeyName)
		}
		seen[key.Name] = true
		role, err := parseRole(key.Role)
		if err != nil {
			return nil, fmt.Errorf("keys[%d]: role: %w", i, err)
		}
		hash, err := key.hash()
		if err != nil {
			return nil, fmt.Errorf("keys[%d]: %w", i, err)
		}
		all = append(all, configuredKey{hash, key.Name, role})
	}
	return all, nil
}

func (k Key) hash() (hash [sha256.Size]byte, err error) {
	if (k.Key == "") == (k.KeySHA256 == "") {
		return hash, errors.New("key: want either key or key_sha256")
	}
	if k.Key != "" {
		return hashKey(k.Key)
	}
	decoded, err := hex.DecodeString(k.KeySHA256)
	if err != nil || len(decoded) != len(hash) {
		return hash, fmt.Errorf("key_sha256: %d characters are not the hex of a SHA-256", len(k.KeySHA256))
	}
	return [sha256.Size]byte(decoded), nil
}

func hashKey(key string) ([sha256.Size]byte, error) {
	if len(key) < minKeyChars || len(key) > maxKeyChars {
		return [sha256.Size]byte{}, fmt.Errorf("key: %d characters, want %d..%d", len(key), minKeyChars, maxKeyChars)
	}
	return sha256.Sum256([]byte(key)), nil
}
