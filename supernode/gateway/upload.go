package gateway

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	signedreceipt "github.com/virusmap/virusmap/supernode/receipt"
	"github.com/virusmap/virusmap/supernode/vault"
)

const (
	// slotWait is how long an upload or a download waits for a free slot.
	slotWait = 10 * time.Second
	// registerTimeout bounds what is left to do after the body arrived.
	registerTimeout = 20 * time.Second
)

// fileInfo is the meta.file_info of an analysis.
type fileInfo struct {
	SHA256 string `json:"sha256"`
	SHA1   string `json:"sha1"`
	MD5    string `json:"md5"`
	Size   int64  `json:"size"`
}

// uploadMeta goes with the answer to an upload.
type uploadMeta struct {
	FileInfo fileInfo  `json:"file_info"`
	VirusMap submitted `json:"virusmap"`
}

// submitted tells what became of what was sent.
type submitted struct {
	// Known tells that it had been submitted before.
	Known bool `json:"known"`
	// Receipt is signed by this gateway; absent when it could not be.
	Receipt *signedreceipt.Receipt `json:"receipt,omitempty"`
}

// postFile takes a file in. Its answer is a receipt: the submission is in the durable
// queue and will reach the chain.
func (g *Gateway) postFile(w http.ResponseWriter, r *http.Request) {
	receipt, err := g.takeIn(w, r)
	if err != nil {
		g.metrics.uploads.WithLabelValues("failed").Inc()
		g.failWith(w, r, err)
		return
	}
	result := "new"
	if receipt.known {
		result = "known"
	}
	g.metrics.uploads.WithLabelValues(result).Inc()
	g.metrics.received.Add(float64(receipt.file.Size))

	meta := uploadMeta{FileInfo: receipt.file, VirusMap: submitted{receipt.known, g.signReceipt(receipt)}}
	respond(w, r, object{
		Type:  "analysis",
		ID:    receipt.analysis.ID,
		Links: map[string]string{"self": g.link(r, "analyses", receipt.analysis.ID)},
	}, meta)
}

func (g *Gateway) takeIn(w http.ResponseWriter, r *http.Request) (receipt, error) {
	from, err := g.senderOf(r)
	if err != nil {
		return receipt{}, err
	}
	if err := takeSlot(r.Context(), g.slots, "upload"); err != nil {
		return receipt{}, err
	}
	defer func() { <-g.slots }()
	g.metrics.uploading.Inc()
	defer g.metrics.uploading.Dec()

	terms, err := g.currentTerms(r.Context())
	if err != nil {
		return receipt{}, err
	}
	limit := min(g.cfg.MaxFileBytes, terms.maxBytes)
	if r.ContentLength > limit+formOverhead {
		return receipt{}, tooLarge(limit)
	}
	body := &pacedBody{
		ReadCloser: http.MaxBytesReader(w, r.Body, limit+formOverhead),
		conn:       http.NewResponseController(w),
		grace:      time.Duration(g.cfg.UploadGrace) * time.Second,
		rate:       g.cfg.MinUploadRate,
	}
	r.Body = body
	form, err := g.readForm(r.Context(), r, limit, terms.recipient)
	body.done(err != nil)
	if err != nil {
		return receipt{}, err
	}
	// The file is here: a client that leaves now has submitted it all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), registerTimeout)
	defer cancel()
	return g.register(ctx, form, terms.epoch, from)
}

// takeSlot waits for one of the slots that bound what runs at one time.
func takeSlot(ctx context.Context, slots chan<- struct{}, what string) error {
	wait := time.NewTimer(slotWait)
	defer wait.Stop()
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
	case <-wait.C:
	}
	return transient("all %d %s slots are taken; try again later", cap(slots), what)
}

// discard drops a ciphertext that nobody will refer to. Failing only costs space.
func (g *Gateway) discard(ctx context.Context, sealed vault.Sealed) {
	if err := g.deps.Vault.Remove(context.WithoutCancel(ctx), sealed.CID); err != nil {
		g.log.Warn("a ciphertext that is not needed stays in the vault", "cid", sealed.CID, "error", err)
	}
}

// failWith answers with err, and hides what is not meant for clients.
func (g *Gateway) failWith(w http.ResponseWriter, r *http.Request, err error) {
	var shown *apiError
	if !errors.As(err, &shown) {
		path := r.URL.Path
		if strings.Contains(path, "/private/") {
			path = r.Pattern // without the hash
		}
		g.log.Error("request failed", "method", r.Method, "path", path, "error", err)
		shown = transient("the request could not be served; try again later")
	}
	fail(w, r, shown)
}

func infoOf(sealed vault.Sealed) fileInfo {
	return fileInfo{
		SHA256: hex.EncodeToString(sealed.SHA256[:]),
		SHA1:   hex.EncodeToString(sealed.SHA1[:]),
		MD5:    hex.EncodeToString(sealed.MD5[:]),
		Size:   sealed.Size,
	}
}

// signReceipt signs what an uploader is promised; nil when the key does not sign, which
// takes nothing from the promise.
func (g *Gateway) signReceipt(given receipt) *signedreceipt.Receipt {
	own := g.deps.Chain.Address().String()
	signed, err := signedreceipt.Receipt{
		SHA256: given.file.SHA256, Kind: lowerName(given.kind, "KIND_"), Size: given.file.Size, Contributor: cmp.Or(given.contributor, own),
		Channel: string(given.channel), Known: given.known, Time: given.time, ChainID: g.cfg.ChainID, Gateway: own,
	}.Sign(g.deps.Chain.Sign)
	if err != nil {
		g.log.Error("a receipt could not be signed", "error", err)
		return nil
	}
	return &signed
}
