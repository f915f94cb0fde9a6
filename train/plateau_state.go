package train

// plateauMemory is a Plateau with the rate that it has lowered, which a resumed training needs too.
type plateauMemory struct {
	*Plateau
	lr *float64
}

func (p plateauMemory) name() string { return "plateau" }

func (p plateauMemory) state() (memory, error) {
	s := &p.State
	return memory{numbers: map[string]float64{
		"seen": flag(s.Seen), "best": s.Best, "bad": float64(s.Bad), "cooling": float64(s.Cooling), "learning rate": *p.lr,
	}}, nil
}

func (p plateauMemory) resume(m memory) error {
	var seen, best, bad, cooling, lr float64
	if err := m.take(p.name(), map[string]*float64{"seen": &seen, "best": &best, "bad": &bad, "cooling": &cooling, "learning rate": &lr}); err != nil {
		return err
	}
	p.State, *p.lr = PlateauState{Best: best, Seen: seen != 0, Bad: int(bad), Cooling: int(cooling)}, lr
	return nil
}
