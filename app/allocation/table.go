package allocation

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"cosmossdk.io/math"

	"github.com/virusmap/virusmap/app"
	bountytypes "github.com/virusmap/virusmap/x/bounty/types"
)

// Print writes who gets what, part by part.
func (s *Supply) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name string, amount math.Int, vesting string) {
		percent := math.LegacyNewDecFromInt(amount).MulInt64(100).QuoInt(bountytypes.TotalSupply)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", name, short(percent),
			short(math.LegacyNewDecFromIntWithPrec(amount, app.DisplayExponent)), vesting)
	}
	fmt.Fprintf(table, "ALLOCATION\tPERCENT\t%s\tVESTING\n", app.DisplayDenom)
	for _, part := range []struct {
		name   string
		amount math.Int
	}{
		{"contribution", s.Allocation.Contribution},
		{"sale", s.Allocation.Sale},
		{"developers", s.Allocation.Developers},
		{"supporters", s.Allocation.Supporters},
		{"community", s.Allocation.Community},
	} {
		row(part.name, part.amount, "")
		for _, grant := range s.Grants {
			if grant.Part != part.name {
				continue
			}
			name := grant.Address.String()
			if grant.Module != "" {
				name = "module account " + grant.Module
			}
			row("  "+name, grant.Amount, grant.Vesting.String())
		}
	}
	row("all", bountytypes.TotalSupply, "")
	return table.Flush()
}

// short is a decimal number without the zeros at its end.
func short(number math.LegacyDec) string {
	return strings.TrimSuffix(strings.TrimRight(number.String(), "0"), ".")
}
