package gateway

import (
	"errors"
	"net/http"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/supernode/chain"
	"github.com/virusmap/virusmap/supernode/index"
	samplestypes "github.com/virusmap/virusmap/x/samples/types"
)

// The rescans that this gateway pays are counted by day under its own name.
const (
	rescansAccount = "gateway"
	quotaRescans   = "rescans_daily"
)

func (g *Gateway) rescanRoutes(mux *routeTable, base string) {
	mux.HandleFunc("POST "+base+"/files/{id}/analyse", g.postAnalyse)
}

// postAnalyse has a file scanned again. What that costs on chain is paid by this gateway as
// long as its rescans_per_day last, for clients with a key. Else, and while the file is being
// scanned anyway, it answers the newest analysis.
func (g *Gateway) postAnalyse(w http.ResponseWriter, r *http.Request) {
	analysis, err := g.rescan(r, r.PathValue("id"))
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, object{
		Type: "analysis", ID: analysis.ID,
		Links: map[string]string{"self": g.link(r, "analyses", analysis.ID)},
	}, nil)
}

// rescan has a file scanned again, or finds its newest analysis.
func (g *Gateway) rescan(r *http.Request, written string) (index.Analysis, error) {
	id, err := g.fileID(r, written)
	if err != nil {
		return index.Analysis{}, err
	}
	hash, err := sampleID(id)
	if err != nil {
		return index.Analysis{}, err
	}
	file, err := g.localFile(r, hash[:])
	if err != nil {
		return index.Analysis{}, err
	}
	if file == nil || file.TypeTag == filetypeURL {
		return index.Analysis{}, notFound("File %q has not been submitted here; submit it, or ask the gateway that took it in", id)
	}
	v, err := g.look(r.Context(), hash)
	if err != nil {
		return index.Analysis{}, err
	}
	if v.sample != nil && v.sample.Status == samplestypes.STATUS_FINAL && g.nameOf(r) != "" {
		requested, err := g.requestRescan(r, hash)
		if err != nil {
			return index.Analysis{}, err
		}
		if requested {
			return g.deps.Index.AddAnalysis(r.Context(), *file, g.now().Unix())
		}
	}
	analysis, err := g.deps.Index.LatestAnalysis(r.Context(), hash)
	if errors.Is(err, index.ErrNotFound) {
		return g.deps.Index.AddAnalysis(r.Context(), *file, g.now().Unix())
	}
	return analysis, err
}

// requestRescan pays for one more round, within the allowance of the day. What the chain
// refuses is counted too, so that it is not asked without end.
func (g *Gateway) requestRescan(r *http.Request, hash [32]byte) (requested bool, err error) {
	if g.cfg.RescansPerDay == 0 {
		return false, nil
	}
	begin, _ := allowance{}.period(g.now())
	spent, err := g.deps.Index.Charge(r.Context(), index.Charge{
		Account: rescansAccount, Exceeded: g.entry(r, actionQuotaExceeded, "", resultRefused),
		Quotas: []index.Quota{{Name: quotaRescans, Period: begin.Unix(), Limit: uint64(g.cfg.RescansPerDay)}},
	})
	if err != nil || !spent.OK {
		return false, err
	}
	message := &samplestypes.MsgRequestRescan{Requester: g.deps.Chain.Address().String(), Sha256: hash[:]}
	_, err = g.deps.Chain.Broadcast(r.Context(), chain.Tx{Msgs: []sdk.Msg{message}})
	if refusal := new(chain.Error); errors.As(err, &refusal) {
		g.log.Warn("the chain refused a rescan", "sha256", hash, "reason", refusal)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	g.reports.views.Remove(hash)
	return true, nil
}
