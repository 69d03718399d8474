package types_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/bounty/types"
)

const (
	md5Hex    = "44d88612fea8a8f36de82e1278abb02f"
	sha1Hex   = "3395856ce81f2b7382dee72602f798b642f14140"
	sha256Hex = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
	rule      = "rule eicar {\n\tstrings: $a = \"EICAR-STANDARD\"\n\tcondition: $a\n}\n"
)

var bountyFunder = sdk.AccAddress(bytes.Repeat([]byte{7}, 20))

// The id is spelled out here, so that nobody changes by accident what others recompute.
func TestBountyID(t *testing.T) {
	preimage := "virusmap/bounty/v1" + "\x03" + "\x00\x00\x00\x00\x00\x00\x00\x06" + "emotet" + string(bountyFunder)
	want := sha256.Sum256([]byte(preimage))
	require.Equal(t, want[:], types.BountyID(types.BOUNTY_KIND_FAMILY, "emotet", bountyFunder))
	require.NotEqual(t, want[:], types.BountyID(types.BOUNTY_KIND_YARA, "emotet", bountyFunder))
	require.NotEqual(t, want[:], types.BountyID(types.BOUNTY_KIND_FAMILY, "emote", append(sdk.AccAddress("t"), bountyFunder...)))
}

func TestTargetsHaveOneForm(t *testing.T) {
	for _, valid := range []struct {
		kind   types.BountyKind
		target string
	}{
		{types.BOUNTY_KIND_SAMPLE, sha256Hex},
		{types.BOUNTY_KIND_HASH, md5Hex},
		{types.BOUNTY_KIND_HASH, sha1Hex},
		{types.BOUNTY_KIND_HASH, sha256Hex},
		{types.BOUNTY_KIND_FAMILY, "qb"},
		{types.BOUNTY_KIND_FAMILY, "win32.emotet_v-4"},
		{types.BOUNTY_KIND_FAMILY, strings.Repeat("a", 64)},
		{types.BOUNTY_KIND_YARA, rule},
		{types.BOUNTY_KIND_YARA, "/* é 病 */"},
		{types.BOUNTY_KIND_YARA, strings.Repeat("a", types.MaxRuleBytes)},
	} {
		require.NoError(t, types.ValidateTarget(valid.kind, valid.target), "%s %q", valid.kind, valid.target)
	}
	for name, refused := range map[string]struct {
		kind   types.BountyKind
		target string
		says   string
	}{
		"no kind":          {types.BOUNTY_KIND_UNSPECIFIED, sha256Hex, "kind: BOUNTY_KIND_UNSPECIFIED"},
		"unknown kind":     {types.BountyKind(9), sha256Hex, "kind: 9"},
		"empty sample":     {types.BOUNTY_KIND_SAMPLE, "", "0 hex digits"},
		"sample by MD5":    {types.BOUNTY_KIND_SAMPLE, md5Hex, "32 hex digits"},
		"upper case":       {types.BOUNTY_KIND_SAMPLE, strings.ToUpper(sha256Hex), "lower case"},
		"mixed case":       {types.BOUNTY_KIND_HASH, "A" + md5Hex[1:], "lower case"},
		"not hex":          {types.BOUNTY_KIND_HASH, "x" + md5Hex[1:], "is not hex"},
		"odd length":       {types.BOUNTY_KIND_HASH, md5Hex[1:], "is not hex"},
		"SHA-512":          {types.BOUNTY_KIND_HASH, sha256Hex + sha256Hex, "128 hex digits"},
		"short family":     {types.BOUNTY_KIND_FAMILY, "a", "2..64"},
		"long family":      {types.BOUNTY_KIND_FAMILY, strings.Repeat("a", 65), "2..64"},
		"family with case": {types.BOUNTY_KIND_FAMILY, "Emotet", "[a-z0-9._-]"},
		"family in words":  {types.BOUNTY_KIND_FAMILY, "big bad", "[a-z0-9._-]"},
		"family in French": {types.BOUNTY_KIND_FAMILY, "mauvés", "[a-z0-9._-]"},
		"no rule":          {types.BOUNTY_KIND_YARA, "", "1..4096"},
		"long rule":        {types.BOUNTY_KIND_YARA, strings.Repeat("a", types.MaxRuleBytes+1), "1..4096"},
		"rule of Windows":  {types.BOUNTY_KIND_YARA, "rule a\r\n", "U+000D at byte 6"},
		"rule with NUL":    {types.BOUNTY_KIND_YARA, "a\x00", "U+0000"},
		"rule not UTF-8":   {types.BOUNTY_KIND_YARA, "a\xff", "UTF-8"},
		"reordering rule":  {types.BOUNTY_KIND_YARA, "a\u202eb", "U+202E at byte 1"},
	} {
		t.Run(name, func(t *testing.T) {
			err := types.ValidateTarget(refused.kind, refused.target)
			require.ErrorIs(t, err, types.ErrInvalidBounty)
			require.ErrorContains(t, err, refused.says)
		})
	}
}

