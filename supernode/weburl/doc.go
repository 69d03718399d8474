// Package weburl says what a URL is to VirusMap: one canonical text per resource, its
// identity, and the parts that reports and rules speak of. It reads nothing but text and
// never asks the network.
//
// # Canonical form
//
// A sample of kind URL has the canonical text as its content, so everybody has to come to
// the same one. Parse applies these rules in this order:
//
//  1. At most MaxBytes bytes of UTF-8. White space around the text is dropped; control
//     characters and white space inside are refused.
//  2. Defanged text is read as it was meant: hxxp, hxxps and fxp as schemes; [:], [.], (.),
//     {.}, [dot] and (dot) in the scheme and the authority.
//  3. A missing scheme is http. Only http, https and ftp are taken.
//  4. As in browsers (WHATWG URL), a backslash before the query is a slash, and any number
//     of slashes may stand before the authority.
//  5. The fragment is dropped.
//  6. Scheme and host are lower case. A host is percent-decoded and mapped by UTS #46
//     (non-transitional) to its ASCII form with punycode; one trailing dot is dropped.
//  7. A host whose last label is a number is an IPv4 address: up to four decimal, octal (0…)
//     or hexadecimal (0x…) parts as in WHATWG URL, written as four decimal numbers. IPv6
//     addresses are written as RFC 5952 asks; zones are refused.
//  8. The default port of the scheme is dropped, and so is an empty one.
//  9. Userinfo is kept, as it is part of many tricks; an empty one is dropped. What stands
//     before the last @ of the authority is userinfo.
//  10. Percent-encoding is normalised by RFC 3986, 6.2.2: upper-case digits, unreserved
//     characters decoded, everything that RFC 3986 does not allow encoded, and a percent
//     sign that begins no escape is %25.
//  11. Dot segments are resolved (RFC 3986, 5.2.4), and an empty path is "/".
//
// An empty query ("?") is not the same as none, and nothing in a query is sorted or dropped.
package weburl
