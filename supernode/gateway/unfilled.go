package gateway

import (
	"net/http"
	"slices"
)

// unfilled are relations of VirusTotal (https://docs.virustotal.com/reference/metadata) that
// nothing here can fill. Integrations go through a fixed set of relations and give up at the
// first error, so that these are lists of nothing; /metadata does not offer them.
var unfilled = map[string][]string{
	"file": {
		"behaviours", "bundled_files", "carbonblack_children", "carbonblack_parents", "ciphered_bundled_files", "ciphered_parents",
		"clues", "compression_parents", "contacted_domains", "contacted_ips", "contacted_urls", "distributors", "dropped_files",
		"email_attachments", "email_parents", "embedded_domains", "embedded_ips", "embedded_urls", "execution_parents", "graphs",
		"itw_domains", "itw_ips", "itw_urls", "memory_pattern_domains", "memory_pattern_ips", "memory_pattern_urls",
		"overlay_children", "overlay_parents", "pcap_children", "pcap_parents", "pe_resource_children", "pe_resource_parents",
		"related_references", "related_threat_actors", "screenshots", "similar_files", "urls_for_embedded_js",
	},
	"url": {
		"communicating_files", "contacted_domains", "contacted_ips", "contacted_urls", "downloaded_files", "embedded_js_files",
		"graphs", "http_response_contents", "redirecting_urls", "redirects_to", "referrer_files", "referrer_urls",
		"related_comments", "related_references", "related_threat_actors", "urls_related_by_tracker_id",
	},
	"domain": {
		"caa_records", "cname_records", "communicating_files", "downloaded_files", "graphs", "historical_ssl_certificates",
		"historical_whois", "mx_records", "ns_records", "referrer_files", "related_comments", "related_references",
		"related_threat_actors", "soa_records",
	},
	"ip_address": {
		"communicating_files", "downloaded_files", "graphs", "historical_ssl_certificates", "historical_whois", "referrer_files",
		"related_comments", "related_references", "related_threat_actors",
	},
}

// unfilled tells whether a relation of the kind is one of those.
func (k *itemKind) unfilled(name string) bool { return slices.Contains(unfilled[k.name], name) }

// ofNothing is what they all answer.
func ofNothing() related {
	none := int64(0)
	return related{items: []object{}, count: &none}
}

// unfilledRoutes are below those of the relations that have something.
func (g *Gateway) unfilledRoutes(mux *routeTable, base string, k *itemKind) {
	if len(unfilled[k.name]) == 0 {
		return
	}
	item := base + "/" + k.path + "/{id}"
	mux.HandleFunc("GET "+item+"/{relationship}", g.getUnfilled(k))
	mux.HandleFunc("GET "+item+"/relationships/{relationship}", g.getUnfilled(k))
}

// getUnfilled answers a list of nothing for an item that is known.
func (g *Gateway) getUnfilled(k *itemKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !k.unfilled(r.PathValue("relationship")) {
			unknownResource(w, r)
			return
		}
		if _, err := g.knownItem(r, k, r.PathValue("id")); err != nil {
			g.failWith(w, r, err)
			return
		}
		g.answerList(w, r, func(page) (related, error) { return ofNothing(), nil })
	}
}
