package similarity

import (
	"bytes"
	"strconv"
	"strings"
)

const (
	// minPDFNames of a document, how many of them different, and how many are read.
	minPDFNames = 40
	minPDFKinds = 5
	maxPDFNames = 1 << 17
)

// pdfNames are the kinds, actions and features that a name in a PDF can stand for. Names
// that a document gives to its own things are left out: they say nothing or are random.
var pdfNames = setOf(`AA AcroForm Action Annot Annots Author BaseFont BitsPerComponent CIDFont Catalog CharProcs ColorSpace Contents
	Count CropBox DCTDecode DecodeParms Dest Dests Differences EmbeddedFile EmbeddedFiles Encoding Encrypt ExtGState F FileAttachment
	Filespec Filter FirstChar FlateDecode Font FontDescriptor FontFile FontFile2 FontFile3 Form FormType GoTo GoToE GoToR Group
	Height ID Image Info JBIG2Decode JS JavaScript Kids LastChar Launch Length Link LZWDecode MediaBox Metadata Names Next ObjStm
	OpenAction Outlines Page PageLabels Pages Parent Pattern Prev Producer Rect Resources RichMedia Root Rotate S Shading Sig
	Size StructParents StructTreeRoot SubmitForm Subtype Title ToUnicode TrueType Type Type0 Type1 URI W Width Widget Widths Win
	XFA XML XObject XRef`)

// structureOfPDF is the sequence of known names outside of streams, as pdfid reads them:
// anywhere, as malicious documents are malformed on purpose.
func structureOfPDF(content []byte) (structure, bool) {
	s := structure{kind: "pdf"}
	content = content[:formatEnd(content, "pdf")]
	for range maxPDFNames {
		start := bytes.IndexByte(content, '/')
		if start < 0 {
			break
		}
		if stream := bytes.Index(content[:start], []byte("stream")); stream >= 0 && !bytes.HasSuffix(content[:stream], []byte("end")) {
			end := bytes.Index(content[stream:], []byte("endstream"))
			if end < 0 {
				break // the rest is one stream
			}
			content = content[stream+end+len("endstream"):]
			continue
		}
		content = content[start+1:]
		size := bytes.IndexAny(content[:min(len(content), 128)], " \t\r\n\f\x00/<>[](){}%")
		if size < 0 {
			continue
		}
		if name := pdfName(content[:size]); pdfNames[name] {
			s.parts = append(s.parts, name)
		}
	}
	return s, len(s.parts) >= minPDFNames && len(sorted(s.parts)) >= minPDFKinds
}

// pdfName undoes the escapes of a name (PDF 32000-1, 7.3.5).
func pdfName(raw []byte) string {
	if bytes.IndexByte(raw, '#') < 0 {
		return string(raw)
	}
	var name strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if code, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				name.WriteByte(byte(code))
				i += 2
				continue
			}
		}
		name.WriteByte(raw[i])
	}
	return name.String()
}

func setOf(words string) map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}
