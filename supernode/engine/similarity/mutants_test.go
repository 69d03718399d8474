package similarity

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	verdictstypes "github.com/virusmap/virusmap/x/verdicts/types"
)

var mutants = flag.Int("mutants", 40, "mutants per mutator and file")

// cluster joins samples as the chain does: by any key of a member, and members register
// theirs while there is room.
type cluster struct {
	keys  map[string]bool
	joins [verdictstypes.SimilaritySlots]int // mutants that a slot alone would join
}

const maxClusterKeys = 1024

func newCluster(first verdictstypes.SimilarityKeys) *cluster {
	c := &cluster{keys: map[string]bool{}}
	c.register(first)
	return c
}

func (c *cluster) join(keys verdictstypes.SimilarityKeys) bool {
	joined := false
	for slot, key := range keys {
		if c.keys[string(append(key[:], byte(slot)))] {
			joined = true
			c.joins[slot]++
		}
	}
	if joined {
		c.register(keys)
	}
	return joined
}

func (c *cluster) register(keys verdictstypes.SimilarityKeys) {
	for slot, k := range keys {
		if k != (key{}) && len(c.keys) < maxClusterKeys {
			c.keys[string(append(k[:], byte(slot)))] = true
		}
	}
}

// mutator makes one mutant of a file.
type mutator func(random *rand.Rand, content []byte) []byte

func appendUpTo(size int) mutator {
	return func(random *rand.Rand, content []byte) []byte {
		return append(bytes.Clone(content), noise(random, 1+random.IntN(size))...)
	}
}

func appendZeros(random *rand.Rand, content []byte) []byte {
	return append(bytes.Clone(content), make([]byte, random.IntN(4*len(content)+1<<16))...)
}

func flipSome(count func(*rand.Rand, int) int) mutator {
	return func(random *rand.Rand, content []byte) []byte {
		content = bytes.Clone(content)
		for range count(random, len(content)) {
			content[random.IntN(len(content))] ^= byte(1 + random.IntN(255))
		}
		return content
	}
}

var (
	flipFew     = flipSome(func(random *rand.Rand, _ int) int { return 1 + random.IntN(8) })
	flipPercent = flipSome(func(_ *rand.Rand, size int) int { return 1 + size/100 })
)

func insertPercent(random *rand.Rand, content []byte) []byte {
	at := random.IntN(len(content))
	return bytes.Join([][]byte{content[:at], noise(random, 1+len(content)/100), content[at:]}, nil)
}

// changeStrings writes other letters over every text of a program.
func changeStrings(random *rand.Rand, content []byte) []byte {
	content = bytes.Clone(content)
	for _, at := range regexp.MustCompile(`message [a-z ]{24}`).FindAllIndex(content, -1) {
		for i := at[0] + len("message "); i < at[1]; i++ {
			content[i] = byte('a' + random.IntN(26))
		}
	}
	return content
}

func packZip(random *rand.Rand, content []byte) []byte {
	return zipBy(uint16(8*random.IntN(2)), member{randomName(random), content})
}

func packGzip(random *rand.Rand, content []byte) []byte { return gzipOf(content, 1+random.IntN(9)) }

func flipAndZip(random *rand.Rand, content []byte) []byte {
	return packZip(random, flipFew(random, content))
}

func appendAndTar(random *rand.Rand, content []byte) []byte {
	return gzipOf(tarOf(member{randomName(random), appendUpTo(256)(random, content)}), 1+random.IntN(9))
}

func zipWithJunk(random *rand.Rand, content []byte) []byte {
	return zipOf(member{"readme", noise(random, 1+random.IntN(256))}, member{randomName(random), content})
}

func renameSections(random *rand.Rand, content []byte) []byte {
	for _, name := range []string{".text", ".rdata"} {
		content = bytes.ReplaceAll(content, []byte(name), []byte("." + randomName(random) + "______")[:len(name)])
	}
	return content
}

var nameOrString = regexp.MustCompile(`\bv_[a-z]+`)

// renameNames gives everything in a script a name of another length, the same everywhere.
func renameNames(random *rand.Rand, content []byte) []byte {
	names := map[string]string{}
	return nameOrString.ReplaceAllFunc(content, func(old []byte) []byte {
		if _, known := names[string(old)]; !known {
			names[string(old)] = randomName(random)
		}
		return []byte(names[string(old)])
	})
}

func changeComments(random *rand.Rand, content []byte) []byte {
	lines := bytes.SplitAfter(content, []byte("\n"))
	for i := range lines {
		if random.IntN(4) == 0 {
			lines[i] = append(fmt.Appendf(nil, "# %s %s\n\n", randomName(random), randomName(random)), lines[i]...)
		}
	}
	return bytes.Join(lines, nil)
}

func renameAndChange(random *rand.Rand, content []byte) []byte {
	return changeComments(random, renameNames(random, content))
}

