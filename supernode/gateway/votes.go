package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/virusmap/virusmap/supernode/community"
	"github.com/virusmap/virusmap/supernode/index"
)

// voteAttributes are VirusTotal's of a vote.
type voteAttributes struct {
	Date     int64      `json:"date"` // unix seconds
	Verdict  string     `json:"verdict"`
	Value    int64      `json:"value"` // 1 for a good word, -1 for a bad one
	VirusMap authorship `json:"virusmap"`
}

// communityAttributes are what the attributes of an item say of the votes on it.
type communityAttributes struct {
	// Reputation is how many votes of harmless there are more than of malicious.
	Reputation int64      `json:"reputation"`
	TotalVotes totalVotes `json:"total_votes"`
}

type totalVotes struct {
	Harmless  int64 `json:"harmless"`
	Malicious int64 `json:"malicious"`
}

// communityOf counts the votes on an item.
func (g *Gateway) communityOf(ctx context.Context, itemType, id string) (*communityAttributes, error) {
	totals, err := g.deps.Index.Totals(ctx, community.Item{Type: itemType, ID: id})
	if err != nil {
		return nil, err
	}
	votes := totalVotes{totals[community.Harmless], totals[community.Malicious]}
	return &communityAttributes{Reputation: community.Reputation(votes.Harmless, votes.Malicious), TotalVotes: votes}, nil
}

// total is the length of a list that is counted.
func total(totals map[string]int64, names ...string) *int64 {
	var sum int64
	for _, name := range names {
		sum += totals[name]
	}
	return &sum
}

func (g *Gateway) voteRoutes(mux *routeTable, base string) {
	for _, k := range g.kinds {
		if k.discussed || k.voted {
			mux.HandleFunc("POST "+base+"/"+k.path+"/{id}/votes", g.postVote(k))
		}
	}
	mux.HandleFunc("POST "+base+"/comments/{id}/vote", g.postCommentVote)
}

func (g *Gateway) voteObject(v index.Vote) object {
	value := int64(-1)
	if v.Verdict == community.Harmless || v.Verdict == community.Positive {
		value = 1
	}
	return object{
		Type:       "vote",
		ID:         community.VoteID(v.Item, v.Account),
		Attributes: voteAttributes{Date: v.Date, Verdict: v.Verdict, Value: value, VirusMap: authorshipOf(v.Account, v.Signed)},
	}
}

// postVote stores the vote of an account instead of its earlier one on the item.
func (g *Gateway) postVote(k *itemKind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		vote, err := g.takeVote(w, r, k)
		if err != nil {
			g.failWith(w, r, err)
			return
		}
		respond(w, r, g.voteObject(vote), nil)
	}
}

// postCommentVote answers the votes on the comment with the new one, as VirusTotal does.
func (g *Gateway) postCommentVote(w http.ResponseWriter, r *http.Request) {
	vote, err := g.takeVote(w, r, g.kind("comment"))
	var totals map[string]int64
	if err == nil {
		totals, err = g.deps.Index.Totals(r.Context(), vote.Item)
	}
	if err != nil {
		g.failWith(w, r, err)
		return
	}
	respond(w, r, commentVotes{totals[community.Positive], totals[community.Negative], totals[community.Abuse]}, nil)
}

func (g *Gateway) takeVote(w http.ResponseWriter, r *http.Request, k *itemKind) (index.Vote, error) {
	sent, err := readContribution(w, r, maxContributionBytes)
	if err != nil {
		return index.Vote{}, err
	}
	verdict, err := readVerdict(sent.Data)
	if err != nil {
		return index.Vote{}, err
	}
	item, err := g.knownItem(r, k, r.PathValue("id"))
	if err != nil {
		return index.Vote{}, err
	}
	if err := community.CheckVerdict(item, verdict); err != nil {
		return index.Vote{}, invalidArgument("verdict: %s", err)
	}
	by, err := g.authorOf(r, sent, community.VoteStatement(g.cfg.ChainID, item, verdict))
	if err != nil {
		return index.Vote{}, err
	}
	vote := index.Vote{Item: item, Account: by.name, Verdict: verdict, Date: by.time, Signed: by.signed}
	err = g.deps.Index.PutVote(r.Context(), vote)
	if errors.Is(err, index.ErrOlderVote) {
		err = alreadyExists("the account has voted since; sign a new statement")
	}
	return vote, err
}

// readVerdict reads the object of a vote, or the word alone as VirusTotal has it for comments.
func readVerdict(data json.RawMessage) (string, error) {
	var word string
	if json.Unmarshal(data, &word) == nil {
		return word, nil
	}
	var vote struct {
		Attributes struct {
			Verdict string `json:"verdict"`
		} `json:"attributes"`
	}
	if err := json.Unmarshal(data, &vote); err != nil {
		return "", badRequest("data: want {type: vote, attributes: {verdict}}: %.200s", err)
	}
	return vote.Attributes.Verdict, nil
}

// votesOf are the votes on an item.
func (g *Gateway) votesOf(itemType string) func(*http.Request, string, page) (related, error) {
	return func(r *http.Request, id string, p page) (related, error) {
		after, err := p.position()
		if err != nil {
			return related{}, err
		}
		item := community.Item{Type: itemType, ID: id}
		votes, err := g.deps.Index.VotesOf(r.Context(), item, after, p.limit+1)
		if err != nil {
			return related{}, err
		}
		votes, next := cut(p, votes, func(v index.Vote) string { return cursorAt(v.Date, v.Account) })
		totals, err := g.deps.Index.Totals(r.Context(), item)
		found := related{next: next, count: total(totals, community.Verdicts(itemType)...)}
		for _, v := range votes {
			found.items = append(found.items, g.voteObject(v))
		}
		return found, err
	}
}
