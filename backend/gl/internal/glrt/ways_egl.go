//go:build cgo && gl && linux

package glrt

import "github.com/gloss-ml/gloss/backend/gl/internal/egl"

func eglWays() ([]way, error) {
	devices, err := egl.Devices()
	all := make([]way, len(devices))
	for i, d := range devices {
		all[i] = way{d.Name, d.Software, func(major, minor int) (context, error) {
			c, err := egl.Open(d, major, minor)
			if err != nil {
				return nil, err
			}
			return c, nil
		}}
	}
	return all, err
}
