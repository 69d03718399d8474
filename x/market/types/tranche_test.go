package types_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/virusmap/virusmap/x/market/types"
)

func init() { sdk.GetConfig().SetBech32PrefixForAccount("vmt", "vmtpub") }

// saleTerms are 1,000 VMT at 0.25 of another chain's coin each.
func saleTerms() types.MsgCreateTranche {
	return types.MsgCreateTranche{
		Title: "first", Amount: math.NewInt(1_000_000_000), Price: math.NewInt(250_000), PayDenom: "utest",
		StartTime: 100, EndTime: 200, Cap: math.NewInt(400_000_000), Proceeds: sdk.AccAddress(bytes.Repeat([]byte{7}, 20)).String(),
	}
}

func saleTranche(t *testing.T, terms types.MsgCreateTranche) types.Tranche {
	t.Helper()
	tranche, err := types.NewTranche(&terms)
	require.NoError(t, err)
	require.NoError(t, tranche.Validate())
	return tranche
}

// Whoever proposed the tranche can tell its id before the vote.
func TestTrancheIDIsFixed(t *testing.T) {
	require.Equal(t, "df2d7804831fb1866d6566e6e3fa3a2e218e1c5daeaa3773f80a8f94d245f472", hex.EncodeToString(saleTranche(t, saleTerms()).Id))
}

func TestTrancheIDIsOfEveryTerm(t *testing.T) {
	ids := map[string]string{string(saleTranche(t, saleTerms()).Id): "none"}
	for name, change := range map[string]func(*types.MsgCreateTranche){
		"title":     func(m *types.MsgCreateTranche) { m.Title = "firs" },
		"amount":    func(m *types.MsgCreateTranche) { m.Amount = m.Amount.AddRaw(1) },
		"price":     func(m *types.MsgCreateTranche) { m.Price = m.Price.AddRaw(1) },
		"pay_denom": func(m *types.MsgCreateTranche) { m.PayDenom = "utes" },
		"start":     func(m *types.MsgCreateTranche) { m.StartTime++ },
		"end":       func(m *types.MsgCreateTranche) { m.EndTime++ },
		"cap":       func(m *types.MsgCreateTranche) { m.Cap = m.Cap.AddRaw(1) },
		"proceeds": func(m *types.MsgCreateTranche) {
			m.Proceeds = sdk.AccAddress(bytes.Repeat([]byte{8}, 20)).String()
		},
		"a digit that moves on": func(m *types.MsgCreateTranche) { m.StartTime, m.EndTime = 10, 1000 },
	} {
		terms := saleTerms()
		change(&terms)
		id := string(saleTranche(t, terms).Id)
		require.NotContains(t, ids, id, "%s gives the id of %s", name, ids[id])
		ids[id] = name
	}
}

func TestCostIsRoundedUp(t *testing.T) {
	for _, test := range []struct{ price, amount, want string }{
		{"250000", "1000000", "250000"},
		{"250000", "1", "1"},
		{"250000", "4", "1"},
		{"250000", "5", "2"},
		{"1", "1", "1"},
		{"1", "1000000", "1"},
		{"1", "1000001", "2"},
		{"999999", "1", "1"},
		{"1000001", "1", "2"},
		// Coins with 18 decimals, and the whole supply of them.
		{"1000000000000000000", "1000000000000000", "1000000000000000000000000000"},
		// The limits do not overflow.
		{limitBits(), limitBits(), costOf(limitBits(), limitBits())},
	} {
		price, _ := math.NewIntFromString(test.price)
		amount, _ := math.NewIntFromString(test.amount)
		cost := types.Tranche{Price: price, PayDenom: "utest"}.Cost(amount)
		require.Equal(t, test.want+"utest", cost.String(), "%s at %s", test.amount, test.price)
	}
}

// limitBits is the largest number of 120 bits.
func limitBits() string {
	limit := math.OneInt()
	for range 120 {
		limit = limit.MulRaw(2)
	}
	return limit.SubRaw(1).String()
}

