package rewards

import (
	"container/heap"
	"slices"
)

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
func (q *queue) take(now int64, limit int) []due {
	taken := q.pop(now, limit)
	for _, next := range taken {
		delete(q.waiting, next)
	}
	return taken
}

// due is take without removing anything.
func (q *queue) due(now int64, limit int) []due {
	taken := q.pop(now, limit)
	for _, next := range taken {
		heap.Push(&q.order, next)
	}
	return taken
}

func (q *queue) pop(now int64, limit int) (popped []due) {
	for len(popped) < limit && len(q.order) > 0 && q.order[0].at <= now {
		next := heap.Pop(&q.order).(due)
		// Added again after it was removed, it may stand in the order twice.
		if q.waiting[next] && !slices.Contains(popped, next) {
			popped = append(popped, next)
		}
	}
	return popped
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
