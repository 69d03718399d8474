package gateway

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/virusmap/virusmap/supernode/feeds"
)

// Config is the [gateway] section of a supernode's configuration.
type Config struct {
	ChainID               string       `toml:"-"` // of the chain that reports are read from
	Operator              string       `toml:"-"` // for whom sightings are reported; may be empty
	Listen                string       `toml:"listen" comment:"address of the HTTP API; put a TLS proxy in front of a public one"`
	PublicURL             string       `toml:"public_url" comment:"base of links in answers, such as https://virusmap.example.org; empty means the Host of each request"`
	APIKeys               []string     `toml:"api_keys" comment:"values accepted in the X-Apikey header, 16 characters or more each; their role is analyst"`
	Keys                  []Key        `toml:"keys,omitempty" comment:"keys with another role: reader looks up, uploader also submits, analyst also comments, votes, searches and has the private lane, admin also sees the audit log, the queues and the keys of others"`
	MaxFileBytes          int64        `toml:"max_file_bytes" comment:"largest upload; the chain's own limit holds too"`
	MaxUploads            int          `toml:"max_uploads" comment:"uploads that run at one time"`
	MaxDownloads          int          `toml:"max_downloads" comment:"encrypted files that are sent at one time"`
	MaxConnections        int          `toml:"max_connections" comment:"open connections"`
	MinUploadRate         int64        `toml:"min_upload_bytes_per_second" comment:"slower clients are cut off, those that download too"`
	UploadGrace           int          `toml:"upload_grace_seconds" comment:"time a client may lose before that rate counts"`
	RequestsPerMinute     int          `toml:"requests_per_minute" comment:"per API key, 0 for no limit; polling an analysis and feeds are not counted"`
	FreeRequestsPerMinute int          `toml:"free_requests_per_minute" comment:"per account that authorised a key and has no plan, 0 for no limit"`
	FreeRequestsPerDay    int          `toml:"free_requests_per_day" comment:"per such account, until 00:00 UTC, 0 for no limit"`
	FreeRequestsPerMonth  int          `toml:"free_requests_per_month" comment:"per such account, until the first at 00:00 UTC, 0 for no limit"`
	WalletKeys            bool         `toml:"wallet_keys" comment:"take API keys that wallets authorise; what an account may do follows from the plans and passes it has bought on chain"`
	CachedReports         int          `toml:"cached_reports" comment:"finished reports kept in memory"`
	ReportMaxAge          int          `toml:"report_max_age_seconds" comment:"how long an answer may lag behind the chain"`
	Claims                bool         `toml:"claims" comment:"claim each file before its submission shows it, so that nobody can copy the submission and take the credit; costs one block"`
	Sightings             bool         `toml:"sightings" comment:"tell the chain which known files others brought here too; contributors are paid in full for what several supernodes have seen"`
	RescansPerDay         int          `toml:"rescans_per_day" comment:"rescans that clients with a key may ask for and this gateway pays, all together, until 00:00 UTC; 0 for none"`
	MaxBundleBytes        int64        `toml:"max_bundle_bytes" comment:"largest ZIP bundle of samples, by their content; it is made on disk"`
	AuditDays             int          `toml:"audit_days" comment:"how long the audit log is kept"`
	Private               Private      `toml:"private" comment:"Files that stay here: encrypted, scanned by this supernode's own engines alone, seen by who sent them."`
	Channels              Channels     `toml:"channels" comment:"Head starts of submissions by the way they came in, in seconds: one is handled as if it had come that much earlier."`
	Feeds                 feeds.Config `toml:"feeds" comment:"Packages of what was judged, minute by minute."`

	// What is not for holders of keys alone.
	GRPCListen                 string   `toml:"grpc_listen" comment:"address of the native API over gRPC; empty is off"`
	Web                        bool     `toml:"web" comment:"serve the web application, and anybody without an API key: its look-ups, uploads and questions to the chain"`
	AnonymousRequestsPerMinute int      `toml:"anonymous_requests_per_minute" comment:"look-ups per address without an API key (of IPv6 per network of 64 bits), 0 for no limit; polling an analysis is not counted"`
	AnonymousUploadsPerMinute  int      `toml:"anonymous_uploads_per_minute" comment:"uploads per address without an API key, 0 for no limit"`
	ChainRequestsPerMinute     int      `toml:"chain_requests_per_minute" comment:"per address below /chain, where every call of a batch counts, and a search of transactions or blocks as 20, 0 for no limit"`
	TrustedProxies             []string `toml:"trusted_proxies" comment:"networks such as 10.0.0.0/8 of proxies whose X-Forwarded-For is believed"`
	ChainRPC                   string   `toml:"-"` // URL that /chain/rpc passes on to; empty is off
	ChainREST                  string   `toml:"-"` // URL that /chain/rest passes on to; empty is off
	GasPrice                   string   `toml:"-"` // that transactions should pay, such as 0.025uvmt
	FetchEngine                bool     `toml:"-"` // an engine fetches URLs
}

