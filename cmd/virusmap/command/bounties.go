package command

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/fatih/color"
	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/types/query"

	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

const (
	bountyPage = 100
	// maxBountyPages bounds what a server can make this command read.
	maxBountyPages = 1000
	// shownTarget is how much of a rule the table shows.
	shownTarget = 64
)

// offer is a running bounty, one line of the output.
type offer struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Target string `json:"target"`
	Funder string `json:"funder"`
	// Amount in uvmt.
	Amount string `json:"amount"`
	Stage  uint32 `json:"stage"`
	Expiry string `json:"expiry"`
}

func (t *tool) bountiesCommand() *cobra.Command {
	var rpc, kind string
	command := &cobra.Command{
		Use:   "bounties",
		Short: "List the running bounties",
		Long: `bounties lists what money is offered for: an answer about a sample (kind sample), or a
sample that is wanted by hash, by family or by a YARA rule. It asks the first RPC server of
trust.json, or --rpc, and shows what that says. Bounties are posted with vmtd.`,
		Example: `  virusmap bounties --kind family
  virusmap bounties --output json | jq -r 'select(.kind == "yara").target'`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			wanted, err := bountyKind(kind)
			if err != nil {
				return err
			}
			address, err := t.rpcServer(rpc)
			if err != nil {
				return err
			}
			offers, err := askOffers(command.Context(), address, wanted)
			if err != nil {
				return err
			}
			return t.showOffers(offers)
		},
	}
	command.Flags().StringVar(&kind, "kind", "", "only bounties of this kind: sample, hash, family or yara")
	command.Flags().StringVar(&rpc, "rpc", "", "CometBFT RPC server (default the first of trust.json)")
	return command
}

const kindPrefix = "BOUNTY_KIND_"

// bountyKind is UNSPECIFIED, which stands for all of them, when the name is empty.
func bountyKind(name string) (bountytypes.BountyKind, error) {
	if name == "" {
		return bountytypes.BOUNTY_KIND_UNSPECIFIED, nil
	}
	kind := bountytypes.BountyKind(bountytypes.BountyKind_value[kindPrefix+strings.ToUpper(name)])
	if kind == bountytypes.BOUNTY_KIND_UNSPECIFIED {
		return kind, usagef("--kind %.100q is none of sample, hash, family, yara", name)
	}
	return kind, nil
}

// askOffers reads all pages.
func askOffers(ctx context.Context, address string, kind bountytypes.BountyKind) (offers []offer, err error) {
	client, err := rpchttp.NewWithTimeout(address, "/websocket", rpcTimeoutSeconds)
	if err != nil {
		return nil, usagef("--rpc %.100q: %s", address, err)
	}
	page := &query.PageRequest{Limit: bountyPage}
	for range maxBountyPages {
		response, err := askBounties(ctx, client, &bountytypes.QueryBountiesRequest{Kind: kind, Pagination: page})
		if err != nil {
			return nil, fmt.Errorf("RPC server %s: %w", address, err)
		}
		for _, bounty := range response.Bounties {
			offers = append(offers, offerOf(bounty))
		}
		if response.Pagination == nil || len(response.Pagination.NextKey) == 0 {
			return offers, nil
		}
		page = &query.PageRequest{Limit: bountyPage, Key: response.Pagination.NextKey}
	}
	return nil, fmt.Errorf("RPC server %s: more than %d bounties", address, bountyPage*maxBountyPages)
}

func askBounties(ctx context.Context, client *rpchttp.HTTP, request *bountytypes.QueryBountiesRequest) (*bountytypes.QueryBountiesResponse, error) {
	data, err := request.Marshal()
	if err != nil {
		return nil, err
	}
	answer, err := client.ABCIQuery(ctx, "/virusmap.bounty.v1.Query/Bounties", data)
	if err != nil {
		return nil, err
	}
	if !answer.Response.IsOK() {
		return nil, fmt.Errorf("bounties: %s", answer.Response.Log)
	}
	var response bountytypes.QueryBountiesResponse
	return &response, response.Unmarshal(answer.Response.Value)
}

func offerOf(bounty bountytypes.Bounty) offer {
	return offer{
		ID: hex.EncodeToString(bounty.Id), Kind: strings.ToLower(strings.TrimPrefix(bounty.Kind.String(), kindPrefix)),
		Target: bounty.Target, Funder: bounty.Funder, Amount: bounty.Amount.String(), Stage: bounty.Stage,
		Expiry: time.Unix(bounty.ExpiryTime, 0).UTC().Format(time.RFC3339),
	}
}

// showOffers prints a table, or a line of JSON for each.
func (t *tool) showOffers(offers []offer) error {
	if t.screen.asJSON {
		for _, offer := range offers {
			if err := t.screen.put(offer, ""); err != nil {
				return err
			}
		}
		return nil
	}
	if len(offers) == 0 {
		return t.screen.put(nil, "No bounty runs.")
	}
	rows := [][]string{{"KIND", "AMOUNT", "STAGE", "UNTIL", "TARGET", "ID"}}
	for _, offer := range offers {
		target := offer.Target
		if len(target) > shownTarget {
			target = target[:shownTarget-1] + "…"
		}
		rows = append(rows, []string{
			offer.Kind, offer.Amount + bountytypes.Denom, strconv.FormatUint(uint64(offer.Stage), 10), offer.Expiry, target, offer.ID,
		})
	}
	return t.screen.put(nil, t.screen.table(rows, func(row int) *color.Color {
		if row == 0 {
			return color.New(color.Bold)
		}
		return nil
	}))
}
