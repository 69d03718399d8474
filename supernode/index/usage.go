package index

import "context"

// Lookups are how many look-ups an account made on a day since 1970 in UTC and on the day
// before, by day. The index remembers no more.
func (x *Index) Lookups(ctx context.Context, account string, day int64) (map[int64]int64, error) {
	rows, err := x.read.QueryContext(ctx, `SELECT day, used FROM lookups WHERE day IN ($1, $2) AND account = $3`, day-1, day, account)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	used := make(map[int64]int64)
	for rows.Next() {
		var day, count int64
		if err := rows.Scan(&day, &count); err != nil {
			return nil, err
		}
		used[day] = count
	}
	return used, rows.Err()
}
