package types_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/x/supernode/types"
)

func TestProfileValidate(t *testing.T) {
	classic, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	tests := map[string]struct {
		change  func(*types.Profile)
		err     error
		message string
	}{
		"all fields":              {change: func(*types.Profile) {}},
		"only what is needed":     {change: func(p *types.Profile) { p.Endpoints, p.PeerId, p.Multiaddrs = nil, "", nil }},
		"longest moniker":         {change: func(p *types.Profile) { p.Moniker = strings.Repeat("m", 64) }},
		"moniker in any script":   {change: func(p *types.Profile) { p.Moniker = "сканер 走査 🛰" }},
		"plain http":              {change: func(p *types.Profile) { p.Endpoints = []string{"http://127.0.0.1:8080"} }},
		"IPv6 endpoint":           {change: func(p *types.Profile) { p.Endpoints = []string{"https://[2001:db8::1]:8443/api/v3"} }},
		"peer id as CID":          {change: func(p *types.Profile) { p.PeerId = "k51qzi5uqu5dh9ihj4p2v5sl3hxvv27ryx2w0xrsv6jmmqi91t9xp8p9kaipc2" }},
		"multiaddr with peer":     {change: func(p *types.Profile) { p.Multiaddrs = []string{"/dns4/vault.example/tcp/4001/p2p/" + p.PeerId} }},
		"no sidecar":              {change: func(p *types.Profile) { p.Sidecar = "" }, err: types.ErrInvalidAddress, message: "sidecar"},
		"no moniker":              {change: func(p *types.Profile) { p.Moniker = "" }, err: types.ErrInvalidProfile, message: "moniker has 0 bytes"},
		"long moniker":            {change: func(p *types.Profile) { p.Moniker = strings.Repeat("m", 65) }, err: types.ErrInvalidProfile, message: "moniker has 65 bytes, want 1 to 64"},
		"blank moniker":           {change: func(p *types.Profile) { p.Moniker = "   " }, err: types.ErrInvalidProfile, message: "blank"},
		"moniker not UTF-8":       {change: func(p *types.Profile) { p.Moniker = "\xff" }, err: types.ErrInvalidProfile, message: "UTF-8"},
		"moniker over lines":      {change: func(p *types.Profile) { p.Moniker = "a\nb" }, err: types.ErrInvalidProfile, message: "U+000A"},
		"moniker turned around":   {change: func(p *types.Profile) { p.Moniker = "a\u202eb" }, err: types.ErrInvalidProfile, message: "U+202E"},
		"too many endpoints":      {change: func(p *types.Profile) { p.Endpoints = make([]string, 5) }, err: types.ErrInvalidProfile, message: "endpoints: got 5, want at most 4"},
		"long endpoint":           {change: func(p *types.Profile) { p.Endpoints[0] += "/" + strings.Repeat("p", 128) }, err: types.ErrInvalidProfile, message: "endpoints[0]"},
		"endpoint without host":   {change: func(p *types.Profile) { p.Endpoints[0] = "https:///path" }, err: types.ErrInvalidProfile, message: "endpoints[0]"},
		"endpoint of other kind":  {change: func(p *types.Profile) { p.Endpoints[0] = "javascript:alert(1)" }, err: types.ErrInvalidProfile, message: "endpoints[0]"},
		"endpoint with password":  {change: func(p *types.Profile) { p.Endpoints[0] = "https://user:pass@scanner.example" }, err: types.ErrInvalidProfile, message: "endpoints[0]"},
		"endpoint with a query":   {change: func(p *types.Profile) { p.Endpoints[0] = "https://scanner.example/?q=1" }, err: types.ErrInvalidProfile, message: "endpoints[0]"},
		"endpoint over lines":     {change: func(p *types.Profile) { p.Endpoints[0] = "https://scanner.example\n" }, err: types.ErrInvalidProfile, message: "endpoints[0]"},
		"peer id is none":         {change: func(p *types.Profile) { p.PeerId = "12D3KooW" }, err: types.ErrInvalidProfile, message: "peer_id"},
		"long peer id":            {change: func(p *types.Profile) { p.PeerId = strings.Repeat("1", 129) }, err: types.ErrInvalidProfile, message: "peer_id has 129 bytes"},
		"peer id of a file":       {change: func(p *types.Profile) { p.PeerId = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy" }, err: types.ErrInvalidProfile, message: "peer_id"},
		"too many multiaddrs":     {change: func(p *types.Profile) { p.Multiaddrs = make([]string, 9) }, err: types.ErrInvalidProfile, message: "multiaddrs: got 9, want at most 8"},
		"multiaddr is none":       {change: func(p *types.Profile) { p.Multiaddrs = []string{"/ip4/1.2.3/tcp/1"} }, err: types.ErrInvalidProfile, message: "multiaddrs[0]"},
		"multiaddr empty":         {change: func(p *types.Profile) { p.Multiaddrs = []string{""} }, err: types.ErrInvalidProfile, message: "multiaddrs[0]"},
		"long multiaddr":          {change: func(p *types.Profile) { p.Multiaddrs = []string{strings.Repeat("/ip4/1.2.3.4", 30)} }, err: types.ErrInvalidProfile, message: "multiaddrs[0] has 360 bytes"},
		"no recipient":            {change: func(p *types.Profile) { p.Recipient = "" }, err: types.ErrInvalidRecipient, message: "recipient"},
		"recipient not hybrid":    {change: func(p *types.Profile) { p.Recipient = classic.Recipient().String() }, err: types.ErrInvalidRecipient, message: "recipient"},
		"recipient mistyped":      {change: func(p *types.Profile) { p.Recipient = p.Recipient[:len(p.Recipient)-1] + "b" }, err: types.ErrInvalidRecipient, message: "recipient"},
		"recipient in upper case": {change: func(p *types.Profile) { p.Recipient = strings.ToUpper(p.Recipient) }, err: types.ErrInvalidRecipient, message: "recipient"},
		"long recipient":          {change: func(p *types.Profile) { p.Recipient = strings.Repeat("a", 2049) }, err: types.ErrInvalidRecipient, message: "recipient has 2049 bytes, want at most 2048"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			profile := validProfile()
			tc.change(&profile)
			err := profile.Validate()
			if tc.err == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.err)
			require.ErrorContains(t, err, tc.message)
			require.Less(t, len(err.Error()), 1000)
		})
	}
}

// FuzzProfile: a profile that decodes and validates keeps to its limits.
func FuzzProfile(f *testing.F) {
	profile := validProfile()
	seed, err := profile.Marshal()
	require.NoError(f, err)
	f.Add(seed)
	f.Fuzz(func(t *testing.T, bz []byte) {
		var profile types.Profile
		if profile.Unmarshal(bz) != nil || profile.Validate() != nil {
			return
		}
		require.True(t, utf8.ValidString(profile.Moniker))
		require.LessOrEqual(t, len(profile.Moniker), types.MaxMonikerBytes)
		require.LessOrEqual(t, len(profile.Endpoints), types.MaxEndpoints)
		require.LessOrEqual(t, len(profile.Multiaddrs), types.MaxMultiaddrs)
		require.LessOrEqual(t, len(profile.Recipient), types.MaxRecipientBytes)
		_, err := types.ParseRecipient("recipient", profile.Recipient)
		require.NoError(t, err)
	})
}
