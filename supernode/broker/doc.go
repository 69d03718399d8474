// Package broker delivers the file keys of the samples that are sold. The chain assigns
// each order to one of the supernodes that hold the sample; broker opens the sample's file
// key, checks it against the commitment that the buyer relies on, seals it to the one-time
// key of the order, and sends it before the delivery window ends. Orders that others have
// missed are delivered as well, by one supernode after the other, so that not all of them
// pay for the same delivery.
//
// It keeps nothing on disk: what is open is what the chain says is open. Killed at any
// step, it does the step again, and the chain takes each key once.
package broker
