package index

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/community"
)

var anItem = community.Item{Type: "domain", ID: "example.org"}

func commentOf(author, text string, date int64) Comment {
	return Comment{
		ID: community.CommentID(anItem, author, date, text), Item: anItem, Author: author, Date: date, Text: text,
		Signed: community.Signed{Statement: "VirusMap comment", PubKey: []byte{1}, Signature: []byte{2}},
	}
}

func TestCommentsAreListedFromNewToOld(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	var want []Comment
	for i := range 5 {
		c := commentOf("alpha", fmt.Sprintf("text %d #tag #n%d", i, i), 100+int64(i/2))
		require.NoError(t, x.AddComment(ctx, c))
		require.NoError(t, x.AddComment(ctx, c), "once more")
		want = append(want, c)
	}
	other := commentOf("beta", "another #tag", 200)
	other.Item = community.Item{Type: "file", ID: "00"}
	require.NoError(t, x.AddComment(ctx, other))

	for name, list := range map[string]func(*Position) ([]Comment, error){
		"of the item":   func(p *Position) ([]Comment, error) { return x.CommentsOf(ctx, anItem, p, 2) },
		"by the author": func(p *Position) ([]Comment, error) { return x.CommentsBy(ctx, "alpha", p, 2) },
	} {
		var position *Position
		var got []Comment
		for {
			page, err := list(position)
			require.NoError(t, err, name)
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
			last := page[len(page)-1]
			position = &Position{last.Date, last.ID}
		}
		require.ElementsMatch(t, want, got, name)
		for i := range got[1:] {
			require.GreaterOrEqual(t, got[i].Date, got[i+1].Date, name)
		}
	}
	tagged, err := x.CommentsTagged(ctx, "tag", nil, 10)
	require.NoError(t, err)
	require.Len(t, tagged, 6)
	require.Equal(t, other, tagged[0])
	tagged, err = x.CommentsTagged(ctx, "n3", nil, 10)
	require.NoError(t, err)
	require.Equal(t, []Comment{want[3]}, tagged)
	all, err := x.Comments(ctx, nil, 1)
	require.NoError(t, err)
	require.Equal(t, []Comment{other}, all)
	totals, err := x.Totals(ctx, anItem)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"comments": 5}, totals)
}

func TestDeletedCommentDoesNotComeBack(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	c := commentOf("alpha", "text #tag", 100)
	require.NoError(t, x.AddComment(ctx, c))
	require.NoError(t, x.PutVote(ctx, Vote{Item: community.Item{Type: "comment", ID: c.ID}, Account: "beta", Verdict: "abuse", Date: 101}))
	require.NoError(t, x.DropComment(ctx, c.ID, 102))
	require.ErrorIs(t, x.DropComment(ctx, c.ID, 103), ErrNotFound)
	require.ErrorIs(t, x.AddComment(ctx, c), ErrDeleted)
	_, err := x.Comment(ctx, c.ID)
	require.ErrorIs(t, err, ErrNotFound)
	tagged, err := x.CommentsTagged(ctx, "tag", nil, 10)
	require.NoError(t, err)
	require.Empty(t, tagged)
	totals, err := x.Totals(ctx, community.Item{Type: "comment", ID: c.ID})
	require.NoError(t, err)
	require.Empty(t, totals)

	later := commentOf("alpha", "another", 100+keptDeletions)
	require.NoError(t, x.AddComment(ctx, later))
	require.NoError(t, x.DropComment(ctx, later.ID, 103+keptDeletions))
	require.NoError(t, x.AddComment(ctx, c), "forgotten by then; its statement is too old to be taken")
}

func TestLastVoteOfAnAccountCounts(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	vote := func(account, verdict string, date int64) error {
		return x.PutVote(ctx, Vote{Item: anItem, Account: account, Verdict: verdict, Date: date})
	}
	require.NoError(t, vote("alpha", "malicious", 100))
	require.NoError(t, vote("alpha", "malicious", 100), "once more")
	require.NoError(t, vote("beta", "malicious", 101))
	require.NoError(t, vote("gamma", "harmless", 102))
	require.NoError(t, vote("alpha", "harmless", 103))
	require.ErrorIs(t, vote("alpha", "malicious", 100), ErrOlderVote)
	totals, err := x.Totals(ctx, anItem)
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"harmless": 2, "malicious": 1}, totals)

	first, err := x.VotesOf(ctx, anItem, nil, 2)
	require.NoError(t, err)
	require.Equal(t, "alpha", first[0].Account)
	require.Equal(t, "harmless", first[0].Verdict)
	require.Equal(t, "gamma", first[1].Account)
	rest, err := x.VotesOf(ctx, anItem, &Position{first[1].Date, first[1].Account}, 2)
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, "beta", rest[0].Account)
}

