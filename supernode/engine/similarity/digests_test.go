package similarity

import (
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// The keys of built files. Whoever changes a feature on purpose raises the version in its
// domain and writes the new keys here.
func TestVectors(t *testing.T) {
	for name, want := range map[string][]string{
		"PE": {
			"", "c3aa8e671bf24220", "bf60fc5083d29e4e", "89612addb0eab03e", "c7f54fc4cae38327",
			"cae281040fc47032", "4235e6fc7887fd12", "156ae2d1884549c3", "0940dbf8f2210452", "0f1c452fdf8adffb",
		},
		"ELF": {
			"", "fc755c8e3a8e8072", "a1847e22281036ac", "6a064c371357d939", "cefddd7023e52298",
			"22136fb4341dab73", "00548697e581e712", "00703e1d3fcf25ab", "08457939fdfb0034", "30f7d2a5b27b104f",
		},
		"script": {
			"", "0dd6a2c3aa5b9648", "3078aac0a7b126d9", "d0832714f2bab034", "0a6b8be3b2e24f2c",
			"62a5794b71481974", "ec16afff2d085804", "0d5f742b1365155d", "06e8ae05486b240e", "007745651eb27399",
		},
		"zip of ELF and script": {
			"7fa44cb47e01f888", "", "4016e7312b142705", "332b31c1e4852d25", "aa08448e60827d5e",
			"495ba5eeb62f5c80", "00548697e581e712", "00703e1d3fcf25ab", "08457939fdfb0034", "30f7d2a5b27b104f",
		},
		"PDF": {
			"", "acc1678a5a1ec709", "e5ce40bedc8aec60", "203a879775a70fff", "add15b9fadad55a9",
			"92c60fa5548c34c2", "", "", "", "",
		},
	} {
		features, err := Of(vector(name))
		require.NoError(t, err)
		var have []string
		for _, key := range features.Keys {
			text := hex.EncodeToString(key[:])
			if text == "0000000000000000" {
				text = ""
			}
			have = append(have, text)
		}
		require.Equal(t, want, have, name)
	}
}

func vector(name string) []byte {
	switch name {
	case "zip of ELF and script":
		return zipOf(member{"a", builtELF()}, member{"b", pythonScript(3000)})
	case "PDF":
		return []byte("%PDF-1.7\n" + strings.Repeat("<</Type/Page/Rotate 0/Font<</F1 2 0 R>>/Contents 3 0 R>>\n", 20) + "<</S/JavaScript/JS(x)>>\n%%EOF")
	}
	return builtFiles()[name]
}

func digestCorpus() map[string][]byte {
	files := builtFiles()
	for size := range 5 {
		files["noise"+string(rune('0'+size))] = noise(randomOf(uint64(size)), 4097<<size)
	}
	return files
}

// Debian's tools are the reference. They are not everywhere: scripts/setup.sh installs them.
func TestDigestsAreThoseOfTheTools(t *testing.T) {
	dir := t.TempDir()
	for name, content := range digestCorpus() {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	t.Run("ssdeep", func(t *testing.T) {
		if _, err := exec.LookPath("ssdeep"); err != nil {
			t.Skip("ssdeep is not installed")
		}
		for name, content := range digestCorpus() {
			if len(content) <= 4096 {
				continue
			}
			out, err := exec.Command("ssdeep", "-s", filepath.Join(dir, name)).Output()
			require.NoError(t, err)
			lines := strings.Split(strings.TrimSpace(string(out)), "\n")
			want, _, _ := strings.Cut(lines[len(lines)-1], ",")
			have, _ := ssdeepOf(content)
			require.Equal(t, want, have, name)
		}
	})
	t.Run("tlsh", func(t *testing.T) {
		if _, err := exec.LookPath("tlsh_unittest"); err != nil {
			t.Skip("tlsh-tools is not installed")
		}
		for name, content := range digestCorpus() {
			out, err := exec.Command("tlsh_unittest", "-f", filepath.Join(dir, name)).Output()
			require.NoError(t, err)
			want := strings.Fields(string(out))[0]
			have, _ := tlshOf(content)
			require.Equal(t, want, strings.TrimPrefix(have, "T1"), name)
		}
	})
}

// The libraries share no state between callers: workers are many, and so are simulations.
func TestConcurrentCallsAgree(t *testing.T) {
	files := builtFiles()
	want := map[string]Features{}
	for name, content := range files {
		want[name], _ = Of(content)
	}
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for name, content := range files {
				have, err := Of(content)
				if err != nil || have != want[name] {
					t.Errorf("%s: %+v, %v", name, have, err)
				}
			}
		})
	}
	running.Wait()
}

func TestSizeClass(t *testing.T) {
	for size, want := range map[int][2]int{256: {8, 8}, 362: {8, 8}, 363: {8, 9}, 511: {8, 9}, 512: {9, 9}, 1 << 23: {23, 23}, maxDigestBytes - 1: {22, 23}} {
		require.Equal(t, want, [2]int{sizeClass(size, false), sizeClass(size, true)}, size)
	}
}
