package similarity

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

func structureIn(t *testing.T, content []byte) string {
	t.Helper()
	features, err := Of(content)
	require.NoError(t, err)
	require.Equal(t, features.Structure == "", features.Keys[slotStructure] == key{})
	return features.Structure
}

func TestProgramsWithFewImportsHaveNoStructure(t *testing.T) {
	code := section{".text", machineCode(randomOf(1), 4000)}
	for count, present := range map[int]bool{0: false, minImports - 1: false, minImports: true, 200: true} {
		require.Equal(t, present, structureIn(t, elfOf(manyImports(count), []string{"libc.so.6"}, code)) != "", "ELF, %d", count)
		pe := peOf(map[string][]string{"A.dll": manyImports(count)}, []string{"A.dll"}, code)
		require.Equal(t, present, structureIn(t, pe) != "", "PE, %d", count)
	}
	runtime := section{".data", []byte("\xff Go buildinf:")}
	require.Empty(t, structureIn(t, elfOf(manyImports(50), nil, code, runtime)), "the imports are those of Go")
}

func TestStructureOfProgramsIsOfNames(t *testing.T) {
	build := func(imports, libraries []string, sections ...section) string {
		return structureIn(t, elfOf(imports, libraries, sections...))
	}
	imports, code := manyImports(20), section{".text", machineCode(randomOf(1), 4000)}
	same := build(imports, []string{"a.so", "b.so"}, code)
	reversed := slices.Clone(imports)
	slices.Reverse(reversed)
	require.Equal(t, same, build(reversed, []string{"b.so", "a.so"}, section{".text", machineCode(randomOf(2), 9000)}), "order and code do not matter")
	require.NotEqual(t, same, build(imports[1:], []string{"a.so", "b.so"}, code))
	require.NotEqual(t, same, build(imports, []string{"a.so"}, code))
	require.NotEqual(t, same, build(imports, []string{"a.so", "b.so"}, code, section{".more", []byte("x")}))

	pe := func(name string, imports []string, text []byte) string {
		return structureIn(t, peOf(map[string][]string{"A.dll": imports}, []string{"A.dll"}, section{name, text}))
	}
	require.Equal(t, pe(".text", imports, code.content), pe(".text", imports, machineCode(randomOf(2), 9000)))
	require.NotEqual(t, pe(".text", imports, code.content), pe(".text", reversed, code.content), "imphash is of the order")
	require.NotEqual(t, pe(".text", imports, code.content), pe(".code", imports, code.content))
}

func TestSkeletonOfScripts(t *testing.T) {
	skeleton := func(text string) string {
		s, _ := structureOfScript([]byte(text), "text")
		return strings.Join(s.parts, " ")
	}
	for text, want := range map[string]string{
		"a = b + 1":                            "i = i + s",
		"eval( unescape('%61' + \"b\" + `c`))": "i ( i ( s ) )",
		"x=[1, 2,\n 3]":                        "i = [ s ]",
		"if A then B() end # comment":          "if i then i ( ) end",
		"a // comment\nb /* more\n */ c":       "i i i",
		"see http://example.com/#top":          "i i : / / i . i / # i",
		"' Basic\nRem more\nDim x":             "dim i",
		"s = '''one\ntwo''' % 3":               "i = s % s",
		"s = 'not closed\nnext":                "i = s next",
		"a /* not closed":                      "i / * not i",
		"\"\\\"\"":                             "s",
		"größe = 5":                            "i = s",
		"":                                     "",
	} {
		require.Equal(t, want, skeleton(text), text)
	}
	text := string(pythonScript(3000))
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	_, enough := structureOfScript([]byte(text), "text")
	require.True(t, enough)
	plain, _ := structureOfScript([]byte(text), "text")
	other, _ := structureOfScript(wide, "text")
	require.Equal(t, plain, other, "UTF-16 is the same text")
	_, enough = structureOfScript([]byte(strings.Repeat("x ", minTokens-1)), "text")
	require.False(t, enough)
}

func TestScriptThatCarriesAPayloadHasNoStructure(t *testing.T) {
	text := pythonScript(3000)
	require.NotEmpty(t, structureIn(t, text))
	require.Equal(t, structureIn(t, text), structureIn(t, append(bytes.Clone(text), noise(randomOf(1), 500)...)))
	require.Empty(t, structureIn(t, append(bytes.Clone(text), noise(randomOf(1), 100_000)...)), "it begins like all that unpack themselves")
}

