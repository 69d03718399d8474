package keeper_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/virusmap/virusmap/x/samples/types"
)

func TestQueryParams(t *testing.T) {
	f := newFixture(t)
	response, err := f.queries.Params(f.ctx, &types.QueryParamsRequest{})
	require.NoError(t, err)
	require.Equal(t, types.DefaultParams(), response.Params)
}

func TestQuerySample(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(contributor, submission("content"))
	hash := submission("content").Sha256
	want := types.SampleEntry{Sha256: hash, Sample: f.sample(hash)}

	for _, text := range []string{hex.EncodeToString(hash), strings.ToUpper(hex.EncodeToString(hash))} {
		response, err := f.queries.Sample(f.ctx, &types.QuerySampleRequest{Sha256: text})
		require.NoError(t, err)
		require.Equal(t, want, response.Entry)
	}
	for name, test := range map[string]struct {
		text string
		code codes.Code
	}{
		"empty":    {"", codes.InvalidArgument},
		"short":    {"abcd", codes.InvalidArgument},
		"not hex":  {strings.Repeat("z", 64), codes.InvalidArgument},
		"too long": {strings.Repeat("a", 1<<20), codes.InvalidArgument},
		"unknown":  {strings.Repeat("a", 64), codes.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.queries.Sample(f.ctx, &types.QuerySampleRequest{Sha256: test.text})
			require.Equal(t, test.code, status.Code(err), "%v", err)
		})
	}
}

func TestQuerySampleByCID(t *testing.T) {
	f := newFixture(t)
	f.mustSubmit(contributor, submission("content"))
	hash := submission("content").Sha256
	id, err := cid.Cast(submission("content").Sealing.Cid)
	require.NoError(t, err)
	base16, err := id.StringOfBase('f')
	require.NoError(t, err)
	for _, text := range []string{id.String(), base16} {
		response, err := f.queries.SampleByCID(f.ctx, &types.QuerySampleByCIDRequest{Cid: text})
		require.NoError(t, err)
		require.Equal(t, hash, response.Entry.Sha256)
	}
	unknown, err := cid.Cast(submission("other").Sealing.Cid)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		text string
		code codes.Code
	}{
		"empty":    {"", codes.InvalidArgument},
		"no CID":   {"not a cid", codes.InvalidArgument},
		"CIDv0":    {"QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG", codes.InvalidArgument},
		"too long": {strings.Repeat("b", 1<<20), codes.InvalidArgument},
		"unknown":  {unknown.String(), codes.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.queries.SampleByCID(f.ctx, &types.QuerySampleByCIDRequest{Cid: test.text})
			require.Equal(t, test.code, status.Code(err), "%v", err)
		})
	}
}

func TestQueryPages(t *testing.T) {
	f := newFixture(t)
	for i := range 7 {
		f.mustSubmit(gateway, by(submission(fmt.Sprint("c", i)), contributor))
	}
	for i := range 3 {
		f.mustSubmit(copier, submission(fmt.Sprint("other", i)))
	}
	lists := map[string]struct {
		total int
		list  func(page *query.PageRequest) (*types.QuerySamplesResponse, error)
	}{
		"all": {10, func(page *query.PageRequest) (*types.QuerySamplesResponse, error) {
			return f.queries.Samples(f.ctx, &types.QuerySamplesRequest{Pagination: page})
		}},
		"of a contributor": {7, func(page *query.PageRequest) (*types.QuerySamplesResponse, error) {
			return f.queries.SamplesByContributor(f.ctx, &types.QuerySamplesByContributorRequest{
				Contributor: contributor.String(), Pagination: page,
			})
		}},
	}
	for name, test := range lists {
		t.Run(name, func(t *testing.T) {
			response, err := test.list(nil)
			require.NoError(t, err)
			all := response.Entries
			require.Len(t, all, test.total)
			for i, entry := range all {
				require.Equal(t, f.sample(entry.Sha256), entry.Sample)
				if i > 0 {
					require.Negative(t, bytes.Compare(all[i-1].Sha256, entry.Sha256), "ascending")
				}
			}

			var paged []types.SampleEntry
			for page := (&query.PageRequest{Limit: 3}); ; {
				response, err := test.list(page)
				require.NoError(t, err)
				require.LessOrEqual(t, len(response.Entries), 3)
				paged = append(paged, response.Entries...)
				if page.Key = response.Pagination.NextKey; len(page.Key) == 0 {
					break
				}
			}
			require.Equal(t, all, paged)

			response, err = test.list(&query.PageRequest{Offset: 2, Limit: 2, CountTotal: true})
			require.NoError(t, err)
			require.Equal(t, all[2:4], response.Entries)
			require.Equal(t, uint64(test.total), response.Pagination.Total)

			_, err = test.list(&query.PageRequest{Limit: 1001})
			require.Equal(t, codes.InvalidArgument, status.Code(err))
			require.ErrorContains(t, err, "pagination.limit: 1001, at most 1000")
			_, err = test.list(&query.PageRequest{Key: []byte("x"), Offset: 1})
			require.Equal(t, codes.InvalidArgument, status.Code(err))
		})
	}

	_, err := f.queries.SamplesByContributor(f.ctx, &types.QuerySamplesByContributorRequest{Contributor: "somebody"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	response, err := f.queries.SamplesByContributor(f.ctx, &types.QuerySamplesByContributorRequest{Contributor: authority.String()})
	require.NoError(t, err)
	require.Empty(t, response.Entries)
}

// REST and gRPC hand over requests that nobody filled in.
func TestQueryEmptyRequests(t *testing.T) {
	f := newFixture(t)
	_, err := f.queries.Sample(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.SampleByCID(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	_, err = f.queries.SamplesByContributor(f.ctx, nil)
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	response, err := f.queries.Samples(f.ctx, nil)
	require.NoError(t, err)
	require.Empty(t, response.Entries)
}