func membersOf(n int) []Member {
	var members []Member
	for i := range n {
		members = append(members, Member{Item: community.Item{Type: "domain", ID: fmt.Sprintf("h%05d.example", i)}})
	}
	return members
}

func TestCollection(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	c := Collection{
		ID: "c1", Owner: "alpha", Name: "Loader of May", Description: "seen in mail", Created: 100, Modified: 100,
	}
	require.NoError(t, x.AddCollection(ctx, c, membersOf(3)))
	require.ErrorIs(t, x.AddCollection(ctx, c, nil), ErrExists)
	found, err := x.Collection(ctx, "c1")
	require.NoError(t, err)
	require.Equal(t, c, found)

	url := Member{Item: community.Item{Type: "url", ID: "ab"}, Value: "http://example.org/"}
	require.NoError(t, x.AddMembers(ctx, "c1", append(membersOf(4), url), 101))
	require.NoError(t, x.DropMembers(ctx, "c1", []community.Item{membersOf(1)[0].Item, {Type: "file", ID: "none"}}, 102))
	require.ErrorIs(t, x.AddMembers(ctx, "none", nil, 101), ErrNotFound)
	require.ErrorIs(t, x.AddMembers(ctx, "c1", []Member{url}, 101), ErrChanged, "older than the last change")
	require.ErrorIs(t, x.DropMembers(ctx, "c1", []community.Item{url.Item}, 101), ErrChanged)
	require.ErrorIs(t, x.UpdateCollection(ctx, c, nil), ErrChanged)
	totals, err := x.Totals(ctx, community.Item{Type: "collection", ID: "c1"})
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"domain": 3, "url": 1}, totals)
	domains, err := x.Members(ctx, "c1", "domain", "h00001.example", 10)
	require.NoError(t, err)
	require.Equal(t, []Member{{membersOf(4)[2].Item, "", 100}, {membersOf(4)[3].Item, "", 101}}, domains)
	with, err := x.CollectionsWith(ctx, url.Item, "", 10)
	require.NoError(t, err)
	require.Len(t, with, 1)

	for query, want := range map[string]int{"loader": 1, "loader mail": 1, "loader june": 0, "": 0} {
		got, err := x.SearchCollections(ctx, community.Words(query), "", 10)
		require.NoError(t, err)
		require.Len(t, got, want, query)
	}
	c.Name, c.Modified = "Loader of June", 103
	require.NoError(t, x.UpdateCollection(ctx, c, nil))
	got, err := x.SearchCollections(ctx, []string{"june", "loader"}, "", 10)
	require.NoError(t, err)
	require.Equal(t, []Collection{c}, got)

	require.NoError(t, x.DropCollection(ctx, "c1", 104))
	require.ErrorIs(t, x.DropCollection(ctx, "c1", 104), ErrNotFound)
	require.ErrorIs(t, x.UpdateCollection(ctx, c, nil), ErrNotFound)
	require.ErrorIs(t, x.AddCollection(ctx, c, nil), ErrDeleted)
	got, err = x.SearchCollections(ctx, []string{"june"}, "", 10)
	require.NoError(t, err)
	require.Empty(t, got)
	with, err = x.CollectionsWith(ctx, url.Item, "", 10)
	require.NoError(t, err)
	require.Empty(t, with)
}

func TestCollectionsAreBounded(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	for i := range community.MaxCollections {
		c := Collection{ID: fmt.Sprint(i), Owner: "alpha", Name: "name", Created: int64(i)}
		require.NoError(t, x.AddCollection(ctx, c, nil))
	}
	require.ErrorIs(t, x.AddCollection(ctx, Collection{ID: "more", Owner: "alpha", Name: "name"}, nil), ErrTooManyCollections)
	require.NoError(t, x.AddMembers(ctx, "0", membersOf(community.MaxCollectionItems), 100))
	require.ErrorIs(t, x.AddMembers(ctx, "0", []Member{{Item: anItem}}, 101), ErrTooManyMembers)
	require.ErrorIs(t, x.UpdateCollection(ctx, Collection{ID: "0", Name: "other", Modified: 101}, []Member{{Item: anItem}}), ErrTooManyMembers)
	first, err := x.Collection(ctx, "0")
	require.NoError(t, err)
	require.Equal(t, "name", first.Name, "all of a change or nothing")
	members, err := x.Members(ctx, "0", "domain", "h", 1)
	require.NoError(t, err)
	require.Len(t, members, 1)
	own, err := x.CollectionsBy(ctx, "alpha", &Position{Date: 2, ID: "2"}, 10)
	require.NoError(t, err)
	require.Len(t, own, 2)
	all, err := x.Collections(ctx, nil, 1)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(community.MaxCollections-1), all[0].ID)
}