func TestStructureOfPDF(t *testing.T) {
	page := "1 0 obj << /Type /Page /Rotate 0 /Contents 2 0 R /Resources << /Font << /Own1 3 0 R >> >> >> endobj\nstream\n/Launch\nendstream\n"
	text := "%PDF-1.7\n" + strings.Repeat(page, 11) + "<< /S /JavaScript /JS (app.alert(1)) >>\n%%EOF\n"
	same := structureIn(t, []byte(text))
	require.NotEmpty(t, same)
	require.Equal(t, same, structureIn(t, []byte(strings.ReplaceAll(text, "alert(1)", "alert(2)"))))
	require.Equal(t, same, structureIn(t, []byte(strings.ReplaceAll(text, "/Own1", "/Other"))), "names of one's own")
	require.Equal(t, same, structureIn(t, []byte(strings.ReplaceAll(text, "/JavaScript", "/J#61vaScript"))), "escaped")
	require.Equal(t, same, structureIn(t, append([]byte(text), "/Launch /Page junk"...)), "behind the end")
	require.NotEqual(t, same, structureIn(t, []byte(strings.ReplaceAll(text, "/JavaScript", "/Launch"))))
	require.Empty(t, structureIn(t, []byte("%PDF-1.7\n"+page+"%%EOF")), "too few names")
}

// compoundFile has a directory of streams (MS-CFB 2.6).
func compoundFile(names ...string) []byte {
	const sector = 512
	le := binary.LittleEndian
	directory := []byte{}
	for i, name := range append([]string{"Root Entry"}, names...) {
		entry := make([]byte, 128)
		for j, unit := range utf16.Encode([]rune(name)) {
			le.PutUint16(entry[2*j:], unit)
		}
		le.PutUint16(entry[64:], uint16(2*len(utf16.Encode([]rune(name)))+2))
		entry[66] = 2
		if i == 0 {
			entry[66] = 5
		}
		directory = append(directory, entry...)
	}
	for len(directory)%sector != 0 {
		directory = append(directory, 0)
	}
	table := bytes.Repeat([]byte{0xff}, sector)
	le.PutUint32(table, 0xfffffffd)
	sectors := len(directory) / sector
	for i := range sectors {
		le.PutUint32(table[4*(i+1):], uint32(i+2))
	}
	le.PutUint32(table[4*sectors:], 0xfffffffe)
	header := make([]byte, sector)
	copy(header, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	le.PutUint16(header[26:], 3)
	le.PutUint16(header[28:], 0xfffe)
	le.PutUint16(header[30:], 9)
	le.PutUint16(header[32:], 6)
	le.PutUint32(header[44:], 1)
	le.PutUint32(header[48:], 1)
	return slices.Concat(header, table, directory)
}

func TestStructureOfCompoundFiles(t *testing.T) {
	standard := []string{"WordDocument", "1Table", "Macros", "VBA", "ThisDocument", "Module1", "dir", "_VBA_PROJECT"}
	own := []string{"Alpha", "Beta", "Gamma"}
	require.Equal(t, []string{"Alpha", "Root Entry", "ünï"}, streamNames(compoundFile("ünï", "Alpha")))
	of := func(names ...string) (string, bool) {
		s, ok := structureOfOLE(compoundFile(names...))
		text, _ := s.digest()
		return text, ok
	}
	_, ok := of(standard...)
	require.False(t, ok, "every document with macros has these")
	first, ok := of(append(standard, own...)...)
	require.True(t, ok)
	second, _ := of(append(own, standard...)...)
	require.Equal(t, first, second)
	third, _ := of(append(standard, "Alpha", "Beta", "Delta")...)
	require.NotEqual(t, first, third)

	document := zipOf(member{"[Content_Types].xml", []byte("<Types/>")}, member{"word/vbaProject.bin", compoundFile(append(standard, own...)...)})
	members := unpack(document, "docx")
	require.NotNil(t, members)
	_, ok = structureOfMembers(members, "docx")
	require.True(t, ok, "macro modules count in new documents too")
	_, ok = structureOfMembers(unpack(zipOf(member{"word/document.xml", []byte("x")}), "docx"), "docx")
	require.False(t, ok)
	_, ok = structureOfMembers(nil, "docx")
	require.False(t, ok)
}

func TestStructureOfProgramArchivesIgnoresWhoSigned(t *testing.T) {
	var members []member
	for i := range minMembers {
		members = append(members, member{fmt.Sprintf("com/example/C%d.class", i), []byte{1}})
	}
	of := func(extra ...member) string {
		s, ok := structureOfMembers(unpack(zipOf(append(members, extra...)...), "jar"), "jar")
		require.True(t, ok)
		text, _ := s.digest()
		return text
	}
	require.Equal(t, of(), of(member{"META-INF/A.RSA", []byte("signature")}))
	require.NotEqual(t, of(), of(member{"com/example/More.class", []byte{1}}))
}