// costOf divides first, and so needs no more bits than its result.
func costOf(price, amount string) string {
	p, _ := math.NewIntFromString(price)
	a, _ := math.NewIntFromString(amount)
	million := math.NewInt(1_000_000)
	whole := a.Quo(million).Mul(p)
	part := a.Mod(million).Mul(p)
	return whole.Add(part.Add(million).SubRaw(1).Quo(million)).String()
}

func TestBadTermsAreRefused(t *testing.T) {
	limit, _ := math.NewIntFromString(limitBits())
	for name, test := range map[string]struct {
		change func(*types.MsgCreateTranche)
		want   error
		text   string
	}{
		"no title":          {func(m *types.MsgCreateTranche) { m.Title = "" }, types.ErrInvalidTranche, "title"},
		"long title":        {func(m *types.MsgCreateTranche) { m.Title = strings.Repeat("x", 81) }, types.ErrInvalidTranche, "1..80 bytes"},
		"hidden title":      {func(m *types.MsgCreateTranche) { m.Title = "a\u202eb" }, types.ErrInvalidTranche, "title"},
		"amount not there":  {func(m *types.MsgCreateTranche) { m.Amount = math.Int{} }, types.ErrInvalidTranche, "amount"},
		"no amount":         {func(m *types.MsgCreateTranche) { m.Amount = math.ZeroInt() }, types.ErrInvalidTranche, "amount: 0"},
		"negative amount":   {func(m *types.MsgCreateTranche) { m.Amount = math.NewInt(-1) }, types.ErrInvalidTranche, "amount: -1"},
		"large amount":      {func(m *types.MsgCreateTranche) { m.Amount = limit.AddRaw(1) }, types.ErrInvalidTranche, "120 bits"},
		"no price":          {func(m *types.MsgCreateTranche) { m.Price = math.ZeroInt() }, types.ErrInvalidTranche, "price: 0"},
		"large price":       {func(m *types.MsgCreateTranche) { m.Price = limit.AddRaw(1) }, types.ErrInvalidTranche, "price"},
		"no cap":            {func(m *types.MsgCreateTranche) { m.Cap = math.ZeroInt() }, types.ErrInvalidTranche, "cap: 0"},
		"cap above amount":  {func(m *types.MsgCreateTranche) { m.Cap = m.Amount.AddRaw(1) }, types.ErrInvalidTranche, "cap"},
		"no denomination":   {func(m *types.MsgCreateTranche) { m.PayDenom = "" }, types.ErrInvalidTranche, "pay_denom"},
		"bad denomination":  {func(m *types.MsgCreateTranche) { m.PayDenom = "a b" }, types.ErrInvalidTranche, "pay_denom"},
		"own denomination":  {func(m *types.MsgCreateTranche) { m.PayDenom = "uvmt" }, types.ErrInvalidTranche, "pay_denom"},
		"ends as it starts": {func(m *types.MsgCreateTranche) { m.EndTime = m.StartTime }, types.ErrInvalidTranche, "start_time 100, end_time 100"},
		"starts before all": {func(m *types.MsgCreateTranche) { m.StartTime = -1 }, types.ErrInvalidTranche, "start_time -1"},
		"no proceeds":       {func(m *types.MsgCreateTranche) { m.Proceeds = "" }, types.ErrInvalidAddress, "proceeds"},
		"foreign proceeds":  {func(m *types.MsgCreateTranche) { m.Proceeds = "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a" }, types.ErrInvalidAddress, "proceeds"},
		"shouted proceeds":  {func(m *types.MsgCreateTranche) { m.Proceeds = strings.ToUpper(m.Proceeds) }, types.ErrInvalidAddress, "is not written as"},
	} {
		t.Run(name, func(t *testing.T) {
			terms := saleTerms()
			test.change(&terms)
			_, err := types.NewTranche(&terms)
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// saleGenesis has an open and an ended tranche; two accounts bought of the first.
func saleGenesis(t *testing.T) *types.GenesisState {
	t.Helper()
	gs := types.DefaultGenesis()
	second := saleTerms()
	second.Title = "second"
	gs.Tranches = []types.Tranche{saleTranche(t, saleTerms()), saleTranche(t, second)}
	slices.SortFunc(gs.Tranches, func(a, b types.Tranche) int { return bytes.Compare(a.Id, b.Id) })
	gs.Tranches[1].Ended = true
	gs.Tranches[0].Sold = math.NewInt(30)
	for i := range 2 {
		gs.Purchases = append(gs.Purchases, types.Purchase{
			Tranche: gs.Tranches[0].Id, Buyer: sdk.AccAddress(bytes.Repeat([]byte{byte(i + 1)}, 20)).String(), Amount: math.NewInt(int64(10 * (i + 1))),
		})
	}
	require.NoError(t, gs.Validate())
	return gs
}

func TestBadSalesAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		damage func(*types.GenesisState)
		want   error
		text   string
	}{
		"id of other terms":     {func(gs *types.GenesisState) { gs.Tranches[0].Title += "!" }, types.ErrInvalidTranche, "tranches[0]: id"},
		"bad terms":             {func(gs *types.GenesisState) { gs.Tranches[1].Price = math.ZeroInt() }, types.ErrInvalidTranche, "tranches[1]: price"},
		"oversold":              {func(gs *types.GenesisState) { gs.Tranches[1].Sold = gs.Tranches[1].Amount.AddRaw(1) }, types.ErrInvalidTranche, "tranches[1]: sold"},
		"sold not there":        {func(gs *types.GenesisState) { gs.Tranches[1].Sold = math.Int{} }, types.ErrInvalidTranche, "tranches[1]: sold"},
		"in no order":           {func(gs *types.GenesisState) { slices.Reverse(gs.Tranches) }, types.ErrInvalidGenesis, "tranches[1]"},
		"twice":                 {func(gs *types.GenesisState) { gs.Tranches[1] = gs.Tranches[0] }, types.ErrInvalidGenesis, "tranches[1]"},
		"sold more than bought": {func(gs *types.GenesisState) { gs.Tranches[0].Sold = math.NewInt(31) }, types.ErrInvalidGenesis, "tranches[0].sold: 31, but the purchases are 30"},
		"sold, nobody bought":   {func(gs *types.GenesisState) { gs.Tranches[1].Sold = math.OneInt() }, types.ErrInvalidGenesis, "tranches[1].sold"},
		"bought of none":        {func(gs *types.GenesisState) { gs.Purchases[0].Tranche = make([]byte, 32) }, types.ErrInvalidGenesis, "purchases[0]: no tranche"},
		"buyer not there":       {func(gs *types.GenesisState) { gs.Purchases[1].Buyer = "" }, types.ErrInvalidAddress, "purchases[1]"},
		"shouted buyer":         {func(gs *types.GenesisState) { gs.Purchases[1].Buyer = strings.ToUpper(gs.Purchases[1].Buyer) }, types.ErrInvalidGenesis, "purchases[1].buyer"},
		"bought twice":          {func(gs *types.GenesisState) { gs.Purchases[1].Buyer = gs.Purchases[0].Buyer }, types.ErrInvalidGenesis, "purchases[1]"},
		"bought nothing":        {func(gs *types.GenesisState) { gs.Purchases[0].Amount = math.ZeroInt() }, types.ErrInvalidGenesis, "purchases[0].amount"},
		"bought above the cap":  {func(gs *types.GenesisState) { gs.Purchases[1].Amount = gs.Tranches[0].Cap.AddRaw(1) }, types.ErrInvalidGenesis, "purchases[1].amount"},
	} {
		t.Run(name, func(t *testing.T) {
			gs := saleGenesis(t)
			test.damage(gs)
			err := gs.Validate()
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.text)
		})
	}
}
