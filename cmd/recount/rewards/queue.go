package rewards

import "container/heap"

// due is something that waits for a height or a time.
type due struct {
	at   int64
	hash string
}

// queue gives what is due in the order of (at, hash). Nothing waits twice for one time.
type queue struct {
	order   order
	waiting map[due]bool
}

func (q *queue) add(d due) {
	if q.waiting == nil {
		q.waiting = make(map[due]bool)
	}
	if !q.waiting[d] {
		q.waiting[d] = true
		heap.Push(&q.order, d)
	}
}

// remove takes out what is not wanted any more; its place in the order stays empty.
func (q *queue) remove(d due) { delete(q.waiting, d) }

// take removes what is due, at most limit.
func (q *queue) take(now int64, limit int) (taken []due) {
	for len(taken) < limit && len(q.order) > 0 && q.order[0].at <= now {
		next := heap.Pop(&q.order).(due)
		if q.waiting[next] {
			delete(q.waiting, next)
			taken = append(taken, next)
		}
	}
	return taken
}

type order []due

func (o order) Len() int { return len(o) }

func (o order) Less(i, j int) bool {
	return o[i].at < o[j].at || (o[i].at == o[j].at && o[i].hash < o[j].hash)
}

func (o order) Swap(i, j int) { o[i], o[j] = o[j], o[i] }

func (o *order) Push(d any) { *o = append(*o, d.(due)) }

func (o *order) Pop() any {
	old := *o
	last := old[len(old)-1]
	*o = old[:len(old)-1]
	return last
}
