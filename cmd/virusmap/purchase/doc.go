// Package purchase buys samples: it fetches a ciphertext, orders its file key on the chain,
// opens what is delivered and disputes what is wrong. Every step that costs something, or
// that a later one depends on, is on disk before the next one begins, so that a purchase
// goes on after a crash at any point, and nothing is paid for twice.
//
//	quoted -> sent -> paid -> delivered -> done
//	                       \> refunded  <- (a wrong key is disputed)
package purchase
