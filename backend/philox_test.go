package backend

import "testing"

// The vectors are Random123's (kat_vectors, philox4x32 10).
func TestPhilox(t *testing.T) {
	const ones = ^uint32(0)
	for _, c := range []struct {
		key       [2]uint32
		ctr, want [4]uint32
	}{
		{[2]uint32{}, [4]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[2]uint32{ones, ones}, [4]uint32{ones, ones, ones, ones}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Philox(c.key, c.ctr); got != c.want {
			t.Errorf("%x, %x: %x, want %x", c.key, c.ctr, got, c.want)
		}
	}
}

func TestBits(t *testing.T) {
	key := [4]uint32{1, 2, 3, 4}
	for _, i := range []uint64{0, 1, 2, 3, 4, 7, 1<<34 - 1, 1 << 34, 1<<34 + 5} {
		b := i / 4
		want := Philox([2]uint32{1, 2}, [4]uint32{uint32(b), uint32(b >> 32), 3, 4 + 9})[i%4]
		if got := Bits(key, 9, i); got != want {
			t.Errorf("element %d: %x, want %x", i, got, want)
		}
	}
}

func TestUniform(t *testing.T) {
	for _, c := range []struct {
		word uint32
		want float64
	}{{0, 0}, {255, 0}, {256, 0x1p-24}, {1 << 31, 0.5}, {^uint32(0), 1 - 0x1p-24}} {
		if got := Uniform(c.word); got != c.want || float64(float32(got)) != got {
			t.Errorf("%x: %v, want %v", c.word, got, c.want)
		}
	}
}

// Permuted is a bijection of 0…n−1 for every n, and depends on seed and epoch but not on the key's fourth word.
func TestPermuted(t *testing.T) {
	ns := []uint32{1000, 4095, 4096, 4097, 60000, 65537}
	for n := uint32(1); n <= 300; n++ {
		ns = append(ns, n)
	}
	for _, n := range ns {
		seen := make([]bool, n)
		for i := range n {
			p := Permuted([4]uint32{n, 7, 3, 0}, n, i)
			if p >= n || seen[p] {
				t.Fatalf("n = %d: %d goes to %d, which is taken or too large", n, i, p)
			}
			seen[p] = true
		}
	}
	for _, n := range []uint32{1<<31 - 1, 1 << 31} {
		seen := map[uint32]bool{}
		for i := range uint32(1000) {
			p := Permuted([4]uint32{1, 2, 3, 0}, n, n-1-i)
			if p >= n || seen[p] {
				t.Fatalf("n = %d: %d goes to %d, which is taken or too large", n, i, p)
			}
			seen[p] = true
		}
	}
}

func TestPermutedKeys(t *testing.T) {
	const n = 1000
	fixed, base := 0, [4]uint32{1, 2, 3, 0}
	moved := map[string]int{}
	for i := range uint32(n) {
		p := Permuted(base, n, i)
		if p == i {
			fixed++
		}
		if Permuted([4]uint32{1, 2, 3, 99}, n, i) != p {
			t.Fatal("the start changes the order")
		}
		for name, key := range map[string][4]uint32{"seed 0": {0, 2, 3}, "seed 1": {1, 3, 3}, "epoch": {1, 2, 4}} {
			if Permuted(key, n, i) != p {
				moved[name]++
			}
		}
	}
	if fixed > 8 { // one on the average
		t.Errorf("%d of %d stay where they are", fixed, n)
	}
	for name, m := range moved {
		if m < n-20 {
			t.Errorf("another %s moves %d of %d", name, m, n)
		}
	}
	if len(moved) != 3 {
		t.Errorf("%v", moved)
	}
}

// An order once given stays: a run that resumes from a checkpoint draws its batches by it.
func TestPermutedOrder(t *testing.T) {
	want := [12]uint32{2, 1, 8, 10, 11, 4, 3, 6, 9, 5, 0, 7}
	for i := range uint32(12) {
		if got := Permuted([4]uint32{1, 2, 3, 0}, 12, i); got != want[i] {
			t.Errorf("%d goes to %d, want %d", i, got, want[i])
		}
	}
}
