package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/virusmap/virusmap/supernode/weburl"
)

func parseURL(t testing.TB, text string) weburl.URL {
	t.Helper()
	u, err := weburl.Parse(text)
	require.NoError(t, err)
	return u
}

func TestURLSubmission(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	u := parseURL(t, "https://www.example.com/a?b")
	id := u.ID()
	s := Submission{SHA256: id, Size: int64(len(u.String())), TypeTag: "url", URL: &u, Time: 100, State: StateQueued, Reuse: true}
	first, err := x.Record(ctx, s)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("u-%x-100", id), first.ID)
	s.Time = 200
	again, err := x.Record(ctx, s)
	require.NoError(t, err)
	require.Equal(t, first, again)
	found, err := x.URL(ctx, id)
	require.NoError(t, err)
	require.Equal(t, URL{SHA256: id, URL: u.String(), Host: "www.example.com", Seen: 100}, found)
	host, err := x.Host(ctx, "www.example.com")
	require.NoError(t, err)
	require.Equal(t, Host{"www.example.com", 100, 200, 1}, host)
	_, err = x.URL(ctx, [32]byte{1})
	require.ErrorIs(t, err, ErrNotFound)
	_, err = x.Host(ctx, "example.com")
	require.ErrorIs(t, err, ErrNotFound)
}

func see(t *testing.T, x *Index, text string, time int64) {
	t.Helper()
	ctx := context.Background()
	require.NoError(t, x.inTx(ctx, func(tx *sql.Tx) error { return upsertURL(ctx, tx, parseURL(t, text), time) }))
}

func TestHostsAndTheirURLs(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	for i, text := range []string{
		"http://example.com/", "http://a.example.com/1", "http://a.example.com/2", "http://a.example.com/3", "http://b.example.com/",
		"http://x.a.example.com/", "http://example.community/", "http://notexample.com/", "http://192.0.2.7/",
	} {
		see(t, x, text, int64(100+i/2))
		see(t, x, text, int64(100+i/2))
	}
	var seen []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		urls, next, err := x.URLsAt(ctx, "a.example.com", cursor, 2)
		require.NoError(t, err)
		for _, u := range urls {
			seen = append(seen, u.URL)
		}
		cursor = next
	}
	require.Len(t, seen, 3)
	require.Equal(t, "http://a.example.com/1", seen[2], "the newest come first")
	all := func(list func(cursor string) ([]string, string, error)) (hosts []string) {
		for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
			some, next, err := list(cursor)
			require.NoError(t, err)
			hosts, cursor = append(hosts, some...), next
		}
		return hosts
	}
	require.Equal(t, []string{"a.example.com", "x.a.example.com", "b.example.com"},
		all(func(c string) ([]string, string, error) { return x.Subdomains(ctx, "example.com", c, 1) }))
	require.Equal(t, []string{"b.example.com"}, all(func(c string) ([]string, string, error) { return x.Siblings(ctx, "a.example.com", c, 1) }))
	require.Empty(t, all(func(c string) ([]string, string, error) { return x.Siblings(ctx, "example.com", c, 1) }))
	host, err := x.Host(ctx, "192.0.2.7")
	require.NoError(t, err)
	require.EqualValues(t, 1, host.URLs)
	for _, cursor := range []string{"x", "1.zz", "1." + strings.Repeat("a", 62)} {
		_, _, err = x.URLsAt(ctx, "a.example.com", cursor, 2)
		require.ErrorIs(t, err, ErrCursor)
	}
	_, _, err = x.Subdomains(ctx, "example.com", "elsewhere.test", 2)
	require.ErrorIs(t, err, ErrCursor)
}

func TestFetchedFacts(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	f := Fetched{
		FinalURL: "http://end.example/", Chain: []string{"http://start.example/"}, Status: 200, Headers: map[string]string{"Server": "x"},
		Cookies: map[string]string{"a": "b"}, Bytes: 5, ContentSHA256: strings.Repeat("0", 64), Title: "T", IP: "192.0.2.7", Time: 7,
	}
	require.NoError(t, x.SaveFetched(ctx, [32]byte{1}, f))
	f.Time = 8
	require.NoError(t, x.SaveFetched(ctx, [32]byte{1}, f))
	got, err := x.Fetched(ctx, [32]byte{1})
	require.NoError(t, err)
	require.Equal(t, f, got)
	_, err = x.Fetched(ctx, [32]byte{2})
	require.ErrorIs(t, err, ErrNotFound)
	want := Resolution{ID: "192.0.2.7end.example", IP: "192.0.2.7", Host: "end.example", Time: 8}
	resolution, err := x.Resolution(ctx, want.ID)
	require.NoError(t, err)
	require.Equal(t, want, resolution)
	for _, of := range []string{"192.0.2.7", "end.example"} {
		all, next, err := x.Resolutions(ctx, of, "", 1)
		require.NoError(t, err)
		require.Equal(t, []Resolution{want}, all)
		require.Empty(t, next)
	}
	require.Error(t, x.SaveFetched(ctx, [32]byte{1}, Fetched{FinalURL: "file:///x"}))
}

func TestNewestOfAHost(t *testing.T) {
	x, ctx := newIndex(t), context.Background()
	_, err := x.Certificate(ctx, "end.example")
	require.ErrorIs(t, err, ErrNotFound)
	_, err = x.NewestResolution(ctx, "end.example")
	require.ErrorIs(t, err, ErrNotFound)
	for i, f := range []Fetched{
		{FinalURL: "https://end.example/a", IP: "192.0.2.9", Time: 5, Certificate: json.RawMessage(`{"size":1}`)},
		{FinalURL: "https://end.example/b", IP: "192.0.2.7", Time: 7, Certificate: json.RawMessage(`{"size":2}`)},
		{FinalURL: "http://end.example/c", IP: "192.0.2.8", Time: 6},
		{FinalURL: "https://[2001:db8::1]/", IP: "2001:db8::1", Time: 8, Certificate: json.RawMessage(`{"size":3}`)},
	} {
		require.NoError(t, x.SaveFetched(ctx, [32]byte{byte(i)}, f))
	}
	newest, err := x.NewestResolution(ctx, "end.example")
	require.NoError(t, err)
	require.Equal(t, "192.0.2.7", newest.IP)
	for host, want := range map[string]Certificate{
		"end.example": {json.RawMessage(`{"size":2}`), 7}, "192.0.2.9": {json.RawMessage(`{"size":1}`), 5},
		"192.0.2.7": {json.RawMessage(`{"size":2}`), 7}, "2001:db8::1": {json.RawMessage(`{"size":3}`), 8},
	} {
		got, err := x.Certificate(ctx, host)
		require.NoError(t, err, host)
		require.Equal(t, want, got, host)
	}
}