func TestPostRefusals(t *testing.T) {
	params := types.DefaultParams()
	valid := func() *types.MsgPostBounty {
		return &types.MsgPostBounty{
			Funder: bountyFunder.String(), Kind: types.BOUNTY_KIND_HASH, Target: md5Hex,
			Amount: params.MinBounty, DurationSeconds: params.MinBountySeconds, Stage: 9,
		}
	}
	require.NoError(t, valid().Validate(params))
	for name, refused := range map[string]struct {
		change func(*types.MsgPostBounty)
		want   error
		says   string
	}{
		"target":          {func(m *types.MsgPostBounty) { m.Target = "" }, types.ErrInvalidBounty, "target"},
		"stage of sample": {func(m *types.MsgPostBounty) { m.Kind, m.Target = types.BOUNTY_KIND_SAMPLE, sha256Hex }, types.ErrInvalidBounty, "stage: 9"},
		"short":           {func(m *types.MsgPostBounty) { m.DurationSeconds-- }, types.ErrInvalidBounty, "duration_seconds: 86399, want 86400.."},
		"long":            {func(m *types.MsgPostBounty) { m.DurationSeconds = 1 << 63 }, types.ErrInvalidBounty, "duration_seconds"},
		"other coin":      {func(m *types.MsgPostBounty) { m.Amount.Denom = "uatom" }, types.ErrInvalidAmount, "amount"},
		"too little":      {func(m *types.MsgPostBounty) { m.Amount = m.Amount.SubAmount(math.OneInt()) }, types.ErrInvalidAmount, "want 10000000uvmt"},
		"no amount":       {func(m *types.MsgPostBounty) { m.Amount = sdk.Coin{Denom: types.Denom} }, types.ErrInvalidAmount, "amount"},
		"negative":        {func(m *types.MsgPostBounty) { m.Amount.Amount = math.NewInt(-1) }, types.ErrInvalidAmount, "amount"},
	} {
		t.Run(name, func(t *testing.T) {
			msg := valid()
			refused.change(msg)
			err := msg.Validate(params)
			require.ErrorIs(t, err, refused.want)
			require.ErrorContains(t, err, refused.says)
		})
	}
	params.MinBounty.Amount = math.ZeroInt()
	free := valid()
	free.Amount.Amount = math.ZeroInt()
	require.ErrorIs(t, free.Validate(params), types.ErrInvalidAmount, "a bounty of nothing is none")
}

func TestTopUpRefusals(t *testing.T) {
	params := types.DefaultParams()
	require.NoError(t, (&types.MsgTopUpBounty{Id: make([]byte, 32), Amount: params.MinBounty}).Validate(params))
	require.ErrorIs(t, (&types.MsgTopUpBounty{Id: make([]byte, 31), Amount: params.MinBounty}).Validate(params), types.ErrInvalidBounty)
	require.ErrorIs(t, (&types.MsgTopUpBounty{Id: make([]byte, 32)}).Validate(params), types.ErrInvalidAmount)
}

// A target that is accepted is in the only form it has, and says what it is of.
func FuzzValidateTarget(f *testing.F) {
	for kind, target := range map[types.BountyKind]string{
		types.BOUNTY_KIND_SAMPLE: sha256Hex, types.BOUNTY_KIND_HASH: md5Hex,
		types.BOUNTY_KIND_FAMILY: "emotet", types.BOUNTY_KIND_YARA: rule,
	} {
		f.Add(int32(kind), target)
	}
	f.Fuzz(func(t *testing.T, number int32, target string) {
		kind := types.BountyKind(number)
		if err := types.ValidateTarget(kind, target); err != nil {
			require.ErrorIs(t, err, types.ErrInvalidBounty)
			return
		}
		switch kind {
		case types.BOUNTY_KIND_SAMPLE, types.BOUNTY_KIND_HASH:
			decoded, err := hex.DecodeString(target)
			require.NoError(t, err)
			require.Equal(t, target, hex.EncodeToString(decoded))
		case types.BOUNTY_KIND_FAMILY:
			require.Regexp(t, `^[a-z0-9._-]{2,64}$`, target)
		case types.BOUNTY_KIND_YARA:
			require.NotContains(t, target, "\r")
			require.LessOrEqual(t, len(target), types.MaxRuleBytes)
		default:
			t.Fatalf("kind %d was accepted", number)
		}
	})
}
