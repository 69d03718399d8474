package purchase

// Statuses of a Result.
const (
	// Bought is a sample that was paid for and written out.
	Bought = "bought"
	// Opened is one that had been paid for before.
	Opened = "opened"
	// Returned is one whose price went back to the buyer.
	Returned = "refunded"
	// WrongKey is one whose price went back because the key was shown to be wrong.
	WrongKey = "wrong-key"
	// Failed is told by Result.Error.
	Failed = "failed"
)

// Result is how one purchase went.
type Result struct {
	SHA256  string `json:"sha256"`
	Order   string `json:"order,omitempty"`
	Status  string `json:"status"`
	Product string `json:"product,omitempty"`
	// Price in uvmt.
	Price    uint64 `json:"price,omitempty"`
	Operator string `json:"operator,omitempty"`
	File     string `json:"file,omitempty"`
	Error    string `json:"error,omitempty"`
}

// Offer is what the buyer is asked to agree to. Amounts are in uvmt.
type Offer struct {
	Samples int
	// Total of the quotes.
	Total uint64
	// Sums by product.
	Products map[string]int
}
