package wanted

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHashesAreOfTheContent(t *testing.T) {
	const text = "evil thing"
	content, other := newContent(t, text), newContent(t, "another thing")
	older, legacy := md5.Sum([]byte(text)), sha1.Sum([]byte(text))
	md5Bounty, sha1Bounty := wantHash(hex.EncodeToString(older[:])), wantHash(hex.EncodeToString(legacy[:]))
	sha256Bounty := wantHash(hex.EncodeToString(content.SHA256[:]))
	second := sha256Bounty // another funder wants the same
	second.Id = make([]byte, 32)

	hunter, _, _ := newHunter(t, md5Bounty, sha1Bounty, sha256Bounty, second)
	hunt := hunter.Begin(t.Context())
	requireMatches(t, hunt.Known(submitted(content, 10)), sha256Bounty, second)
	require.True(t, hunt.Wants(submitted(content, 10)))
	requireMatches(t, inside(t, hunt, content), md5Bounty, sha1Bounty)
	require.Empty(t, hunt.Known(submitted(other, 10)))
	require.Empty(t, inside(t, hunt, other))

	hunter, _, _ = newHunter(t, sha256Bounty, wantFamily("agent"))
	require.False(t, hunter.Begin(t.Context()).Wants(submitted(content, 10)), "content is not opened for what is known of it")
	hunter, _, _ = newHunter(t)
	require.False(t, hunter.Begin(t.Context()).Wants(submitted(content, 10)))
}

func TestFamilyIsInALabelToken(t *testing.T) {
	for _, test := range []struct {
		family, label string
		want          bool
	}{
		{"agent", "Win.Trojan.Agent-123", true},
		{"trojan.agent", "Win.Trojan.Agent-123", true},
		{"trojan_agent-123", "Win.Trojan.Agent-123", true},
		{"win.agent", "Win.Trojan.Agent-123", false},
		{"agent.trojan", "Win.Trojan.Agent-123", false},
		{"123", "Win.Trojan.Agent-123", true},
		{"12", "Win.Trojan.Agent-123", false},
		{"eicar", "Eicar-Test-Signature", true},
		{"eicar-test-signature", "Eicar-Test-Signature", true},
		{"eicar.test", "Eicar_Test File", true},
		{"eicar-test-signature-x", "Eicar-Test-Signature", false},
		{"emotet", "Trojan:Win32/Emotet.A!ml", true},
		{"emotet", "emotetx", false},
		{"emotet", "xemotet", false},
		{"emotet", "EMOTET", true},
		{"emotet", "em\u043etet", false}, // a Cyrillic letter
		{"k", "\u212a", false},           // the sign of kelvin
		{"a.a.b", "a.a.a.b", true},
		{"..-", "Win.Trojan", false},
		{"agent", "", false},
	} {
		bounty := wantFamily(test.family)
		hunter, _, _ := newHunter(t, bounty)
		content := newContent(t, "any")
		found := hunter.Begin(t.Context()).Known(submitted(content, 10, "Another.Label", test.label))
		require.Equal(t, test.want, contains(found, bounty), "%s in %s", test.family, test.label)
	}
}

func TestSampleThatWasThereBeforeTheBountyIsNotWanted(t *testing.T) {
	content := newContent(t, "evil")
	older := md5.Sum([]byte("evil"))
	hash, digest := wantHash(sha256Of(content.SHA256[:])), wantHash(hex.EncodeToString(older[:]))
	family, rule := wantFamily("agent"), wantRule(`rule a { strings: $a = "evil" condition: $a }`)
	hunter, _, _ := newHunter(t, hash, digest, family, rule)
	hunt := hunter.Begin(t.Context())
	hunt.Prepare(t.Context())

	before, at := submitted(content, 9, "Agent"), submitted(content, 10, "Agent")
	require.Empty(t, hunt.Known(before))
	require.Empty(t, hunt.Inside(t.Context(), before, content))
	requireMatches(t, hunt.Known(at), hash, family)
	requireMatches(t, hunt.Inside(t.Context(), at, content), digest, rule)
}