func insertFunction(random *rand.Rand, content []byte) []byte {
	return append(bytes.Clone(content), script(random, 150, randomName)...)
}

func renameAndInsert(random *rand.Rand, content []byte) []byte {
	return insertFunction(random, renameNames(random, content))
}

func builtPE() []byte {
	imports := map[string][]string{"KERNEL32.dll": manyImports(20), "USER32.dll": manyImports(10)}
	return peOf(imports, []string{"KERNEL32.dll", "USER32.dll"}, section{".text", machineCode(randomOf(1), 30_000)}, section{".rdata", texts(randomOf(2))})
}

func builtELF() []byte {
	return elfOf(manyImports(25), []string{"libc.so.6"}, section{".text", machineCode(randomOf(3), 30_000)}, section{".rdata", texts(randomOf(4))})
}

func texts(random *rand.Rand) (all []byte) {
	for range 60 {
		all = append(all, "message "...)
		for range 24 {
			all = append(all, byte('a'+random.IntN(26)))
		}
		all = append(all, 0)
	}
	return all
}

func fewImports() []byte {
	return elfOf(manyImports(3), []string{"libc.so.6"}, section{".text", machineCode(randomOf(5), 20_000)})
}

func builtFiles() map[string][]byte {
	return map[string][]byte{
		"PE": builtPE(), "ELF": builtELF(), "static ELF": fewImports(), "script": pythonScript(9000), "short script": pythonScript(2200),
	}
}

// TestMutantsJoin holds the share of mutants that join the cluster of their file.
func TestMutantsJoin(t *testing.T) {
	files := builtFiles()
	programs, scripts, all := []string{"PE", "ELF", "static ELF"}, []string{"script", "short script"}, []string{"PE", "ELF", "static ELF", "script"}
	for _, test := range []struct {
		name   string
		mutate mutator
		files  []string
		// atLeast in a thousand; README.md has the shares of more mutants.
		atLeast int
	}{
		{"append 1..256", appendUpTo(256), all, 999},
		{"append 1..4096", appendUpTo(4096), all, 999},
		{"append to little", appendUpTo(4096), []string{"short script"}, 975},
		{"append zeros", appendZeros, append(scripts, programs...), 999},
		{"flip 1..8", flipFew, all, 999},
		{"flip in little", flipFew, []string{"short script"}, 750},
		{"flip 1 %", flipPercent, programs, 900},
		{"insert 1 %", insertPercent, programs, 999},
		{"change strings", changeStrings, programs, 999},
		{"rename sections", renameSections, programs, 999},
		{"zip", packZip, append(scripts, programs...), 999},
		{"gzip", packGzip, append(scripts, programs...), 999},
		{"flip and zip", flipAndZip, all, 999},
		{"append and tar.gz", appendAndTar, all, 999},
		{"zip with junk file", zipWithJunk, all, 999},
		{"rename names", renameNames, scripts, 999},
		{"comments and blanks", changeComments, scripts, 999},
		{"rename and comments", renameAndChange, scripts, 999},
		{"insert function", insertFunction, []string{"script"}, 999},
	} {
		for i, file := range test.files {
			t.Run(test.name+"/"+file, func(t *testing.T) {
				joined, c := catch(t, test.mutate, files[file], uint64(i))
				t.Logf("%d of %d, by slot %v", joined, *mutants, c.joins)
				require.GreaterOrEqual(t, 1000*joined, test.atLeast**mutants)
			})
		}
	}
}

// TestWhatEscapes holds what README.md says does not join: whoever mends it tells it there.
func TestWhatEscapes(t *testing.T) {
	for name, test := range map[string]struct {
		mutate mutator
		file   string
	}{
		"insert function":   {insertFunction, "short script"},
		"rename and insert": {renameAndInsert, "script"},
		"encrypt":           {encrypt, "ELF"},
	} {
		t.Run(name, func(t *testing.T) {
			joined, c := catch(t, test.mutate, builtFiles()[test.file], 0)
			t.Logf("%d of %d, by slot %v", joined, *mutants, c.joins)
			require.Less(t, joined, *mutants/2)
		})
	}
}

// encrypt is what a packer with a new key for each copy leaves.
func encrypt(random *rand.Rand, content []byte) []byte {
	content = bytes.Clone(content)
	for i, pad := range noise(random, len(content)) {
		content[i] ^= pad
	}
	return elfOf(manyImports(3), []string{"libc.so.6"}, section{".text", content})
}

func catch(t *testing.T, mutate mutator, content []byte, seed uint64) (joined int, c *cluster) {
	t.Helper()
	first, err := Of(content)
	require.NoError(t, err)
	c = newCluster(first.Keys)
	random := randomOf(seed)
	for range *mutants {
		mutant, err := Of(mutate(random, content))
		require.NoError(t, err)
		if c.join(mutant.Keys) {
			joined++
		}
	}
	return joined, c
}
