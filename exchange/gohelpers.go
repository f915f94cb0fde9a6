package exchange

// goHelper is a function of a written file.
type goHelper struct {
	text  string
	needs []string
}

// goHelpers are they, by name. What a model does not need is not in its file.
var goHelpers = map[string]goHelper{
	"decode": {text: `func decode(text string) []float32 {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	w := make([]float32, len(raw)/4)
	for i := range w {
		b := raw[4*i:]
		w[i] = math.Float32frombits(uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24)
	}
	return w
}`},
	"linear": {text: `func linear(y, x, w, b []float32) {
	if b != nil {
		copy(y, b)
	} else {
		clear(y)
	}
	for i, v := range x {
		if v == 0 {
			continue
		}
		row := w[i*len(y) : (i+1)*len(y)]
		for j, k := range row {
			y[j] += v * k
		}
	}
}`},
	"add": {text: `func add(y, a, b []float32) {
	for i, v := range a {
		y[i] = v + b[i]
	}
}`},
	"affine": {text: `func affine(y, x, scale, shift []float32) {
	for i, v := range x {
		y[i] = v*scale[i] + shift[i]
	}
}`},
	"tokens": {text: `func tokens(y, table []float32, codes []int32, dim int) {
	for i, c := range codes {
		to := y[i*dim : (i+1)*dim]
		if c >= 0 && int(c) < len(table)/dim {
			copy(to, table[int(c)*dim:])
		} else {
			clear(to)
		}
	}
}`},
	"bagSum": {text: `func bagSum(y, table []float32, codes []int32, dim int) (n int) {
	clear(y)
	for _, c := range codes {
		if c >= 0 && int(c) < len(table)/dim {
			for i, v := range table[int(c)*dim : int(c+1)*dim] {
				y[i] += v
			}
			n++
		}
	}
	return n
}`},
	"bagMean": {text: `func bagMean(y, table []float32, codes []int32, dim int) {
	n := bagSum(y, table, codes, dim)
	for i := range y {
		y[i] /= float32(max(n, 1))
	}
}`, needs: []string{"bagSum"}},
	"normalise": {text: `func normalise(y, x, w, b []float32, epsilon float64, centered bool) {
	mean, square := 0.0, 0.0
	if centered {
		for _, v := range x {
			mean += float64(v)
		}
		mean /= float64(len(x))
	}
	for _, v := range x {
		square += (float64(v) - mean) * (float64(v) - mean)
	}
	scale := 1 / math.Sqrt(square/float64(len(x))+epsilon)
	for i, v := range x {
		z := (float64(v) - mean) * scale
		if w != nil {
			z *= float64(w[i])
		}
		if b != nil {
			z += float64(b[i])
		}
		y[i] = float32(z)
	}
}`},
	"prelu": {text: `func prelu(y, x, slope []float32) {
	for i, v := range x {
		if y[i] = v; v < 0 {
			y[i] = v * slope[i%len(slope)]
		}
	}
}`},
	"glu": {text: `func glu(y, x []float32) {
	for i := range y {
		y[i] = x[i] * sigmoid(x[len(y)+i])
	}
}`, needs: []string{"sigmoid"}},
	"softmax": {text: `func softmax(y, x []float32) {
	most, sum := x[0], 0.0
	for _, v := range x {
		most = max(most, v)
	}
	for _, v := range x {
		sum += math.Exp(float64(v - most))
	}
	for i, v := range x {
		y[i] = float32(math.Exp(float64(v-most)) / sum)
	}
}`},
	"logSoftmax": {text: `func logSoftmax(y, x []float32) {
	most, sum := x[0], 0.0
	for _, v := range x {
		most = max(most, v)
	}
	for _, v := range x {
		sum += math.Exp(float64(v - most))
	}
	for i, v := range x {
		y[i] = float32(float64(v-most) - math.Log(sum))
	}
}`},
	"relu":        {text: `func relu(v float32) float32 { return max(v, 0) }`},
	"relu6":       {text: `func relu6(v float32) float32 { return min(max(v, 0), 6) }`},
	"hardtanh":    {text: `func hardtanh(v, lo, hi float32) float32 { return min(max(v, lo), hi) }`},
	"hardsigmoid": {text: `func hardsigmoid(v float32) float32 { return min(max(v+3, 0), 6) / 6 }`},
	"hardswish":   {text: `func hardswish(v float32) float32 { return v * min(max(v+3, 0), 6) / 6 }`},
	"softsign":    {text: `func softsign(v float32) float32 { return v / (1 + max(v, -v)) }`},
	"tanh":        {text: `func tanh(v float32) float32 { return float32(math.Tanh(float64(v))) }`},
	"sigmoid":     {text: `func sigmoid(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }`},
	"silu":        {text: `func silu(v float32) float32 { return float32(float64(v) / (1 + math.Exp(-float64(v)))) }`},
	"gelu":        {text: `func gelu(v float32) float32 { return float32(0.5 * float64(v) * math.Erfc(-float64(v)/math.Sqrt2)) }`},
	"geluTanh": {text: `func geluTanh(v float32) float32 {
	x := float64(v)
	return float32(0.5 * x * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))))
}`},
	"mish": {text: `func mish(v float32) float32 {
	x := float64(v)
	return float32(x * math.Tanh(max(x, 0)+math.Log1p(math.Exp(-math.Abs(x)))))
}`},
	"logSigmoid": {text: `func logSigmoid(v float32) float32 {
	x := float64(v)
	return float32(min(x, 0) - math.Log1p(math.Exp(-math.Abs(x))))
}`},
	"softplus": {text: `func softplus(v, beta, threshold float32) float32 {
	x := float64(v) * float64(beta)
	if x > float64(threshold) {
		return v
	}
	return float32((max(x, 0) + math.Log1p(math.Exp(-math.Abs(x)))) / float64(beta))
}`},
	"leakyReLU": {text: `func leakyReLU(v, slope float32) float32 {
	if v < 0 {
		return v * slope
	}
	return v
}`},
	"elu": {text: `func elu(v, alpha float32) float32 {
	if v > 0 {
		return v
	}
	return float32(float64(alpha) * math.Expm1(float64(v)))
}`},
	"celu": {text: `func celu(v, alpha float32) float32 {
	if v > 0 {
		return v
	}
	return float32(float64(alpha) * math.Expm1(float64(v)/float64(alpha)))
}`},
	"selu": {text: `func selu(v float32) float32 {
	const scale, alpha = 1.0507009873554804934193349852946, 1.6732632423543772848170429916717
	if v > 0 {
		return float32(scale * float64(v))
	}
	return float32(scale * alpha * math.Expm1(float64(v)))
}`},
}
