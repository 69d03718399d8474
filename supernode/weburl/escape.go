package weburl

import "strings"

// Where a character stands decides which ones stand for themselves (RFC 3986, 3.2.1, 3.3
// and 3.4).
const (
	inUser  = subDelims + ":"
	inPath  = subDelims + ":@/"
	inQuery = subDelims + ":@/?"

	subDelims = "!$&'()*+,;="
)

const upperHex = "0123456789ABCDEF"

// normalise brings percent-encoding into the form of RFC 3986, 6.2.2. Characters of
// allowed stand for themselves, and an escape of one keeps being an escape.
func normalise(text, allowed string) string {
	var out strings.Builder
	out.Grow(len(text))
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '%' {
			value, ok := escaped(text[i+1:])
			switch {
			case !ok:
				out.WriteString("%25")
				continue
			case isUnreserved(value):
				out.WriteByte(value)
			default:
				writeEscape(&out, value)
			}
			i += 2
			continue
		}
		if isUnreserved(c) || strings.IndexByte(allowed, c) >= 0 {
			out.WriteByte(c)
		} else {
			writeEscape(&out, c)
		}
	}
	return out.String()
}

func writeEscape(out *strings.Builder, c byte) {
	out.WriteByte('%')
	out.WriteByte(upperHex[c>>4])
	out.WriteByte(upperHex[c&15])
}

// escaped reads the two digits of an escape.
func escaped(digits string) (value byte, ok bool) {
	if len(digits) < 2 {
		return 0, false
	}
	for _, digit := range []byte(digits[:2]) {
		number := strings.IndexByte(upperHex, upper(digit))
		if number < 0 {
			return 0, false
		}
		value = value<<4 | byte(number)
	}
	return value, true
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// removeDotSegments resolves "." and ".." in a path that begins with a slash (RFC 3986,
// 5.2.4).
func removeDotSegments(path string) string {
	segments := strings.Split(path[1:], "/")
	kept := segments[:0]
	for i, segment := range segments {
		last := i == len(segments)-1
		switch segment {
		case ".":
		case "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, segment)
			continue
		}
		if last {
			kept = append(kept, "") // a folder stays one
		}
	}
	return "/" + strings.Join(kept, "/")
}
