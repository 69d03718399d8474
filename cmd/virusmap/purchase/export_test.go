package purchase

import "time"

// Watch calls step after each durable step, and makes polls follow each other at once.
func (b *Buyer) Watch(step func(name string)) {
	b.step, b.interval = step, time.Millisecond
}

// ReadRecord is readRecord.
var ReadRecord = readRecord
