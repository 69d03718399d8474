package samples_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"

	_ "github.com/virusmap/virusmap/x/samples/types"
)

// The README names exactly what the protos define.
func TestReadmeAgreesWithTheProtos(t *testing.T) {
	data, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme := string(data)
	require.LessOrEqual(t, strings.Count(readme, "\n"), 200, "lines")

	for _, test := range []struct {
		section, pattern string
		want             []string
	}{
		{"Messages", `(?m)^### (\w+)$`, methods(t, "Msg", "Msg")},
		{"Events", "(?m)^\\| `(\\w+)`", eventNames(t)},
		{"Params", "(?m)^\\| `(\\w+)`", fields(t, "Params")},
		{"Client", "(?m)^\\| `(\\w+)`", methods(t, "Query", "")},
		{"State", "(?m)^\\| `Sample\\.(\\w+)`", fields(t, "Sample")},
	} {
		t.Run(test.section, func(t *testing.T) {
			var named []string
			for _, match := range regexp.MustCompile(test.pattern).FindAllStringSubmatch(section(t, readme, test.section), -1) {
				named = append(named, match[1])
			}
			require.ElementsMatch(t, test.want, named)
		})
	}
}

// section is the text below a second-level heading.
func section(t *testing.T, readme, name string) string {
	t.Helper()
	_, after, found := strings.Cut(readme, "\n## "+name+"\n")
	require.True(t, found, "no section %q", name)
	text, _, _ := strings.Cut(after, "\n## ")
	return text
}

func descriptor[D protoreflect.Descriptor](t *testing.T, name string) D {
	t.Helper()
	found, err := proto.HybridResolver.FindDescriptorByName(protoreflect.FullName("virusmap.samples.v1." + name))
	require.NoError(t, err)
	return found.(D)
}

func methods(t *testing.T, service, prefix string) (names []string) {
	list := descriptor[protoreflect.ServiceDescriptor](t, service).Methods()
	for i := range list.Len() {
		names = append(names, prefix+string(list.Get(i).Name()))
	}
	return names
}

func fields(t *testing.T, message string) (names []string) {
	list := descriptor[protoreflect.MessageDescriptor](t, message).Fields()
	for i := range list.Len() {
		names = append(names, string(list.Get(i).Name()))
	}
	return names
}

func eventNames(t *testing.T) (names []string) {
	list := descriptor[protoreflect.MessageDescriptor](t, "EventSubmitted").ParentFile().Messages()
	for i := range list.Len() {
		names = append(names, string(list.Get(i).Name()))
	}
	return names
}
