package supernode_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	gogoproto "github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The README names every message, event, parameter and profile field, and no others.
func TestReadmeNamesWhatTheProtoHas(t *testing.T) {
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme := string(text)
	require.LessOrEqual(t, strings.Count(readme, "\n"), 200)

	require.Equal(t, inputs(t, "virusmap.supernode.v1.Msg"), rows(readme, "## Messages", "Msg[A-Z]"))
	require.Equal(t, events(t), rows(readme, "## Events", "Event[A-Z]"))
	require.Equal(t, fields(t, "virusmap.supernode.v1.Params"), rows(readme, "## Params", "[a-z]"))
	require.Equal(t, fields(t, "virusmap.supernode.v1.Profile"), rows(readme, "A profile:", "[a-z]"))
}

// rows returns, sorted, the names that begin the table rows below a heading.
func rows(readme, heading, pattern string) []string {
	_, section, _ := strings.Cut(readme, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| `("+pattern+"\\w*)`").FindAllStringSubmatch(section, -1) {
		names = append(names, row[1])
	}
	slices.Sort(names)
	return names
}

func inputs(t *testing.T, service protoreflect.FullName) []string {
	t.Helper()
	methods := find[protoreflect.ServiceDescriptor](t, service).Methods()
	var names []string
	for i := range methods.Len() {
		names = append(names, string(methods.Get(i).Input().Name()))
	}
	slices.Sort(names)
	return names
}

func events(t *testing.T) []string {
	t.Helper()
	messages := find[protoreflect.MessageDescriptor](t, "virusmap.supernode.v1.EventSeated").ParentFile().Messages()
	var names []string
	for i := range messages.Len() {
		names = append(names, string(messages.Get(i).Name()))
	}
	slices.Sort(names)
	return names
}

func fields(t *testing.T, message protoreflect.FullName) []string {
	t.Helper()
	all := find[protoreflect.MessageDescriptor](t, message).Fields()
	var names []string
	for i := range all.Len() {
		names = append(names, string(all.Get(i).Name()))
	}
	slices.Sort(names)
	return names
}

func find[D protoreflect.Descriptor](t *testing.T, name protoreflect.FullName) D {
	t.Helper()
	found, err := gogoproto.HybridResolver.FindDescriptorByName(name)
	require.NoError(t, err)
	return found.(D)
}
