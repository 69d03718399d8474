package similarity

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/bzip2"
	"compress/gzip"
	"crypto/sha256"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/virusmap/virusmap/supernode/engine/filetype"
)

// Bounds of the work on one content, over all its layers. What is beyond the first two is
// a bomb, or too much to compare, and has no unpacked content.
const (
	maxUnpackedBytes = 64 << 20
	maxEntries       = 10_000
	maxDepth         = 3
)

// leaf is a member of an archive that is none itself, or lies too deep to be opened.
type leaf struct {
	name    string
	sha256  [32]byte
	content []byte
}

// unpacked is what an archive holds, through its layers.
type unpacked struct {
	leaves []leaf
	// bytes and entries are counted in all layers.
	bytes, entries int
}

// unpack opens an archive. It is nil for what is none, holds nothing, cannot be read or
// exceeds the bounds.
func unpack(content []byte, tag string) *unpacked {
	var u unpacked
	if !isArchive(tag) || !u.open(content, tag, 1) || len(u.leaves) == 0 {
		return nil
	}
	return &u
}

func isArchive(tag string) bool { return isZip(tag) || tag == "gzip" || tag == "bzip" || tag == "tar" }

func isZip(tag string) bool { return tag == "zip" || isProgramArchive(tag) || isOffice(tag) }

func isProgramArchive(tag string) bool { return tag == "jar" || tag == "apk" }

func isOffice(tag string) bool {
	return slices.Contains([]string{"docx", "xlsx", "pptx", "odt", "ods", "odp", "epub"}, tag)
}

// open adds the leaves of one layer; false means to give up.
func (u *unpacked) open(content []byte, tag string, depth int) bool {
	switch tag {
	case "gzip":
		return u.openGzip(content, depth)
	case "bzip":
		return u.addWhatComes("", bzip2.NewReader(bytes.NewReader(content)), depth)
	case "tar":
		return u.openTar(content, depth)
	default:
		return u.openZip(content, depth)
	}
}

// openZip wants every entry whole: what is encrypted or broken has no content to compare.
func (u *unpacked) openZip(content []byte, depth int) bool {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(archive.File) > maxEntries-u.entries {
		return false
	}
	for _, entry := range archive.File {
		reader, err := entry.Open()
		if err != nil {
			return false
		}
		data, err := u.read(reader)
		if err != nil || !u.add(entry.Name, data, depth) {
			return false
		}
	}
	return true
}

// openTar takes what comes before a broken end.
func (u *unpacked) openTar(content []byte, depth int) bool {
	archive := tar.NewReader(bytes.NewReader(content))
	for {
		header, err := archive.Next()
		if err != nil {
			return true
		}
		if header.Typeflag == tar.TypeReg && !u.addWhatComes(header.Name, archive, depth) {
			return false
		}
	}
}

// openGzip joins the parts of a stream and stops where bytes follow that are none.
func (u *unpacked) openGzip(content []byte, depth int) bool {
	source := bytes.NewReader(content)
	var data []byte
	for reader, err := gzip.NewReader(source); err == nil; err = reader.Reset(source) {
		reader.Multistream(false)
		part, err := u.read(reader)
		if err == errTooMuch {
			return false
		}
		data = append(data, part...)
	}
	return u.add("", data, depth)
}

// addWhatComes adds what a stream gives before it ends or breaks.
func (u *unpacked) addWhatComes(name string, r io.Reader, depth int) bool {
	data, err := u.read(r)
	return err != errTooMuch && u.add(name, data, depth)
}

var errTooMuch = io.ErrShortBuffer

// read takes all of a stream, as far as the bounds go.
func (u *unpacked) read(r io.Reader) ([]byte, error) {
	if u.entries++; u.entries > maxEntries {
		return nil, errTooMuch
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(maxUnpackedBytes-u.bytes)+1))
	if u.bytes += len(data); u.bytes > maxUnpackedBytes {
		return nil, errTooMuch
	}
	return data, err
}

// add keeps a member, or opens it in turn.
func (u *unpacked) add(name string, data []byte, depth int) bool {
	if len(data) == 0 {
		return true
	}
	if tag := filetype.Of(data); isArchive(tag) && depth < maxDepth {
		return u.open(data, tag, depth+1)
	}
	u.leaves = append(u.leaves, leaf{name, sha256.Sum256(data), data})
	return true
}

// digest covers the set of the leaves' contents: their names, order, number of copies and
// compression do not matter.
func (u *unpacked) digest() (string, key) {
	hashes := make([]string, len(u.leaves))
	for i, leaf := range u.leaves {
		hashes[i] = string(leaf.sha256[:])
	}
	slices.Sort(hashes)
	return show(digestOf(domainUnpacked, slices.Compact(hashes)...))
}

// officeParts are where documents hold what their authors made; themes and styles are the
// same in all documents of one program.
var officeParts = regexp.MustCompile(`(?i)(vbaproject\.bin$|word/document\.xml$|^content\.xml$|/worksheets/[^/]*\.xml$|/slides/[^/]*\.xml$|/embeddings/|\.x?html?$)`)

// body is what the digests of an archive are of: its leaves, the largest first.
func (u *unpacked) body(tag string) []byte {
	leaves := slices.Clone(u.leaves)
	if isOffice(tag) {
		leaves = slices.DeleteFunc(leaves, func(l leaf) bool { return !officeParts.MatchString(l.name) })
	}
	slices.SortFunc(leaves, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(len(b.content), len(a.content)), bytes.Compare(a.sha256[:], b.sha256[:]))
	})
	if len(leaves) == 1 {
		return leaves[0].content
	}
	var body []byte
	for _, leaf := range leaves {
		body = append(body, leaf.content[:min(len(leaf.content), maxDigestBytes-len(body))]...)
	}
	return body
}

// names are those of the leaves in ascending order, with a slash between folders.
func (u *unpacked) names() []string {
	names := make([]string, len(u.leaves))
	for i, leaf := range u.leaves {
		names[i] = strings.ReplaceAll(leaf.name, `\`, "/")
	}
	slices.Sort(names)
	return names
}
