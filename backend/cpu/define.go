package cpu

// define runs an op through its definition, element by element.
func define(s *scratch, l *link, v []float32, first int) {
	e := &s.e
	e.C, e.K, e.P = l.c, l.k, l.p
	e.Row, e.Col = first/l.cols, first%l.cols
	args := l.op.Args
	for i := range v {
		e.V, e.Index = float64(v[i]), uint64(first+i)
		for a := range len(args) {
			switch args[a] {
			case 'r', 'm':
				e.A[a] = float64(s.x[a][min(i, len(s.x[a])-1)])
			default:
				e.A[a] = 0
			}
		}
		l.op.F(e)
		for a := range len(args) {
			if r := args[a]; r == 'w' || r == 'm' {
				s.x[a][i] = float32(e.A[a])
			}
		}
		v[i] = float32(e.V)
		if e.Col++; e.Col == l.cols {
			e.Row, e.Col = e.Row+1, 0
		}
	}
}
