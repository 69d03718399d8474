// Package market simulates trade on the real application: how prices follow demand, what
// a sale burns, and what people gain who cheat in the exchange of a key for money.
// It prints each figure as a "name: value" line and fails when a figure leaves its bound;
// ECONOMY_PLOTS names the folder for its plots. Seeds are fixed.
//
// Nobody is paid from the treasury here, so that what an account gains or loses is of
// the market alone.
package market
