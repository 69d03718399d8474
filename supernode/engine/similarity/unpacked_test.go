package similarity

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

func unpackedOf(t *testing.T, content []byte) string {
	t.Helper()
	features, err := Of(content)
	require.NoError(t, err)
	require.Equal(t, features.Unpacked == "", features.Keys[slotUnpacked] == key{})
	return features.Unpacked
}

func bzip2Of(t *testing.T, content []byte) []byte {
	t.Helper()
	path, err := exec.LookPath("bzip2")
	if err != nil {
		t.Skip("bzip2 is not installed")
	}
	cmd := exec.Command(path, "-c")
	cmd.Stdin = bytes.NewReader(content)
	packed, err := cmd.Output()
	require.NoError(t, err)
	return packed
}

func TestPackingDoesNotMatter(t *testing.T) {
	a, b := builtELF(), pythonScript(3000)
	one, two := unpackedOf(t, zipOf(member{"a", a})), unpackedOf(t, zipOf(member{"a", a}, member{"b", b}))
	require.NotEmpty(t, one)
	require.NotEqual(t, one, two)
	for name, content := range map[string][]byte{
		"stored":         zipBy(zip.Store, member{"other name", a}),
		"gzip":           gzipOf(a, 1),
		"gzip, best":     gzipOf(a, 9),
		"gzip, two":      append(gzipOf(a[:1000], 6), gzipOf(a[1000:], 1)...),
		"gzip, noise":    append(gzipOf(a, 6), "noise"...),
		"tar":            tarOf(member{"x/y", a}),
		"tar.gz":         gzipOf(tarOf(member{"a", a}), 6),
		"zip in zip":     zipOf(member{"b.zip", zipOf(member{"a", a})}),
		"with an empty":  zipOf(member{"folder/", nil}, member{"a", a}, member{"empty", nil}),
		"twice the same": zipOf(member{"a", a}, member{"b", a}),
		"bzip2":          bzip2Of(t, a),
	} {
		require.Equal(t, one, unpackedOf(t, content), name)
	}
	for name, content := range map[string][]byte{
		"other order": zipOf(member{"b", b}, member{"a", a}),
		"tar.gz":      gzipOf(tarOf(member{"b", b}, member{"c", a}), 9),
		"nested":      zipOf(member{"b", b}, member{"a.gz", gzipOf(a, 6)}),
	} {
		require.Equal(t, two, unpackedOf(t, content), name)
	}
}

func TestWhatIsNoArchiveHasNoUnpackedContent(t *testing.T) {
	packed := zipOf(member{"a", builtELF()})
	for name, content := range map[string][]byte{
		"nothing": nil, "ELF": builtELF(), "PE": builtPE(), "script": pythonScript(3000), "random": noise(randomOf(1), 9000),
		"empty zip": zipOf(), "only folders": zipOf(member{"a/", nil}), "cut off": packed[:len(packed)/2], "head only": []byte("PK\x03\x04"),
		"broken content": flipSome(func(*rand.Rand, int) int { return 200 })(randomOf(3), packed),
		"empty gzip":     gzipOf(nil, 6), "gzip head": []byte("\x1f\x8b\x08"),
	} {
		require.Empty(t, unpackedOf(t, content), name)
	}
}

func TestAPackedFileHasTheKeysOfTheFile(t *testing.T) {
	for name, content := range map[string][]byte{"ELF": builtELF(), "PE": builtPE(), "script": pythonScript(6000)} {
		plain, err := Of(content)
		require.NoError(t, err)
		for _, packed := range [][]byte{zipOf(member{"a", content}), gzipOf(tarOf(member{"a", content}), 1)} {
			features, err := Of(packed)
			require.NoError(t, err)
			require.Equal(t, plain.Keys[slotStructure:], features.Keys[slotStructure:], name)
			require.Equal(t, plain.TLSH, features.TLSH)
		}
	}
}

func TestDepthIsBounded(t *testing.T) {
	core := builtELF()
	nested := func(depth int) []byte {
		content := core
		for range depth {
			content = zipOf(member{"inner", content})
		}
		return content
	}
	require.Equal(t, unpackedOf(t, nested(1)), unpackedOf(t, nested(maxDepth)))
	require.NotEqual(t, unpackedOf(t, nested(1)), unpackedOf(t, nested(maxDepth+1)), "what lies deeper stays packed")
	require.NotEmpty(t, unpackedOf(t, nested(50)))
}

func TestBombsAreGivenUp(t *testing.T) {
	zeros := make([]byte, maxUnpackedBytes/4)
	four := func(b []byte) []byte { return zipOf(member{"1", b}, member{"2", b}, member{"3", b}, member{"4", b}) }
	many := make([]member, maxEntries+1)
	for i := range many {
		many[i] = member{fmt.Sprint(i), []byte{1}}
	}
	packed := gzipOf(zeros, 9)
	for name, content := range map[string][]byte{
		"large":       four(zeros),
		"gzip":        bytes.Join([][]byte{packed, packed, packed, packed, gzipOf([]byte{1}, 6)}, nil),
		"nested":      four(packed),
		"many":        zipOf(many...),
		"many in tar": tarOf(many...),
	} {
		features, err := Of(content)
		require.NoError(t, err)
		if name == "large" { // exactly what is allowed
			require.NotEmpty(t, features.Unpacked)
			continue
		}
		require.Empty(t, features.Unpacked, name)
	}
}

func TestOfficeDocumentsAreComparedByTheirAuthorsParts(t *testing.T) {
	document := func(text, style []byte) []byte {
		return zipOf(member{"[Content_Types].xml", []byte("<Types/>")}, member{"word/styles.xml", style}, member{"word/document.xml", text})
	}
	style, first, second := pythonScript(30_000), script(randomOf(21), 5000, randomName), script(randomOf(22), 5000, randomName)
	one, err := Of(document(first, style))
	require.NoError(t, err)
	other, err := Of(document(second, style))
	require.NoError(t, err)
	for slot := range one.Keys {
		require.True(t, one.Keys[slot] == key{} || one.Keys[slot] != other.Keys[slot], slot)
	}
	restyled, err := Of(document(first, pythonScript(20_000)))
	require.NoError(t, err)
	require.Equal(t, one.Keys[slotTLSH:], restyled.Keys[slotTLSH:])
}

func clamavFile(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("/usr/share/clamav-testfiles/" + name)
	require.NoError(t, err, "run scripts/setup.sh to install what the tests need")
	return content
}
