// Package moduletest holds what every module of the chain must satisfy: a README that
// names what the protos define, and messages that every wallet can sign.
package moduletest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// maxReadmeLines keeps module READMEs readable in one sitting.
const maxReadmeLines = 200

var (
	message = regexp.MustCompile(`\bMsg[A-Z]\w+`)
	event   = regexp.MustCompile(`\bEvent[A-Z]\w+`)
	// firstCell of a table row names one parameter or several.
	firstCell = regexp.MustCompile(`(?m)^\| ([^|]+) \|`)
	parameter = regexp.MustCompile(`[a-z_0-9]+`)
)

// RequireReadme checks that the README of a module, in the current folder, names
// exactly the messages, events and parameters of the proto package.
func RequireReadme(t *testing.T, protoPackage string) {
	t.Helper()
	data, err := os.ReadFile("README.md")
	require.NoError(t, err)
	readme := string(data)
	require.LessOrEqual(t, strings.Count(readme, "\n"), maxReadmeLines, "lines")

	var messages []string
	for method := range methods(t, protoPackage) {
		messages = append(messages, string(method.Input().Name()))
	}
	require.ElementsMatch(t, messages, distinct(message.FindAllString(section(t, readme, "Messages"), -1)))
	require.ElementsMatch(t, events(t, protoPackage), distinct(event.FindAllString(section(t, readme, "Events"), -1)))

	var parameters []string
	for _, row := range firstCell.FindAllStringSubmatch(section(t, readme, "Params"), -1) {
		if row[1] != "parameter" {
			parameters = append(parameters, parameter.FindAllString(row[1], -1)...)
		}
	}
	fields := find[protoreflect.MessageDescriptor](t, protoPackage+".Params").Fields()
	var defined []string
	for i := range fields.Len() {
		defined = append(defined, string(fields.Get(i).Name()))
	}
	require.ElementsMatch(t, defined, parameters)
}

// section is the text below a second-level heading.
func section(t *testing.T, readme, name string) string {
	t.Helper()
	_, after, found := strings.Cut(readme, "\n## "+name+"\n")
	require.True(t, found, "no section %q", name)
	text, _, _ := strings.Cut(after, "\n## ")
	return text
}

// events are the messages of the package's events.proto.
func events(t *testing.T, protoPackage string) (names []string) {
	t.Helper()
	path := strings.ReplaceAll(protoPackage, ".", "/") + "/events.proto"
	file, err := proto.HybridResolver.FindFileByPath(path)
	require.NoError(t, err)
	for i := range file.Messages().Len() {
		names = append(names, string(file.Messages().Get(i).Name()))
	}
	return names
}

// methods walks the methods of the package's Msg service.
func methods(t *testing.T, protoPackage string) func(yield func(protoreflect.MethodDescriptor) bool) {
	t.Helper()
	list := find[protoreflect.ServiceDescriptor](t, protoPackage+".Msg").Methods()
	return func(yield func(protoreflect.MethodDescriptor) bool) {
		for i := range list.Len() {
			if !yield(list.Get(i)) {
				return
			}
		}
	}
}

func find[D protoreflect.Descriptor](t *testing.T, name string) D {
	t.Helper()
	found, err := proto.HybridResolver.FindDescriptorByName(protoreflect.FullName(name))
	require.NoError(t, err)
	return found.(D)
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
