package fetch

import (
	"crypto/sha1" //nolint:gosec // that is what a thumbprint is
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Certificate is what a server presented, in the form of VirusTotal's last_https_certificate.
// Nobody has checked it: visitors click warnings away.
type Certificate struct {
	Version          string      `json:"version"` // V1 to V3
	SerialNumber     string      `json:"serial_number"`
	Thumbprint       string      `json:"thumbprint"` // SHA-1 in hex
	ThumbprintSHA256 string      `json:"thumbprint_sha256"`
	Size             int         `json:"size"` // bytes
	Issuer           Name        `json:"issuer"`
	Subject          Name        `json:"subject"`
	Validity         Validity    `json:"validity"`
	Extensions       *Extensions `json:"extensions,omitempty"`
}

// Name is the parts of a distinguished name that it has.
type Name struct {
	Country      string `json:"C,omitempty"`
	State        string `json:"ST,omitempty"`
	Locality     string `json:"L,omitempty"`
	Organisation string `json:"O,omitempty"`
	Unit         string `json:"OU,omitempty"`
	CommonName   string `json:"CN,omitempty"`
}

// Validity is in UTC, as YYYY-MM-DD HH:MM:SS.
type Validity struct {
	NotBefore string `json:"not_before"`
	NotAfter  string `json:"not_after"`
}

// Extensions that are told, the first ones.
type Extensions struct {
	AlternativeNames []string `json:"subject_alternative_name"`
}

const (
	keptNames = 64
	keptName  = 253 // bytes
)

func certificateOf(c *x509.Certificate) *Certificate {
	legacy, thumb := sha1.Sum(c.Raw), sha256.Sum256(c.Raw) //nolint:gosec // as above
	told := &Certificate{
		Version: fmt.Sprintf("V%d", c.Version), Size: len(c.Raw),
		Thumbprint: hex.EncodeToString(legacy[:]), ThumbprintSHA256: hex.EncodeToString(thumb[:]),
		Issuer: nameOf(c.Issuer), Subject: nameOf(c.Subject),
		Validity: Validity{c.NotBefore.UTC().Format(time.DateTime), c.NotAfter.UTC().Format(time.DateTime)},
	}
	if c.SerialNumber != nil {
		told.SerialNumber = cut(c.SerialNumber.Text(16), keptName)
	}
	names := c.DNSNames
	for _, address := range c.IPAddresses {
		names = append(names, address.String())
	}
	if len(names) > 0 {
		told.Extensions = &Extensions{}
		for _, name := range names[:min(len(names), keptNames)] {
			told.Extensions.AlternativeNames = append(told.Extensions.AlternativeNames, text(name))
		}
	}
	return told
}

func nameOf(n pkix.Name) Name {
	return Name{
		Country: first(n.Country), State: first(n.Province), Locality: first(n.Locality), Organisation: first(n.Organization),
		Unit: first(n.OrganizationalUnit), CommonName: text(n.CommonName),
	}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return text(values[0])
}

// text is bounded, and what databases can hold.
func text(value string) string { return strings.ReplaceAll(cut(value, keptName), "\x00", "") }