// DefaultConfig is what a new supernode starts with; it has no API key yet.
func DefaultConfig() Config {
	return Config{
		Listen:         "127.0.0.1:8080",
		APIKeys:        []string{},
		MaxFileBytes:   650 << 20,
		MaxUploads:     16,
		MaxDownloads:   16,
		MaxConnections: 1024,
		MinUploadRate:  16 << 10,
		UploadGrace:    30,
		CachedReports:  4096,
		ReportMaxAge:   2,
		Claims:         true,
		Sightings:      true,
		MaxBundleBytes: 1 << 30,

		// As VirusTotal's public keys have.
		FreeRequestsPerMinute: 4,
		FreeRequestsPerDay:    500,
		FreeRequestsPerMonth:  15_500,

		Keys:       []Key{},
		AuditDays:  365,
		Private:    defaultPrivate(),
		WalletKeys: true,
		Channels:   defaultChannels(),
		Feeds:      feeds.DefaultConfig(),

		GRPCListen:                 "127.0.0.1:9190",
		Web:                        true,
		AnonymousRequestsPerMinute: 60,
		AnonymousUploadsPerMinute:  4,
		ChainRequestsPerMinute:     600, // a page that verifies a report asks a few hundred times
		TrustedProxies:             []string{},
	}
}

const (
	maxFileBytes = 4 << 30
	maxProxies   = 256
)

// Validate names the first field that is out of its range.
func (c Config) Validate() error {
	if c.Listen == "" {
		return errors.New("listen: an address such as 127.0.0.1:8080 is required")
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return fmt.Errorf("public_url: %q is not an http or https URL of a host", c.PublicURL)
		}
	}
	if _, err := c.keys(); err != nil {
		return err
	}
	for _, f := range []struct {
		name            string
		value, min, max int64
	}{
		{"max_file_bytes", c.MaxFileBytes, 1, maxFileBytes},
		{"max_uploads", int64(c.MaxUploads), 1, 1024},
		{"max_downloads", int64(c.MaxDownloads), 1, 1024},
		{"max_connections", int64(c.MaxConnections), 1, 1 << 20},
		{"min_upload_bytes_per_second", c.MinUploadRate, 1, 1 << 30},
		{"upload_grace_seconds", int64(c.UploadGrace), 1, 3600},
		{"requests_per_minute", int64(c.RequestsPerMinute), 0, 1 << 30},
		{"free_requests_per_minute", int64(c.FreeRequestsPerMinute), 0, 1 << 30},
		{"free_requests_per_day", int64(c.FreeRequestsPerDay), 0, 1 << 30},
		{"free_requests_per_month", int64(c.FreeRequestsPerMonth), 0, 1 << 30},
		{"audit_days", int64(c.AuditDays), 1, 36_500},
		{"anonymous_requests_per_minute", int64(c.AnonymousRequestsPerMinute), 0, 1 << 30},
		{"anonymous_uploads_per_minute", int64(c.AnonymousUploadsPerMinute), 0, 1 << 30},
		{"chain_requests_per_minute", int64(c.ChainRequestsPerMinute), 0, 1 << 30},
		{"cached_reports", int64(c.CachedReports), 1, 1 << 20},
		{"rescans_per_day", int64(c.RescansPerDay), 0, 1 << 20},
		{"max_bundle_bytes", c.MaxBundleBytes, 1, 16 << 30},
		{"report_max_age_seconds", int64(c.ReportMaxAge), 0, 3600},
	} {
		if f.value < f.min || f.value > f.max {
			return fmt.Errorf("%s: %d is not in %d..%d", f.name, f.value, f.min, f.max)
		}
	}
	if err := c.Private.validate(); err != nil {
		return fmt.Errorf("private: %w", err)
	}
	if err := c.Channels.validate(); err != nil {
		return fmt.Errorf("channels: %w", err)
	}
	if len(c.TrustedProxies) > maxProxies {
		return fmt.Errorf("trusted_proxies: %d networks, at most %d", len(c.TrustedProxies), maxProxies)
	}
	if _, err := parseProxies(c.TrustedProxies); err != nil {
		return fmt.Errorf("trusted_proxies: %w", err)
	}
	return c.Feeds.Validate()
}
