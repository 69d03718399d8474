package similarity

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The test file in two halves, so that this file is not taken for it.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD` + `-ANTIVIRUS-TEST-FILE!$H+H*`

// The digests are those that Debian's ssdeep 2.14 and tlsh_unittest print.
func TestDigestsOfWholeContents(t *testing.T) {
	var numbers bytes.Buffer
	for i := range 2000 {
		fmt.Fprintln(&numbers, i+1)
	}
	for name, tc := range map[string]struct {
		content      []byte
		ssdeep, tlsh string
	}{
		"nothing":   {nil, "", ""},
		"test file": {[]byte(eicar), "3:a+JraNvsgzsVqSwHq9:tJuOgzsko", ""},
		"uniform":   {make([]byte, 10_000), "3::", ""},
		"one line": {
			bytes.Repeat([]byte("The quick brown fox jumps over the lazy dog. "), 12),
			"6:FHIG8NIG8NIG8NIG8NIG8NIG8NIG8NIG8NIG8NIG8NIG8NIGY:Fg6666666666G",
			"T18AF0024A311C1794658A1888438D95B2D2C9C910612114116570604219482359CD8551",
		},
		"numbers": {
			numbers.Bytes(), "192:jqAvWFRmg1fv6DzeQIZGBkhgtOdptyZGKV7gbVz+nax7/+Yi:+YWv11iDCQIZYkmt6ptaG+7gbVzCI72h",
			"T15E025E0BF59D66D28F43F836F05B617F42262E6BDBE76061176D3280092B84E5EBCC46",
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.ssdeep, SSDEEP(tc.content))
			require.Equal(t, tc.tlsh, TLSH(tc.content))
		})
	}
}

// Debian's tools are the reference, at all sizes and varieties.
func TestWholeDigestsAreThoseOfTheTools(t *testing.T) {
	for _, tool := range []string{"ssdeep", "tlsh_unittest"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed: scripts/setup.sh")
		}
	}
	path := filepath.Join(t.TempDir(), "content")
	random := rand.New(rand.NewPCG(3, 4))
	for range 150 {
		content := make([]byte, 1+random.IntN([]int{300, 5000, 60_000}[random.IntN(3)]))
		values := 1 + random.IntN([]int{8, 256}[random.IntN(2)])
		for i := range content {
			content[i] = byte(random.IntN(values))
		}
		require.NoError(t, os.WriteFile(path, content, 0o600))
		out, err := exec.Command("ssdeep", "-s", path).Output()
		require.NoError(t, err)
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		want, _, _ := strings.Cut(lines[len(lines)-1], ",")
		require.Equal(t, want, SSDEEP(content), "%d bytes of %d values", len(content), values)

		out, err = exec.Command("tlsh_unittest", "-f", path).Output()
		require.NoError(t, err)
		want = "" // when the tool prints why there is none
		if digest, _, found := strings.Cut(string(out), "\t"); found && len(digest) == 70 {
			want = "T1" + digest
		}
		require.Equal(t, want, TLSH(content), "%d bytes of %d values: %s", len(content), values, out)
	}
}
